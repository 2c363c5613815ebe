import type { ImapSession } from '../mail/types';

const FALLBACK_FOLDER = 'Sent';

/** The folder is looked for once a connection, not once a message of a mailing. */
const sentFolders = new WeakMap<ImapSession, string>();

/** Appends the exact bytes sent to the folder the server names for sent messages (RFC 6154), or to "Sent". */
export async function storeSentCopy(imap: ImapSession, raw: Buffer, at: Date): Promise<void> {
	const folder = sentFolders.get(imap) ?? (await sentFolderOf(imap));
	// It may have been renamed or removed: after a failure it is looked for again.
	sentFolders.delete(imap);
	await imap.append(folder, raw, { flags: ['\\Seen'], at });
	sentFolders.set(imap, folder);
}

async function sentFolderOf(imap: ImapSession): Promise<string> {
	const folders = await imap.listFolders();
	const sent = folders.find(({ specialUse }) => specialUse === '\\Sent')?.path ?? FALLBACK_FOLDER;
	await imap.ensureFolder(sent);
	return sent;
}
