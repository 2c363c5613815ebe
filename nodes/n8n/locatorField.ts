import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';

/** Which message is meant: by its key, with where it was last seen as a hint that is checked. */
export function locatorFields(show: IDisplayOptions['show']): INodeProperties[] {
	return [
		{
			displayName: 'PEC Key (Messaggio)',
			name: 'pecKey',
			type: 'string',
			default: '={{ $json.pecKey }}',
			required: true,
			hint: 'Which message: pecKey of an item of PEC Trigger or Get Many',
			description: 'The message is found wherever it was moved to',
			displayOptions: { show },
		},
	];
}
