import type { FolderInfo, ImapSession } from '../mail/types';
import { isRecordsFolder } from './recordsFolder';

/** Paths of all folders that can hold a user's messages: those that can be opened, but for our own records. */
export async function messageFolders(imap: ImapSession): Promise<string[]> {
	return (await imap.listFolders())
		.filter(({ path, selectable }) => selectable && !isRecordsFolder(path))
		.map(({ path }) => path);
}

/** RFC 6154: what lies there was written in this mailbox, or is shown a second time. */
const OWN_USES: ReadonlySet<string> = new Set(['\\Sent', '\\Drafts', '\\All', '\\Flagged']);

/** Where messages may arrive, or be moved by a rule or a person before they were seen; INBOX first. */
export function arrivalFolders(listed: readonly FolderInfo[]): string[] {
	const paths = listed
		.filter(({ path, selectable }) => selectable && !isRecordsFolder(path))
		.filter(({ specialUse }) => specialUse === undefined || !OWN_USES.has(specialUse))
		.map(({ path }) => path);
	return ['INBOX', ...paths.filter((path) => path.toUpperCase() !== 'INBOX')];
}
