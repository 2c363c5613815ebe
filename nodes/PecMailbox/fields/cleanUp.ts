import type { INodeProperties } from 'n8n-workflow';

export const cleanUpFields: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['cleanUp'] } },
		options: [
			{
				name: 'Delete (Elimina)',
				value: 'delete',
				description:
					'Delete for good the messages that have a checked copy and belong to no pending or failed sending',
				action: 'Delete messages that have a checked copy',
			},
			{
				name: 'Plan (Anteprima)',
				value: 'plan',
				description: 'Show what Delete would delete and what keeps the rest; nothing is deleted',
				action: 'Plan a clean up',
			},
		],
		default: 'plan',
	},
	{
		displayName: 'Folders (Cartelle)',
		name: 'folders',
		type: 'string',
		default: '',
		placeholder: 'e.g. INBOX, INBOX/Ricevute',
		description: 'Paths, separated by commas. Empty means every folder.',
		displayOptions: { show: { resource: ['cleanUp'] } },
	},
	{
		displayName: 'Older Than (Days)',
		name: 'olderThanDays',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 30,
		description: 'Messages that arrived later are kept',
		displayOptions: { show: { resource: ['cleanUp'] } },
	},
	{
		displayName: 'Keep Unread PEC',
		name: 'keepUnread',
		type: 'boolean',
		default: true,
		description:
			'Whether to keep received PEC that nobody has opened yet. Receipts do not count as unread.',
		displayOptions: { show: { resource: ['cleanUp'] } },
	},
];
