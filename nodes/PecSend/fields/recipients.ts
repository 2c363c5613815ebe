import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

type Show = Record<string, string[]>;

/** Recipients that one item holds together. */
export function listedRecipientFields(show: Show): INodeProperties[] {
	return [
		{
			displayName: 'Recipients (Destinatari)',
			name: 'recipients',
			type: 'string',
			typeOptions: { rows: 4 },
			default: '',
			required: true,
			placeholder: 'e.g. rossi@pec.example.it',
			description:
				'PEC addresses, one per line or separated by commas or semicolons. Each gets a message of its own; they do not see one another.',
			displayOptions: { show: { ...show, recipientsFrom: ['list'] } },
		},
		{
			displayName: 'CSV File (Foglio CSV)',
			name: 'csvField',
			type: 'string',
			default: 'data',
			required: true,
			placeholder: 'e.g. data',
			hint: 'The name of the binary field with the list',
			description:
				'Names of columns stand in its first row. The column called PEC or e-mail has the addresses, unless Recipient Column says otherwise.',
			displayOptions: { show: { ...show, recipientsFrom: ['csv'] } },
		},
		{
			displayName: 'Row Key Column (Pratica)',
			name: 'rowKeyColumn',
			type: 'string',
			default: '',
			placeholder: 'e.g. Pratica',
			description:
				'The column that tells apart two letters of this mailing to the same address, such as an accountant who stands for several clients',
			displayOptions: { show: { ...show, recipientsFrom: ['csv'] } },
		},
	];
}

/** The files that only one recipient gets. */
export function personalFileFields(show: Show): INodeProperties[] {
	const fromZip = { ...show, recipientsFrom: ['items', 'csv'], personalFilesFrom: ['zip'] };
	return [
		personalFilesFrom(
			{ ...show, recipientsFrom: ['items'] },
			{
				name: 'Binary Fields',
				value: 'fields',
				description: 'Each item carries its own files',
			},
		),
		// The rows of a CSV have no binary fields: the same value stands for nothing.
		personalFilesFrom(
			{ ...show, recipientsFrom: ['csv'] },
			{
				name: 'None (Nessuno)',
				value: 'fields',
				description: 'No recipient has a file of its own',
			},
		),
		{
			displayName: 'Personal Attachments',
			name: 'personalAttachments',
			type: 'string',
			default: '',
			placeholder: 'e.g. bolletta',
			description: 'Binary fields of each item, attached to its own message; separated by commas',
			displayOptions: {
				show: { ...show, recipientsFrom: ['items'], personalFilesFrom: ['fields'] },
			},
		},
		{
			displayName: 'ZIP File (Archivio)',
			name: 'personalZip',
			type: 'string',
			default: 'zip',
			required: true,
			placeholder: 'e.g. zip',
			hint: 'The name of the binary field with the ZIP, in the first item',
			displayOptions: { show: fromZip },
		},
		{
			displayName: 'File Names (Nomi Dei File)',
			name: 'fileNames',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. {{ $json.file }}',
			description:
				'Names of the files in the ZIP that this item’s message carries; separated by commas',
			displayOptions: { show: { ...fromZip, recipientsFrom: ['items'] } },
		},
		{
			displayName: 'File Names Column (File)',
			name: 'fileNamesColumn',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. File',
			description:
				'The column with the names of the files in the ZIP that a row’s message carries; separated by commas',
			displayOptions: { show: { ...fromZip, recipientsFrom: ['csv'] } },
		},
	];
}

function personalFilesFrom(show: Show, without: INodePropertyOptions): INodeProperties {
	const zip: INodePropertyOptions = {
		name: 'A ZIP (Archivio)',
		value: 'zip',
		description: 'The first item carries a ZIP with the files of all, and each row names its own',
	};
	return {
		displayName: 'Personal Files From (Allegati Personali)',
		name: 'personalFilesFrom',
		type: 'options',
		options: [without, zip],
		default: 'fields',
		displayOptions: { show },
	};
}
