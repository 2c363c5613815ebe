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
				displayName: 'Output Sent Bytes',
				name: 'outputSentBytes',
				type: 'boolean',
				default: false,
				displayOptions: { hide: { '/operation': ['preview'] } },
				description:
					'Whether to put out each message exactly as it was sent, as an .eml file in the field data. Brief receipts always do.',
			},
			{
				displayName: 'Receipt Content (Ricevuta)',
				name: 'receiptContent',
				type: 'options',
				options: [
					{
						name: 'Brief (Breve)',
						value: 'brief',
						description:
							'Hashes of the attachments instead of the files: it proves the content only as long as you keep the message exactly as it was sent (it is put out in the field data)',
					},
					{
						name: 'Complete (Completa)',
						value: 'complete',
						description: 'The whole message: the receipt alone proves what was delivered',
					},
					{
						name: 'Concise (Sintetica)',
						value: 'concise',
						description: 'Nothing of the message: proves that one was delivered, not what it said',
					},
				],
				default: 'complete',
				displayOptions: { hide: { '/purpose': ['noticeL53'] } },
				description: 'What delivery receipts hold, and so what they prove',
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
				displayOptions: { hide: { '/operation': ['preview'] } },
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
					{
						name: 'Without Attachments',
						value: 'withoutAttachments',
						description:
							'Keep the letter; in the place of each file its name, size and SHA-256. Takes little space.',
					},
				],
				default: 'none',
			},
		],
	};
}
