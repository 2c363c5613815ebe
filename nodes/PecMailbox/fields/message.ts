import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';
import { BUILT_IN_SIGNERS, SIGNERS_FIELD } from '../../n8n/credential';
import { locatorFields } from '../../n8n/locatorField';
import { messageCopyFields } from './messageCopy';
import { messageFindFields } from './messageFind';
import { messageListFields } from './messageList';
import { messageUpdateFields } from './messageUpdate';

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
				name: 'Copy to Mailbox (Copia in Una Casella)',
				value: 'copyToMailbox',
				description: 'Copy a message to an ordinary mailbox, once, and compare what it holds',
				action: 'Copy a message to an ordinary mailbox',
			},
			{
				name: 'Find (Trova)',
				value: 'find',
				description: 'Find where messages are, also those that have left the mailbox',
				action: 'Find messages and their copies',
			},
			{
				name: 'Get (Leggi)',
				value: 'get',
				description: 'Get one whole message, with its attachments or its raw bytes',
				action: 'Get a message',
			},
			{
				name: 'Get Many (Elenca)',
				value: 'getMany',
				description:
					'List messages of one folder or all by their headers, without downloading them',
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
	...messageListFields,
	...messageFindFields,
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
	...messageCopyFields,
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
