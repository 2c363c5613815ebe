import type { INodeProperties } from 'n8n-workflow';
import { archiveFields } from '../../n8n/archiveFields';
import { locatorFields } from '../../n8n/locatorField';

const show = { resource: ['message'], operation: ['copyToMailbox'] };

export const messageCopyFields: INodeProperties[] = [
	...archiveFields(show),
	...locatorFields(show),
	{
		displayName: 'Form (Forma)',
		name: 'form',
		type: 'options',
		options: [
			{
				name: 'As It Is (Busta Originale)',
				value: 'exact',
				description:
					'The certified message itself. Where the other server changes what it stores, it goes as a file of a plain message.',
			},
			{
				name: 'Readable (Leggibile)',
				value: 'readable',
				description:
					'What the sender wrote, with its sender, date and attachments, and the certified message attached as a file',
			},
		],
		default: 'exact',
		displayOptions: { show },
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: { show },
		options: [
			{
				displayName: 'In Reply To (in Risposta A)',
				name: 'inReplyTo',
				type: 'string',
				default: '',
				placeholder: 'e.g. <1234@studio.example.it>',
				description:
					'The Message-ID of a message of the ordinary mailbox: mail programs show the readable copy in its conversation',
				displayOptions: { show: { '/form': ['readable'] } },
			},
			{
				displayName: 'Remember as Checked Copy (Copia Controllata)',
				name: 'remember',
				type: 'boolean',
				default: true,
				description:
					'Whether a copy that was read back and is equal is recorded in the certified mailbox: Find then knows it, and Clean Up may delete the message',
			},
		],
	},
];
