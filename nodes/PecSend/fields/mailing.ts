import type { INodeProperties } from 'n8n-workflow';
import { followFields, furtherAttemptFields } from './follow';
import { letterOptions } from './letter';
import { listedRecipientFields, personalFileFields } from './recipients';
import { mailingName } from './mailingName';
import { mailingOptions } from './mailingOptions';

/** The operations that read rows and letters: all show the same form. */
export const LETTER_OPERATIONS = ['preview', 'send', 'retryFailed', 'resendUnclear'];

const showLetters = { resource: ['mailing'], operation: LETTER_OPERATIONS };
const showItems = { ...showLetters, recipientsFrom: ['items'] };

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
				name: 'Preview (Anteprima)',
				value: 'preview',
				description:
					'See every letter and what sending would do, without sending: problems, space, addresses that failed before',
				action: 'Preview a mailing',
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
					'Send one certified message to each recipient; run again to go on where it stopped',
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
	mailingName(
		showLetters,
		'Identifies this mailing for good: a recipient (with the same row key) gets it once under this name, however often it is run. A new letter to the same people needs a new name.',
		'Under one name a recipient gets the letter once: a new letter needs a new name',
	),
	...furtherAttemptFields,
	{
		displayName: 'Recipients From (Destinatari Da)',
		name: 'recipientsFrom',
		type: 'options',
		options: [
			{
				name: 'A CSV File (Foglio CSV)',
				value: 'csv',
				description: 'One item with a CSV file as Excel saves it; one message per row',
			},
			{
				name: 'A List of Addresses (Elenco)',
				value: 'list',
				description: 'One item with many addresses; one message per address',
			},
			{
				name: 'Items (Elementi)',
				value: 'items',
				description: 'One message per item that comes in; expressions give each its own values',
			},
		],
		default: 'items',
		description:
			'With a list or a CSV an expression {{ }} is the same for all recipients: write [[Name of Column]] for what each has of its own',
		displayOptions: { show: showLetters },
	},
	{
		displayName: 'Recipient PEC (Destinatario)',
		name: 'recipient',
		type: 'string',
		default: '={{ $json.pec }}',
		required: true,
		placeholder: 'e.g. rossi@pec.example.it',
		description: 'One address. Each item becomes one message to one recipient.',
		displayOptions: { show: showItems },
	},
	{
		displayName: 'Row Key (Pratica/Protocollo)',
		name: 'rowKey',
		type: 'string',
		default: '',
		placeholder: 'e.g. {{ $json.pratica }}',
		description:
			'Tells apart two letters of this mailing to the same address, such as an accountant who stands for several clients',
		displayOptions: { show: showItems },
	},
	...listedRecipientFields(showLetters),
	{
		displayName: 'Subject (Oggetto)',
		name: 'subject',
		type: 'string',
		default: '',
		placeholder: 'e.g. Convocazione assemblea',
		description: 'From a list or a CSV, [[Name of Column]] stands for each recipient’s own value',
		displayOptions: { show: showLetters },
	},
	{
		displayName: 'Text (Testo)',
		name: 'text',
		type: 'string',
		typeOptions: { rows: 6 },
		default: '',
		description: 'From a list or a CSV, [[Name of Column]] stands for each recipient’s own value',
		displayOptions: { show: showLetters },
	},
	{
		displayName: 'Shared Attachments (Comuni)',
		name: 'sharedAttachments',
		type: 'string',
		default: '',
		placeholder: 'e.g. data',
		description: 'Binary fields of the first item, attached to every message; separated by commas',
		displayOptions: { show: showLetters },
	},
	...personalFileFields(showLetters),
	letterOptions(showLetters, mailingOptions),
	...followFields,
];
