import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';

/** Which message is meant: by its key, with where it was last seen as a hint that is checked. */
export function locatorFields(show: IDisplayOptions['show']): INodeProperties[] {
	return [
		{
			displayName: 'PEC Key',
			name: 'pecKey',
			type: 'string',
			default: '={{ $json.pecKey }}',
			required: true,
			description:
				'The message, as PEC Trigger and Get Many put it out. It is found wherever it was moved to.',
			displayOptions: { show },
		},
	];
}
