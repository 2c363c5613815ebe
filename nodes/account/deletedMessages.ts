import type { ImapSession } from '../mail/types';
import { RecordsFolder } from './recordsFolder';

/** What the records say of a message that a clean-up removed. */
export interface DeletedMessage {
	readonly folder?: string;
	readonly deletedAt?: string;
	readonly location?: string;
}

/** By pecKey. It only says what became of a message: what is not understood is left out. @throws MailError */
export async function readDeleted(
	imap: ImapSession,
	{ account }: { account: string },
): Promise<Map<string, DeletedMessage>> {
	// Nothing is written, so no clock is needed.
	const folder = new RecordsFolder(imap, { account, now: () => new Date(0) });
	const deleted = new Map<string, DeletedMessage>();
	for (const { content } of await folder.read('deletions', { damaged: 'skipped' })) {
		for (const entry of Array.isArray(content.deletions) ? content.deletions : []) {
			if (typeof entry !== 'object' || entry === null) continue;
			const { pecKey, folder: path, deletedAt, location } = entry as Record<string, unknown>;
			if (typeof pecKey !== 'string') continue;
			deleted.set(pecKey, {
				...(typeof path === 'string' ? { folder: path } : {}),
				...(typeof deletedAt === 'string' ? { deletedAt } : {}),
				...(typeof location === 'string' ? { location } : {}),
			});
		}
	}
	return deleted;
}
