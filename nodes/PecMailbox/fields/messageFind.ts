import type { INodeProperties } from 'n8n-workflow';

const show = { resource: ['message'], operation: ['find'] };

export const messageFindFields: INodeProperties[] = [
	{
		displayName: 'Find By (Cerca Per)',
		name: 'findBy',
		type: 'collection',
		placeholder: 'Add field',
		default: {},
		description: 'All that are filled in must fit. Letters are the same in upper and lower case.',
		displayOptions: { show },
		options: [
			{
				displayName: 'Correspondent Contains',
				name: 'correspondent',
				type: 'string',
				default: '',
				description: 'A part of the address or name of the sender or a recipient',
			},
			{
				displayName: 'Message-ID',
				name: 'messageId',
				type: 'string',
				default: '',
				description: 'Of the message, or of the letter that it carries or is a receipt for',
			},
			{
				displayName: 'PEC Key',
				name: 'pecKey',
				type: 'string',
				default: '',
				description: 'As PEC Trigger, Get Many and the records of copies have it',
			},
			{ displayName: 'Received After', name: 'since', type: 'dateTime', default: '' },
			{ displayName: 'Received Before', name: 'before', type: 'dateTime', default: '' },
			{ displayName: 'Subject Contains', name: 'subject', type: 'string', default: '' },
		],
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		description: 'Max number of results to return',
		displayOptions: { show },
	},
];
