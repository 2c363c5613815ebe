import type { INodeProperties } from 'n8n-workflow';

const show = { resource: ['thread'], operation: ['acknowledge'] };

export const acknowledgeFields: INodeProperties[] = [
	{
		displayName: 'Message-ID',
		name: 'messageId',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. {{ $json.messageId }}',
		description: 'Of the message that was sent, as PEC Send and Track put it out',
		displayOptions: { show },
	},
	{
		displayName: 'Recipient (Destinatario)',
		name: 'recipient',
		type: 'string',
		default: '',
		placeholder: 'e.g. rossi@pec.example.it',
		description: 'Only what concerns this address. Empty means all recipients of the message.',
		displayOptions: { show },
	},
	{
		displayName: 'Note (Annotazione)',
		name: 'note',
		type: 'string',
		typeOptions: { rows: 2 },
		default: '',
		required: true,
		placeholder: 'e.g. Spedita raccomandata il 3 marzo (M. Bianchi)',
		description: 'Who decided what, in your words. It is kept in the mailbox.',
		displayOptions: { show },
	},
	{
		displayName: 'Also Close What Is Awaited',
		name: 'closeAwaited',
		type: 'boolean',
		default: false,
		description:
			'Whether to close it although a receipt is still awaited, because none will come any more',
		displayOptions: { show },
	},
];
