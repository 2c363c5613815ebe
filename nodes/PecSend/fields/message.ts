import type { INodeProperties } from 'n8n-workflow';
import { locatorFields } from '../../n8n/locatorField';
import { letterOptions } from './letter';
import { noticeFields, purposeField } from './notice';

const showSend = { resource: ['message'], operation: ['send'] };
const showReply = { resource: ['message'], operation: ['reply'] };
const showForward = { resource: ['message'], operation: ['forward'] };
const showAddressed = { resource: ['message'], operation: ['send', 'forward'] };
const showAnswering = { resource: ['message'], operation: ['reply', 'forward'] };
const showAll = { resource: ['message'], operation: ['send', 'reply', 'forward'] };

const cc: INodeProperties = {
	displayName: 'Cc',
	name: 'cc',
	type: 'string',
	default: '',
	displayOptions: { hide: { '/purpose': ['noticeL53'] } },
	placeholder: 'e.g. bianchi@pec.example.it',
	description:
		'PEC addresses, separated by commas. The delivery receipt of a Cc recipient is concise: it proves less, since it holds nothing of the message.',
};

const sendKey: INodeProperties = {
	displayName: 'Send Key',
	name: 'sendKey',
	type: 'string',
	default: '',
	placeholder: 'e.g. {{ $json.invoiceNumber }}',
	description:
		'A message with this key is sent once, however often and wherever the flow is run. Empty: once for each execution, node and item. An execution that is started again has a new ID and would send again: whoever does that sets a key of his own, such as the invoice number.',
};

export const messageFields: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['message'] } },
		options: [
			{
				name: 'Forward (Inoltra)',
				value: 'forward',
				description:
					'Send a message of the mailbox on as an attached file, exactly as it was received',
				action: 'Forward a message',
			},
			{
				name: 'Reply (Rispondi)',
				value: 'reply',
				description: 'Answer a received message',
				action: 'Reply to a message',
			},
			{
				name: 'Send (Invia)',
				value: 'send',
				description: 'Send one certified message',
				action: 'Send a message',
			},
		],
		default: 'send',
	},
	...locatorFields(showAnswering),
	{
		displayName: 'To (Destinatari)',
		name: 'to',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. rossi@pec.example.it, bianchi@pec.example.it',
		description:
			'PEC addresses, separated by commas. They see one another: to write to many, use a mailing.',
		displayOptions: { show: showAddressed },
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
		displayName: 'Subject (Oggetto)',
		name: 'subject',
		type: 'string',
		default: '',
		placeholder: 'Empty: Re: and the subject as it came',
		displayOptions: { show: showReply },
	},
	{
		displayName: 'Subject (Oggetto)',
		name: 'subject',
		type: 'string',
		default: '',
		placeholder: 'Empty: Fwd: and the subject as it came',
		displayOptions: { show: showForward },
	},
	{
		displayName: 'Text (Testo)',
		name: 'text',
		type: 'string',
		typeOptions: { rows: 6 },
		default: '',
		displayOptions: { show: showAll },
	},
	{
		displayName: 'Attachments (Allegati)',
		name: 'attachments',
		type: 'string',
		default: '',
		placeholder: 'e.g. data, attachment_0',
		description: 'Names of the input binary fields to attach, separated by commas',
		displayOptions: { show: showAll },
	},
	purposeField(showSend),
	...noticeFields(showSend),
	letterOptions(showSend, [cc, sendKey]),
	letterOptions(showReply, [
		cc,
		{
			displayName: 'Quote Original Text',
			name: 'quoteOriginal',
			type: 'boolean',
			default: false,
			description: 'Whether to put the text of the message that is answered below the reply',
		},
		sendKey,
	]),
	letterOptions(showForward, [cc, sendKey]),
];
