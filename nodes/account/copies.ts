import { createHash } from 'node:crypto';
import type { FetchedMessage, ImapSession, OpenFolder } from '../mail/types';
import { unless } from '../mail/errors';
import { otherSize } from '../mail/otherSize';
import { evidenceOf } from '../pec/evidence';
import { readPecMessage } from '../pec/message';
import { pecKeyOf } from '../pec/pecKey';
import { sha256Of } from '../pec/sha256';
import type { CopyRecord, Trust } from '../pec/types';
import { findMessage } from './mailbox';

/** What a comparison came to. Only `equal` carries a record, and only a record lets a message be deleted. */
export type CopyCheck =
	| { readonly result: 'equal'; readonly record: CopyRecord }
	| { readonly result: 'differs' }
	| { readonly result: 'notOnServer' };

export interface CopyToCheck {
	/** Of the message that was copied. */
	readonly pecKey: string;
	/** What the storage gave back: a large file in pieces, so that it is not in memory beside the server's. */
	readonly bytes: Buffer | AsyncIterable<Uint8Array>;
	/** Where the copy is, in words a person or a program finds it by. */
	readonly location: string;
	/** Where the message was last seen; only a hint, since it may have moved meanwhile. */
	readonly hint?: { readonly folder: string; readonly uid: number };
}

/**
 * Compares what a storage gave back with the message as the server has it now, byte by byte: the message is fetched
 * afresh, never taken from an earlier step. The record is to be written with `Records.writeCopies`.
 * @throws MailError, also where the server gives not all of it: a copy that lacks as much would be no copy
 */
export async function checkCopy(
	imap: ImapSession,
	copy: CopyToCheck,
	{ trust, now }: { trust: Trust; now: Date },
): Promise<CopyCheck> {
	const found = await fetchAfresh(imap, copy);
	if (!found) return { result: 'notOnServer' };
	const { message, folder } = found;
	const { raw, uid, size } = message;
	if (raw.length !== size) throw otherSize({ folder: folder.path, uid, size }, raw.length);
	if (!(await isEqual(raw, copy.bytes))) return { result: 'differs' };
	return { result: 'equal', record: await recordOf(message, copy, { trust, now }) };
}

async function isEqual(raw: Buffer, bytes: CopyToCheck['bytes']): Promise<boolean> {
	if (Buffer.isBuffer(bytes)) return raw.equals(bytes);
	let at = 0;
	for await (const piece of bytes) {
		const end = at + piece.length;
		if (end > raw.length || raw.compare(piece, 0, piece.length, at, end) !== 0) return false;
		at = end;
	}
	return at === raw.length;
}

type Found = { readonly message: FetchedMessage; readonly folder: OpenFolder };

async function fetchAfresh(
	imap: ImapSession,
	{ pecKey, hint }: CopyToCheck,
): Promise<Found | undefined> {
	const hinted = hint && (await unless('folderMissing', findMessage(imap, hint)));
	if (hinted && pecKeyOf(hinted.message.headers, hinted.message.size) === pecKey) return hinted;
	return await findMessage(imap, { pecKey, ...(hint ? { folder: hint.folder } : {}) });
}

async function recordOf(
	message: FetchedMessage,
	{ pecKey, location }: CopyToCheck,
	{ trust, now }: { trust: Trust; now: Date },
): Promise<CopyRecord> {
	const read = await readPecMessage(message.raw, { trust, now, receivedAt: message.receivedAt });
	const { messageId, subject, from } = read.envelope;
	const receipt = evidenceOf(read, { pecKey });
	return {
		pecKey,
		sha256: sha256Of(message.raw),
		sha512: createHash('sha512').update(message.raw).digest('hex'),
		size: message.size,
		location,
		checkedAt: now.toISOString(),
		method: 'readBack',
		level: 'checked',
		kind: read.kind,
		verified: read.verified,
		...(read.partialCopy ? { partialCopy: true } : {}),
		...(messageId === undefined ? {} : { messageId }),
		...(subject === undefined ? {} : { subject }),
		...(from === undefined ? {} : { from }),
		...(receipt ? { receipt: { ...receipt, location } } : {}),
		...(read.receipt?.content ? { receiptContent: read.receipt.content } : {}),
	};
}
