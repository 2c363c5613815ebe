import type { INodeProperties } from 'n8n-workflow';

const show = { resource: ['preservation'], operation: ['importReport'] };
const showMapped = { ...show, reportFormat: ['mapped'] };

export const reportFields: INodeProperties[] = [
	{
		displayName: 'Input Binary Field',
		name: 'binaryField',
		type: 'string',
		default: 'data',
		required: true,
		hint: 'The name of the field with the report of the preservation service',
		displayOptions: { show },
	},
	{
		displayName: 'Report Format',
		name: 'reportFormat',
		type: 'options',
		options: [
			{
				name: 'ParER (Polo Archivistico Emilia-Romagna)',
				value: 'parer',
				description: 'RapportoVersamento or EsitoVersamento, as services built on it give them too',
			},
			{
				name: 'Another Service (CSV, XML or JSON)',
				value: 'mapped',
				description: 'You name the fields that hold the hash and the outcome',
			},
		],
		default: 'parer',
		displayOptions: { show },
	},
	{
		displayName: 'Field of the Hash',
		name: 'hashField',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. impronta',
		description:
			'Of each file: a column, an element or attribute, or a JSON field. SHA-256 or SHA-512.',
		displayOptions: { show: showMapped },
	},
	{
		displayName: 'Field of the Outcome',
		name: 'outcomeField',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. esito',
		description: 'Beside the hash, or of what surrounds it',
		displayOptions: { show: showMapped },
	},
	{
		displayName: 'Outcomes That Mean Accepted',
		name: 'acceptedValues',
		type: 'string',
		default: 'OK, POSITIVO, ACCETTATO',
		required: true,
		description: 'Separated by commas. Every other outcome, and none, counts as refused.',
		displayOptions: { show: showMapped },
	},
];
