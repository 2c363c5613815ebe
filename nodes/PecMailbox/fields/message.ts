import type { INodeProperties } from 'n8n-workflow';
import { folderField } from '../../n8n/folderSearch';
import { locatorFields } from './locator';

const showGetMany = { resource: ['message'], operation: ['getMany'] };
const showGet = { resource: ['message'], operation: ['get'] };

export const messageFields: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['message'] } },
		options: [
			{
				name: 'Get (Leggi)',
				value: 'get',
				description: 'Get one whole message, with its attachments or its raw bytes',
				action: 'Get a message',
			},
			{
				name: 'Get Many (Elenca)',
				value: 'getMany',
				description: 'List messages of a folder by their headers, without downloading them',
				action: 'Get many messages',
			},
		],
		default: 'getMany',
	},
	folderField({
		displayOptions: { show: showGetMany },
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
			{ displayName: 'Subject Contains', name: 'subject', type: 'string', default: '' },
			{ displayName: 'To Contains', name: 'to', type: 'string', default: '' },
		],
	},
	...locatorFields(showGet),
	{
		displayName: 'Files to Put Out',
		name: 'include',
		type: 'multiOptions',
		options: [
			{
				name: 'Attachments (Allegati)',
				value: 'attachments',
				description: 'Of the original message, in attachment_0, attachment_1, …',
			},
			{
				name: 'Whole Message (.eml)',
				value: 'message',
				description: 'Exactly as the server holds it, in the field data',
			},
		],
		default: ['attachments'],
		displayOptions: { show: showGet },
	},
];
