import type { INodeProperties } from 'n8n-workflow';
import { folderField } from '../../n8n/folderSearch';
import { locatorFields } from '../../n8n/locatorField';
import { packageFields, packageOptions } from './package';
import { periodFields } from './period';
import { reportFields } from './report';

const showExport = { resource: ['preservation'], operation: ['export'] };
const showCheckCopy = { resource: ['preservation'], operation: ['checkCopy'] };

export const preservationFields: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['preservation'] } },
		options: [
			{
				name: 'Build Package (Prepara Pacchetto)',
				value: 'buildPackage',
				description:
					'Pack whole sendings and received messages, with hashes and indexes, to be handed to a preservation service',
				action: 'Build a package for preservation',
			},
			{
				name: 'Check Copy (Controlla La Copia)',
				value: 'checkCopy',
				description:
					'Compare a file read back from storage with the server’s bytes, and record it as a checked copy',
				action: 'Check a copy',
			},
			{
				name: 'Export (Esporta)',
				value: 'export',
				description: 'Put out a message as .eml, exactly as the server holds it, with its SHA-256',
				action: 'Export a message',
			},
			{
				name: 'Import Report (Importa Rapporto)',
				value: 'importReport',
				description:
					'Read the submission report (rapporto di versamento) of a preservation service, and mark the checked copies that it names as handed over',
				action: 'Import a submission report',
			},
		],
		default: 'export',
	},
	{
		displayName: 'Messages (Messaggi)',
		name: 'messagesFrom',
		type: 'options',
		options: [
			{
				name: 'One of Each Item',
				value: 'items',
				description: 'As PEC Trigger or Get Many put them out',
			},
			{
				name: 'All of a Folder and Period',
				value: 'period',
				description: 'One item for each message that came in that time',
			},
		],
		default: 'items',
		displayOptions: { show: showExport },
	},
	...locatorFields({ ...showExport, messagesFrom: ['items'] }),
	folderField({
		displayOptions: { show: { ...showExport, messagesFrom: ['period'] } },
		description: 'The folder whose messages are exported',
	}),
	...periodFields({ ...showExport, messagesFrom: ['period'] }),
	...packageFields,
	{
		displayName: 'Put Output File in Field',
		name: 'outputField',
		type: 'string',
		default: 'data',
		required: true,
		description: 'The binary field that the file goes into',
		displayOptions: { show: { resource: ['preservation'], operation: ['export', 'buildPackage'] } },
	},
	...packageOptions,
	{
		displayName: 'Input Binary Field',
		name: 'binaryField',
		type: 'string',
		default: 'data',
		required: true,
		hint: 'The file as a node read it back from storage',
		description: 'Not the file that was exported, which would prove nothing',
		displayOptions: { show: showCheckCopy },
	},
	...reportFields,
	{
		displayName: 'Where the Copy Is (Percorso)',
		name: 'location',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. sftp://archivio/2026/{{ $json.fileName }}',
		description: 'Recorded in the mailbox, so that the copy is found after the message was deleted',
		displayOptions: { show: showCheckCopy },
	},
];
