import type { INodeProperties } from 'n8n-workflow';
import { splitOption } from './splitOption';
import { acknowledgeFields } from './threadAcknowledge';

const show = { resource: ['thread'], operation: ['get', 'buildFile'] };
const showFile = { resource: ['thread'], operation: ['buildFile'] };

/** What an operation on `thread` is; each operation's own fields show themselves. */
export const threadFields: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['thread'] } },
		options: [
			{
				name: 'Acknowledge (Prendi Atto)',
				value: 'acknowledge',
				description:
					'Record that a person looked at a sending that failed, so that Clean Up keeps it no more for that',
				action: 'Acknowledge a failed sending',
			},
			{
				name: 'Build File (Fascicolo)',
				value: 'buildFile',
				description:
					'Put together what proves a sending, one folder for each recipient, with a page that explains it',
				action: 'Build the evidence file of a sending',
			},
			{
				name: 'Get (Leggi)',
				value: 'get',
				description: 'Get all that belongs to a sending or a received message, and what is missing',
				action: 'Get a sending and its receipts',
			},
		],
		default: 'get',
	},
	{
		displayName: 'Find By (Cerca Per)',
		name: 'findBy',
		type: 'options',
		options: [
			{ name: 'Mailing (Invio Massivo)', value: 'mailing' },
			{
				name: 'Message-ID',
				value: 'messageId',
				description: 'Of the message that was sent, as PEC Send puts it out',
			},
			{
				name: 'PEC Key',
				value: 'pecKey',
				description: 'Of any of its messages, as PEC Trigger and Get Many put them out',
			},
		],
		default: 'messageId',
		displayOptions: { show },
	},
	{
		displayName: 'Message-ID',
		name: 'messageId',
		type: 'string',
		default: '={{ $json.messageId }}',
		required: true,
		displayOptions: { show: { ...show, findBy: ['messageId'] } },
	},
	{
		displayName: 'PEC Key (Messaggio)',
		name: 'pecKey',
		type: 'string',
		default: '={{ $json.pecKey }}',
		required: true,
		displayOptions: { show: { ...show, findBy: ['pecKey'] } },
	},
	{
		displayName: 'Mailing Name (Nome Invio)',
		name: 'mailingName',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. Assemblea condominio 2026-03',
		description: 'Exactly as it was written when it was sent',
		displayOptions: { show: { ...show, findBy: ['mailing'] } },
	},
	{
		displayName: 'Recipient PEC (Destinatario)',
		name: 'recipient',
		type: 'string',
		default: '',
		placeholder: 'e.g. rossi@pec.example.it',
		description: 'Empty means all recipients of the mailing',
		displayOptions: { show: { ...show, findBy: ['mailing'] } },
	},
	{
		displayName: 'Row Key (Pratica/Protocollo)',
		name: 'rowKey',
		type: 'string',
		default: '',
		placeholder: 'e.g. 2026-17',
		description: 'Empty means whatever row key',
		displayOptions: { show: { ...show, findBy: ['mailing'] } },
	},
	{
		displayName: 'Put Output File in Field',
		name: 'outputField',
		type: 'string',
		default: 'data',
		required: true,
		description: 'The binary field that the ZIP goes into',
		displayOptions: { show: showFile },
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: { show: showFile },
		options: [
			{
				displayName: 'Language (Lingua)',
				name: 'language',
				type: 'options',
				options: [
					{ name: 'English', value: 'en' },
					{ name: 'Italiano', value: 'it' },
				],
				default: 'it',
				description: 'Of the page that explains the file',
			},
			splitOption,
		],
	},
	...acknowledgeFields,
];
