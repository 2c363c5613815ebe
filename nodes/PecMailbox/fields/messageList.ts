import type { INodeProperties } from 'n8n-workflow';
import { folderField } from '../../n8n/folderSearch';

const showGetMany = { resource: ['message'], operation: ['getMany'] };

export const messageListFields: INodeProperties[] = [
	{
		displayName: 'Folders (Cartelle)',
		name: 'folders',
		type: 'options',
		options: [
			{ name: 'All Folders', value: 'all' },
			{ name: 'One Folder', value: 'one' },
		],
		default: 'one',
		displayOptions: { show: showGetMany },
	},
	folderField({
		displayOptions: { show: { ...showGetMany, folders: ['one'] } },
		description: 'The folder to list',
	}),
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
		displayOptions: { show: showGetMany },
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		description: 'Max number of results to return',
		displayOptions: { show: { ...showGetMany, returnAll: [false] } },
	},
	{
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		placeholder: 'Add filter',
		default: {},
		displayOptions: { show: showGetMany },
		options: [
			{
				displayName: 'Checked Copy (Copia Controllata)',
				name: 'copy',
				type: 'options',
				options: [
					{ name: 'With or Without', value: 'any' },
					{ name: 'With a Checked Copy', value: 'with' },
					{ name: 'Without a Checked Copy', value: 'without' },
				],
				default: 'any',
			},
			{ displayName: 'From Contains', name: 'from', type: 'string', default: '' },
			{
				displayName: 'Kind (Tipo)',
				name: 'kinds',
				type: 'multiOptions',
				options: [
					{ name: 'Anomaly Envelope (Busta Di Anomalia)', value: 'anomalyEnvelope' },
					{ name: 'Delivery Status of Ordinary Mail', value: 'deliveryStatus' },
					{ name: 'Ordinary Mail (Posta Ordinaria)', value: 'ordinary' },
					{ name: 'Receipt (Ricevuta)', value: 'receipt' },
					{ name: 'REM Evidence', value: 'rem' },
					{ name: 'Transport Envelope (Busta Di Trasporto)', value: 'transportEnvelope' },
					{ name: 'Unreadable', value: 'unreadable' },
				],
				default: [],
			},
			{
				displayName: 'Larger Than (MB)',
				name: 'larger',
				type: 'number',
				typeOptions: { minValue: 0, numberPrecision: 2 },
				default: 0,
			},
			{
				displayName: 'Mailing Name (Nome Invio)',
				name: 'mailing',
				type: 'string',
				default: '',
				description: 'Receipts of this mailing',
			},
			{
				displayName: 'Receipt Type (Tipo Di Ricevuta)',
				name: 'receiptTypes',
				type: 'multiOptions',
				options: [
					{ name: 'Acceptance (Accettazione)', value: 'acceptance' },
					{ name: 'Delivery (Avvenuta Consegna)', value: 'delivery' },
					{ name: 'Delivery Delay (Preavviso)', value: 'deliveryDelay' },
					{ name: 'Non-Acceptance (Non Accettazione)', value: 'nonAcceptance' },
					{ name: 'Non-Delivery (Mancata Consegna)', value: 'nonDelivery' },
					{ name: 'Virus (Rilevazione Virus)', value: 'virusDetected' },
				],
				default: [],
			},
			{ displayName: 'Received After', name: 'since', type: 'dateTime', default: '' },
			{ displayName: 'Received Before', name: 'before', type: 'dateTime', default: '' },
			{
				displayName: 'Row Key (Pratica/Protocollo)',
				name: 'rowKey',
				type: 'string',
				default: '',
				description: 'Receipts of rows with this key, of the mailing named or of any',
			},
			{
				displayName: 'Smaller Than (MB)',
				name: 'smaller',
				type: 'number',
				typeOptions: { minValue: 0, numberPrecision: 2 },
				default: 0,
			},
			{ displayName: 'Subject Contains', name: 'subject', type: 'string', default: '' },
			{ displayName: 'To Contains', name: 'to', type: 'string', default: '' },
		],
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: { show: showGetMany },
		options: [
			{
				displayName: 'After (Continua Da)',
				name: 'after',
				type: 'string',
				default: '',
				placeholder: 'e.g. {{ $json.cursor }}',
				description:
					'The <code>cursor</code> of the last item of the page before: the list goes on behind it. With the same folders and filters; messages that arrived since then are not in it.',
			},
		],
	},
];
