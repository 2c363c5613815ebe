import type { INodeProperties } from 'n8n-workflow';
import { locatorFields } from '../../n8n/locatorField';
import { periodFields } from './period';
import { splitOption } from './splitOption';

const show = { resource: ['preservation'], operation: ['buildPackage'] };

export const packageFields: INodeProperties[] = [
	{
		displayName: 'Sendings and Messages',
		name: 'threadsFrom',
		type: 'options',
		options: [
			{
				name: 'All of a Period',
				value: 'period',
				description: 'Each belongs to the day of its first certified time',
			},
			{
				name: 'Those of the Items',
				value: 'items',
				description: 'Each with all that belongs to it, wherever it lies',
			},
		],
		default: 'period',
		displayOptions: { show },
	},
	...locatorFields({ ...show, threadsFrom: ['items'] }),
	...periodFields({ ...show, threadsFrom: ['period'] }),
	{
		displayName: 'Organization (Produttore)',
		name: 'ownerName',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. Studio Rossi S.r.l.',
		description: 'Whose messages they are (soggetto produttore), as the indexes name it',
		displayOptions: { show },
	},
];

export const packageOptions: INodeProperties[] = [
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: { show },
		options: [
			{
				displayName: 'Also What Is Incomplete',
				name: 'includeIncomplete',
				type: 'boolean',
				default: false,
				description:
					'Whether to pack also sendings of which a receipt or the message is missing; they are marked as incomplete',
			},
			{
				displayName: 'Document That Governs Preservation',
				name: 'document',
				type: 'string',
				default: '',
				placeholder: 'e.g. Manuale di conservazione 2026',
				description: 'Named in the index beside the organization',
			},
			{
				displayName: 'Leave Out What Was Handed Over',
				name: 'leaveOutHandedOver',
				type: 'boolean',
				default: false,
				description:
					'Whether to leave out sendings and messages of which Import Report recorded every message as handed over; one that got a further receipt since then is packed again, whole',
			},
			{
				displayName: 'Package Name',
				name: 'packageName',
				type: 'string',
				default: '',
				placeholder: 'e.g. pec-2026-03',
				description: 'Of the file and the folder in it. Empty means the address and the first day.',
			},
			splitOption,
			{
				displayName: 'Tax ID',
				name: 'taxId',
				type: 'string',
				default: '',
				placeholder: 'e.g. VATIT-01234567890',
				description: 'Of the organization, as the index UNI 11386 writes it',
			},
		],
	},
];
