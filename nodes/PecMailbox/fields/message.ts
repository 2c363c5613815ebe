import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';
import { BUILT_IN_SIGNERS, SIGNERS_FIELD } from '../../n8n/credential';
import { folderField } from '../../n8n/folderSearch';
import { locatorFields } from '../../n8n/locatorField';
import { messageUpdateFields } from './messageUpdate';

const showGetMany = { resource: ['message'], operation: ['getMany'] };
const showGet = { resource: ['message'], operation: ['get'] };
const showReadFile = { resource: ['message'], operation: ['readFile'] };

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
			{
				name: 'Read File (Leggi File)',
				value: 'readFile',
				description:
					'Read and verify messages saved as .eml, or a ZIP of them, without any connection',
				action: 'Read a message file',
			},
			{
				name: 'Update (Modifica)',
				value: 'update',
				description: 'Mark a message as read or flagged, move it or copy it to another folder',
				action: 'Update a message',
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
		displayName: 'Input Binary Field',
		name: 'binaryField',
		type: 'string',
		default: 'data',
		required: true,
		hint: 'The name of the field with the file: a message (.eml) or a ZIP of messages',
		description:
			'Several names are separated by commas; <code>attachment_*</code> stands for all that begin so',
		displayOptions: { show: showReadFile },
	},
	includeField(showReadFile, 'Exactly as it is in the file, in the field data'),
	{
		displayName: 'Trusted Signers',
		name: SIGNERS_FIELD,
		type: 'options',
		options: [
			{
				name: 'PEC Providers (Gestori PEC)',
				value: BUILT_IN_SIGNERS,
				description: 'As certified by the Italian PEC authorities. Needs no credential.',
			},
			{
				name: 'PEC Providers and the Issuing CA of a Credential',
				value: 'credential',
				description: 'Also the CA written in a PEC API credential: for messages of the sandbox',
			},
		],
		default: BUILT_IN_SIGNERS,
		description: 'Whose signature makes a message <code>verified</code>',
		displayOptions: { show: showReadFile },
	},
	includeField(showGet, 'Exactly as the server holds it, in the field data'),
	...messageUpdateFields,
];

function includeField(show: IDisplayOptions['show'], wholeMessage: string): INodeProperties {
	return {
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
				name: 'Unwrapped Signed Attachments (.p7m)',
				value: 'signedContents',
				description:
					'The document inside, in attachment_0_content, …; whether its signature is valid is not checked',
			},
			{ name: 'Whole Message (.eml)', value: 'message', description: wholeMessage },
		],
		default: ['attachments'],
		displayOptions: { show },
	};
}
