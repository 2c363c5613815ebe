import type { ImapSession } from '../mail/types';
import type { CopyRecord, PurgeMessage, Trust } from '../pec/types';
import { pecKeyOf } from '../pec/pecKey';
import { checkCopy } from './copies';
import type { CopyStore } from './copyStore';
import { findMessage } from './mailbox';

/**
 * What came of copying one message. differs: the store gives back other bytes than the server has. notStored: the store has
 * nothing of it. gone, changed: where the plan saw it lies nothing, or another message.
 */
export type CopyingOutcome =
	| { readonly result: 'copied'; readonly record: CopyRecord }
	| { readonly result: 'differs' | 'notStored' | 'gone' | 'changed' };

/**
 * Copies one message into a store, and compares what the store gives back with the message fetched once more. The record is
 * to be written before anything is deleted for it.
 * @throws MailError of the mailbox or of the store; `folderChanged` when the folder was numbered anew
 */
export async function copyMessage(
	{ pecKey, folder, uid, uidValidity, size }: PurgeMessage,
	{ imap, store, trust, now }: { imap: ImapSession; store: CopyStore; trust: Trust; now: Date },
): Promise<CopyingOutcome> {
	const found = await findMessage(imap, { folder, uid, uidValidity });
	if (!found) return { result: 'gone' };
	const { message } = found;
	if (pecKeyOf(message.headers, message.size) !== pecKey) return { result: 'changed' };
	const location = await store.put({ ...message, pecKey });
	const bytes = await store.read({ pecKey, size });
	if (!bytes) return { result: 'notStored' };
	const hint = { folder, uid };
	const check = await checkCopy(imap, { pecKey, bytes, location, hint }, { trust, now });
	if (check.result === 'equal') return { result: 'copied', record: check.record };
	return { result: check.result === 'differs' ? 'differs' : 'gone' };
}
