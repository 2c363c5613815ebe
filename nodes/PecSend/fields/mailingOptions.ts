import type { INodeProperties } from 'n8n-workflow';
import { sendingOptions } from './sendingOptions';

/** A further attempt goes to rows that a person chose: of those nothing is decided beforehand. */
const FURTHER_ATTEMPTS = ['retryFailed', 'resendUnclear'];

/** What decides which rows go out, before the first one does. */
const decisions: INodeProperties[] = [
	{
		displayName: 'Addresses That Failed Before',
		name: 'failedBefore',
		type: 'options',
		options: [
			{
				name: 'Skip Them (Salta)',
				value: 'skip',
				description: 'Send nothing to them; they come out as skipped',
			},
			{ name: 'Stop (Ferma)', value: 'stop', description: 'Send nothing at all' },
			{ name: 'Warn (Avvisa)', value: 'warn', description: 'Send, and say which they are' },
		],
		default: 'warn',
		displayOptions: { hide: { '/operation': FURTHER_ATTEMPTS } },
		description:
			'What to do about addresses to which the last sending failed because there is no such mailbox or it is no PEC address',
	},
	{
		displayName: 'Empty Values (Valori Vuoti)',
		name: 'emptyValues',
		type: 'options',
		options: [
			{ name: 'Allow (Consenti)', value: 'allow', description: 'Send the letter with the gap' },
			{
				name: 'Stop (Ferma)',
				value: 'stop',
				description: 'Send nothing to a row of which a value is missing',
			},
		],
		default: 'stop',
		description:
			'What to do when an expression or a column that a letter uses is empty for a recipient',
	},
	{
		displayName: 'If Space Is Short (Spazio Scarso)',
		name: 'spaceShort',
		type: 'options',
		options: [
			{ name: 'Stop (Ferma)', value: 'stop', description: 'Send nothing at all' },
			{ name: 'Warn (Avvisa)', value: 'warn', description: 'Send, and say so' },
		],
		default: 'warn',
		displayOptions: { show: { '/operation': ['send'] } },
		description: 'What to do when the mailbox has no room for the receipts that the mailing brings',
	},
	{
		displayName: 'Recipient Column (Colonna Destinatario)',
		name: 'recipientColumn',
		type: 'string',
		default: '',
		placeholder: 'e.g. PEC',
		description:
			'The column of the CSV with the addresses; empty looks for one called PEC or e-mail',
		displayOptions: { show: { '/recipientsFrom': ['csv'] } },
	},
	{
		displayName: 'Send One to Me (Prova a Me)',
		name: 'sendOneToMe',
		type: 'boolean',
		default: false,
		description:
			'Whether to send the first row’s letter to this account’s own address as well, with [Anteprima] before its subject. It is no part of the mailing.',
		displayOptions: { show: { '/operation': ['preview'] } },
	},
];

export const mailingOptions: INodeProperties[] = [
	...decisions,
	...sendingOptions.map((option) => ({
		...option,
		displayOptions: { hide: { '/operation': ['preview'] } },
	})),
];
