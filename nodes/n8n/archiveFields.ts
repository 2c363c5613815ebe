import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';
import { ARCHIVE_FIELD } from './archive';

/** How to sign in to the ordinary mailbox, and where in it copies go. */
export function archiveFields(show: IDisplayOptions['show']): INodeProperties[] {
	return [
		{
			displayName: 'Ordinary Mailbox Of (Fornitore)',
			name: ARCHIVE_FIELD,
			type: 'options',
			options: [
				{
					name: 'Any Provider (Password)',
					value: 'password',
					description: 'Every mailbox that mail programs open with a user name and a password',
				},
				{ name: 'Google (Gmail, Workspace)', value: 'google' },
				{ name: 'Microsoft 365 (Exchange, Outlook)', value: 'microsoft' },
			],
			default: 'password',
			noDataExpression: true,
			displayOptions: { show },
		},
		{
			displayName: 'Folder There (Cartella)',
			name: 'archiveFolder',
			type: 'string',
			default: 'PEC/{year}/{month}',
			required: true,
			placeholder: 'e.g. PEC/{year}',
			description:
				'Made when it is missing; levels are separated by /. <code>{year}</code> and <code>{month}</code> are those in which the message was received.',
			displayOptions: { show },
		},
	];
}

/** By the workflow's time zone. */
export function archiveFolderOf(pattern: string, receivedAt: Date, timeZone: string): string {
	const parts = new Intl.DateTimeFormat('en-CA', {
		timeZone,
		year: 'numeric',
		month: '2-digit',
		day: '2-digit',
	}).formatToParts(receivedAt);
	const partOf = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
	return pattern.replace(/\{(year|month|day)\}/g, (_, type: string) => partOf(type));
}
