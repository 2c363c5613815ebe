import type { INodeProperties } from 'n8n-workflow';
import { letterOptions } from './letter';

const showSend = { resource: ['mailing'], operation: ['send'] };

export const mailingFields: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['mailing'] } },
		options: [
			{
				name: 'Send (Invia)',
				value: 'send',
				description:
					'Send one certified message to each item’s recipient; run again to go on where it stopped',
				action: 'Send a mailing',
			},
			{
				name: 'Track (Segui Le Ricevute)',
				value: 'track',
				description: 'Get the state of each recipient from the mailbox’s receipts and records',
				action: 'Track a mailing',
			},
		],
		default: 'send',
	},
	{
		displayName: 'Mailing Name (Nome Invio)',
		name: 'mailingName',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. Assemblea condominio 2026-03',
		description:
			'Identifies this mailing for good: a recipient (with the same row key) gets it once under this name, however often it is run. A new letter to the same people needs a new name.',
		displayOptions: { show: { resource: ['mailing'] } },
	},
	{
		displayName: 'Recipient PEC (Destinatario)',
		name: 'recipient',
		type: 'string',
		default: '={{ $json.pec }}',
		required: true,
		placeholder: 'e.g. rossi@pec.example.it',
		description: 'One address. Each item becomes one message to one recipient.',
		displayOptions: { show: showSend },
	},
	{
		displayName: 'Row Key (Pratica/Protocollo)',
		name: 'rowKey',
		type: 'string',
		default: '',
		placeholder: 'e.g. {{ $json.pratica }}',
		description:
			'Tells apart two letters of this mailing to the same address, such as an accountant who stands for several clients',
		displayOptions: { show: showSend },
	},
	{
		displayName: 'Subject (Oggetto)',
		name: 'subject',
		type: 'string',
		default: '',
		placeholder: 'e.g. Convocazione assemblea',
		displayOptions: { show: showSend },
	},
	{
		displayName: 'Text (Testo)',
		name: 'text',
		type: 'string',
		typeOptions: { rows: 6 },
		default: '',
		displayOptions: { show: showSend },
	},
	{
		displayName: 'Shared Attachments (Comuni)',
		name: 'sharedAttachments',
		type: 'string',
		default: '',
		placeholder: 'e.g. data',
		description: 'Binary fields of the first item, attached to every message; separated by commas',
		displayOptions: { show: showSend },
	},
	{
		displayName: 'Personal Attachments',
		name: 'personalAttachments',
		type: 'string',
		default: '',
		placeholder: 'e.g. bolletta',
		description: 'Binary fields of each item, attached to its own message; separated by commas',
		displayOptions: { show: showSend },
	},
	letterOptions(showSend),
	{
		displayName: 'Wait Up To (Minutes)',
		name: 'waitMinutes',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 1440 },
		default: 0,
		description:
			'Waits for receipts until every recipient has a final state, but no longer than this. 0 answers at once with what is known.',
		displayOptions: { show: { resource: ['mailing'], operation: ['track'] } },
	},
];
