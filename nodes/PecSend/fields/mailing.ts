import type { INodeProperties } from 'n8n-workflow';
import { followFields } from './follow';
import { letterOptions } from './letter';

const showSend = { resource: ['mailing'], operation: ['send', 'retryFailed', 'resendUnclear'] };

export const mailingFields: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['mailing'] } },
		options: [
			{
				name: 'Forget (Dimentica)',
				value: 'forget',
				description: 'Remove the records of a mailing for good; its receipts stay',
				action: 'Forget a mailing',
			},
			{
				name: 'Report (Rapporto)',
				value: 'report',
				description:
					'Get a report to print and a table, with the state and the receipts of each recipient',
				action: 'Get the report of a mailing',
			},
			{
				name: 'Resend Unclear (Esito Incerto)',
				value: 'resendUnclear',
				description: 'Show what may or may not have been sent, then send it again if you decide so',
				action: 'Resend what is unclear of a mailing',
			},
			{
				name: 'Retry Failed (Riprova Non Consegnati)',
				value: 'retryFailed',
				description:
					'Send once more to the recipients that were not reached, for the reasons you choose',
				action: 'Retry what failed of a mailing',
			},
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
		displayOptions: { show: showSend },
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
	...followFields,
];
