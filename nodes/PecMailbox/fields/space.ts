import type { INodeProperties } from 'n8n-workflow';

const showReport = { resource: ['space'], operation: ['report'] };

export const spaceFields: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['space'] } },
		options: [
			{
				name: 'Get (Leggi)',
				value: 'get',
				description: 'Get used and total space and the size of each folder',
				action: 'Get the space of the mailbox',
			},
			{
				name: 'Report (Rapporto)',
				value: 'report',
				description:
					'Show what fills the mailbox, how it grows and what a clean-up would free, as a page to print. Nothing is changed.',
				action: 'Report what fills the mailbox',
			},
		],
		default: 'get',
	},
	{
		displayName: 'Threshold in Percent (Soglia)',
		name: 'threshold',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 100 },
		default: 80,
		description: 'Above it, <code>space.overThreshold</code> is true: wire an If node to it',
		displayOptions: { show: { resource: ['space'], operation: ['get'] } },
	},
	{
		displayName: 'Threshold in Percent (Soglia)',
		name: 'threshold',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 100 },
		default: 80,
		description:
			'Above it the report warns, and <code>report.space.overThreshold</code> is true: wire an If node to it',
		displayOptions: { show: showReport },
	},
	{
		displayName: 'Clean-Up Ages (Days)',
		name: 'olderThanDays',
		type: 'string',
		default: '30, 90, 180, 365',
		placeholder: 'e.g. 30, 90, 180, 365',
		description:
			'For each, the report says what cleaning up everything older would free. Empty leaves that out, and is quicker.',
		displayOptions: { show: showReport },
	},
	{
		displayName: 'Language (Lingua)',
		name: 'language',
		type: 'options',
		options: [
			{ name: 'English', value: 'en' },
			{ name: 'Italiano', value: 'it' },
		],
		default: 'it',
		displayOptions: { show: showReport },
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: { show: { resource: ['space'] } },
		options: [
			{
				displayName: 'Mailbox Size (MB)',
				name: 'mailboxSize',
				type: 'number',
				typeOptions: { minValue: 0 },
				default: 1024,
				description:
					'How much the mailbox holds, by your contract: 1 GB is 1024. Counts only where the provider’s server does not say it; 0 means not known.',
			},
			{
				displayName: 'Put Output File in Field',
				name: 'outputField',
				type: 'string',
				default: 'report',
				description: 'The binary field that the page goes into',
				displayOptions: { show: { '/operation': ['report'] } },
			},
		],
	},
];
