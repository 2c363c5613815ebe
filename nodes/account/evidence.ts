import type { ImapSession, OpenFolder } from '../mail/types';
import { mailingTag, rowOfMessageId } from '../pec/batch';
import { evidenceOf } from '../pec/evidence';
import { messageIdIn } from '../pec/header';
import { readPecHeaders } from '../pec/message';
import { pecKeyOf } from '../pec/pecKey';
import type { ReceiptEvidence } from '../pec/types';
import { messageFolders } from './messageFolders';
import { openRecords, type Records } from './records';

/** RFC 6109 3.1.3 and after: what a provider writes about a message names it here. */
export const REFERENCE = 'X-Riferimento-Message-ID';

export const DATICERT = 'daticert.xml';

/**
 * The receipts of a whole mailing, by one search in each folder, and those that only a checked copy keeps. Reads headers
 * and certification data, never a whole message.
 * @param records what is open already, and so need not be read again
 * @throws MailError
 */
export async function receiptsOfMailing(
	imap: ImapSession,
	{ account, mailing, records }: { account: string; mailing: string; records?: Records },
): Promise<ReceiptEvidence[]> {
	const tag = mailingTag({ account, mailing });
	const isWanted = (messageId: string) => rowOfMessageId(messageId)?.mailingTag === tag;
	const copies = records ?? (await readOnlyRecords(imap, account));
	return await receiptsByReference(imap, copies, [`pec1.${tag}.`], isWanted);
}

/**
 * The receipts of these Message-IDs (with or without angle brackets). Message-IDs of one mailing share a search.
 * @throws MailError
 */
export async function receiptsOf(
	imap: ImapSession,
	messageIds: readonly string[],
	{ account }: { account: string },
): Promise<ReceiptEvidence[]> {
	const wanted = new Set(messageIds.map((id) => messageIdIn(id) ?? id));
	const terms = new Set<string>();
	for (const id of wanted) {
		const tag = rowOfMessageId(id)?.mailingTag;
		terms.add(tag === undefined ? id.replace(/^<|>$/g, '') : `pec1.${tag}.`);
	}
	const isWanted = (id: string) => wanted.has(messageIdIn(id) ?? id);
	return await receiptsByReference(
		imap,
		await readOnlyRecords(imap, account),
		[...terms],
		isWanted,
	);
}

/** Nothing is written, so no clock is needed. */
async function readOnlyRecords(imap: ImapSession, account: string): Promise<Records> {
	return await openRecords(imap, { account, now: () => new Date(0) });
}

async function receiptsByReference(
	imap: ImapSession,
	records: Records,
	terms: readonly string[],
	isWanted: (messageId: string) => boolean,
): Promise<ReceiptEvidence[]> {
	if (terms.length === 0) return [];
	const found = new Map<string, ReceiptEvidence>();
	for (const { pecKey, location, receipt } of (await records.readCopies()).values()) {
		if (receipt && isWanted(receipt.originalMessageId)) {
			found.set(pecKey, { ...withoutPlace(receipt), location });
		}
	}
	for (const path of await messageFolders(imap)) {
		const folder = await imap.open(path, { readOnly: true });
		if (folder.messages === 0) continue;
		const uids = await uidsReferringTo(folder, terms);
		for (const receipt of await receiptsAmong(folder, uids, isWanted)) {
			const location = found.get(receipt.pecKey)?.location;
			found.set(receipt.pecKey, { ...receipt, ...(location === undefined ? {} : { location }) });
		}
	}
	return [...found.values()];
}

/** As only a copy keeps it. */
export function withoutPlace({ folder: _folder, uid: _uid, ...receipt }: ReceiptEvidence) {
	return receipt;
}

async function uidsReferringTo(folder: OpenFolder, terms: readonly string[]): Promise<number[]> {
	const uids = new Set<number>();
	for (const term of terms) {
		for (const uid of await folder.search({ header: { [REFERENCE]: term } })) uids.add(uid);
	}
	return [...uids];
}

/**
 * The receipts among these messages whose original is wanted; certification data is read of no others.
 * @throws MailError
 */
export async function receiptsAmong(
	folder: OpenFolder,
	uids: readonly number[],
	isWanted: (originalMessageId: string) => boolean,
): Promise<ReceiptEvidence[]> {
	// The incoming transport envelope carries the reference too: only X-Ricevuta makes a receipt.
	const receipts = (await folder.scan(uids)).filter(({ headers }) => {
		const { receipt } = readPecHeaders(headers);
		return receipt && (!receipt.originalMessageId || isWanted(receipt.originalMessageId));
	});
	const daticerts = await folder.fetchNamedParts(
		receipts.map(({ uid }) => uid),
		DATICERT,
	);
	return receipts.flatMap(({ uid, size, headers }) => {
		const receipt = evidenceOf(readPecHeaders(headers, daticerts.get(uid)), {
			pecKey: pecKeyOf(headers, size),
			folder: folder.path,
			uid,
		});
		return receipt && isWanted(receipt.originalMessageId) ? [receipt] : [];
	});
}
