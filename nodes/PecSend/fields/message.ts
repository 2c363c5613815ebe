import type { INodeProperties } from 'n8n-workflow';
import { letterOptions } from './letter';

const show = { resource: ['message'], operation: ['send'] };

export const messageFields: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['message'] } },
		options: [
			{
				name: 'Send (Invia)',
				value: 'send',
				description: 'Send one certified message',
				action: 'Send a message',
			},
		],
		default: 'send',
	},
	{
		displayName: 'To (Destinatari)',
		name: 'to',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. rossi@pec.example.it, bianchi@pec.example.it',
		description:
			'PEC addresses, separated by commas. They see one another: to write to many, use a mailing.',
		displayOptions: { show },
	},
	{
		displayName: 'Subject (Oggetto)',
		name: 'subject',
		type: 'string',
		default: '',
		placeholder: 'e.g. Notice of meeting',
		displayOptions: { show },
	},
	{
		displayName: 'Text (Testo)',
		name: 'text',
		type: 'string',
		typeOptions: { rows: 6 },
		default: '',
		displayOptions: { show },
	},
	{
		displayName: 'Attachments (Allegati)',
		name: 'attachments',
		type: 'string',
		default: '',
		placeholder: 'e.g. data, attachment_0',
		description: 'Names of the input binary fields to attach, separated by commas',
		displayOptions: { show },
	},
	letterOptions(show, [
		{
			displayName: 'Cc',
			name: 'cc',
			type: 'string',
			default: '',
			description:
				'PEC addresses, separated by commas. The delivery receipt of a Cc recipient is concise: it proves less.',
		},
	]),
];
