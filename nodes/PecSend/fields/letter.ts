import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';

/** What one letter and the letters of a mailing have in common beyond the common case. */
export function letterOptions(
	show: IDisplayOptions['show'],
	more: INodeProperties[] = [],
): INodeProperties {
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: { show },
		options: [
			...more,
			{
				displayName: 'HTML',
				name: 'html',
				type: 'string',
				typeOptions: { rows: 6 },
				default: '',
				description: 'The letter as HTML, beside the text',
			},
			{
				displayName: 'Reply To',
				name: 'replyTo',
				type: 'string',
				default: '',
				placeholder: 'e.g. ufficio@pec.example.it',
				description: 'Where replies go. Receipts always come back to the sending address.',
			},
			{
				displayName: 'Sent Copy (Copia Inviata)',
				name: 'sentCopy',
				type: 'options',
				options: [
					{
						name: 'Full',
						value: 'full',
						description: 'Keep the exact bytes sent in the folder for sent messages',
					},
					{
						name: 'None',
						value: 'none',
						description:
							'Complete delivery receipts already hold the message; a copy doubles the space',
					},
				],
				default: 'none',
			},
		],
	};
}
