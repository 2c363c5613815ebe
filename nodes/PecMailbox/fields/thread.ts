import type { INodeProperties } from 'n8n-workflow';
import { acknowledgeFields, acknowledgeOption } from './threadAcknowledge';

export const threadFields: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['thread'] } },
		options: [acknowledgeOption],
		default: 'acknowledge',
	},
	...acknowledgeFields,
];
