import type { INodeProperties } from 'n8n-workflow';

/** The default of `DEFAULT_PART_MB`. */
export const splitOption: INodeProperties = {
	displayName: 'Split At (MB)',
	name: 'splitAt',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 500,
	description:
		'Largest size of one ZIP; the rest goes into further ones. n8n keeps files in its database only up to 512 MB.',
};
