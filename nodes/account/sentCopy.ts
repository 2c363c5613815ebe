import type { ImapSession } from '../mail/types';

const FALLBACK_FOLDER = 'Sent';

/** Appends the exact bytes sent to the folder the server names for sent messages (RFC 6154), or to "Sent". */
export async function storeSentCopy(imap: ImapSession, raw: Buffer, at: Date): Promise<void> {
	const folders = await imap.listFolders();
	const sent = folders.find(({ specialUse }) => specialUse === '\\Sent')?.path ?? FALLBACK_FOLDER;
	await imap.ensureFolder(sent);
	await imap.append(sent, raw, { flags: ['\\Seen'], at });
}
