import type { ImapSession } from '../mail/types';
import { isRecordsFolder } from './recordsFolder';

/** Paths of all folders that can hold a user's messages: those that can be opened, but for our own records. */
export async function messageFolders(imap: ImapSession): Promise<string[]> {
	return (await imap.listFolders())
		.filter(({ path, selectable }) => selectable && !isRecordsFolder(path))
		.map(({ path }) => path);
}
