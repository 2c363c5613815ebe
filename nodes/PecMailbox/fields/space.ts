import type { INodeProperties } from 'n8n-workflow';

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
		],
		default: 'get',
	},
	{
		displayName: 'Threshold (Percent)',
		name: 'threshold',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 100 },
		default: 80,
		description: 'Above it, <code>space.overThreshold</code> is true: wire an If node to it',
		displayOptions: { show: { resource: ['space'], operation: ['get'] } },
	},
];
