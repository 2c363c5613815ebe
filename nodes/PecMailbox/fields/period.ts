import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';

/** A period by the days on which messages came, as a mail server knows them. */
export function periodFields(show: IDisplayOptions['show']): INodeProperties[] {
	return [
		{
			displayName: 'Received From (Dal)',
			name: 'since',
			type: 'dateTime',
			default: '',
			description: 'The first day. Empty means from the beginning.',
			displayOptions: { show },
		},
		{
			displayName: 'Received Before (Prima Del)',
			name: 'before',
			type: 'dateTime',
			default: '',
			description: 'The first day that is left out. Empty means up to now.',
			displayOptions: { show },
		},
	];
}
