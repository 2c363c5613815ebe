import type { INodeProperties } from 'n8n-workflow';
import { folderField } from '../../n8n/folderSearch';
import { locatorFields } from '../../n8n/locatorField';

const show = { resource: ['message'], operation: ['update'] };
const showPlace = { ...show, place: ['move', 'copy'] };

export const messageUpdateFields: INodeProperties[] = [
	...locatorFields(show),
	{
		displayName: 'Mark (Segna)',
		name: 'mark',
		type: 'options',
		options: [
			{ name: 'Leave as It Is', value: 'none' },
			{ name: 'As Read (Letto)', value: 'read' },
			{ name: 'As Unread (Da Leggere)', value: 'unread' },
		],
		default: 'none',
		displayOptions: { show },
	},
	{
		displayName: 'Flag (Contrassegno)',
		name: 'flag',
		type: 'options',
		options: [
			{ name: 'Leave as It Is', value: 'none' },
			{ name: 'Set (Contrassegna)', value: 'flagged' },
			{ name: 'Take Away (Togli)', value: 'unflagged' },
		],
		default: 'none',
		description: 'The mark that mail programs show as a star or a flag',
		displayOptions: { show },
	},
	{
		displayName: 'Move or Copy (Sposta O Copia)',
		name: 'place',
		type: 'options',
		options: [
			{ name: 'Leave Where It Is', value: 'none' },
			{ name: 'Move to Folder (Sposta)', value: 'move' },
			{ name: 'Copy to Folder (Copia)', value: 'copy' },
		],
		default: 'none',
		description:
			'Within this mailbox. A message is never removed before it is seen in the other folder.',
		displayOptions: { show },
	},
	folderField({
		displayName: 'To Folder (Cartella)',
		name: 'targetFolder',
		displayOptions: { show: showPlace },
		description: 'The folder of this mailbox that it goes to',
	}),
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: { show: showPlace },
		options: [
			{
				displayName: 'If the Folder Is Missing',
				name: 'missingFolder',
				type: 'options',
				options: [
					{ name: 'Create It', value: 'create' },
					{ name: 'Stop', value: 'fail' },
				],
				default: 'fail',
			},
		],
	},
];
