import type { ImapSession, OpenFolder } from '../mail/types';
import { mailingMark, mailingTag, rowOfMessageId } from '../pec/batch';
import { CertifiedMatching } from '../pec/certifiedMatch';
import { evidenceOf, unnamedReceiptOf } from '../pec/evidence';
import { messageIdIn } from '../pec/header';
import { readPecHeaders } from '../pec/message';
import { pecKeyOf } from '../pec/pecKey';
import type { ReceiptEvidence, UnnamedReceipt } from '../pec/types';
import { messageFolders } from './messageFolders';
import { openRecords, type Records } from './records';

/** RFC 6109 3.1.3 and after: what a provider writes about a message names it here. */
export const REFERENCE = 'X-Riferimento-Message-ID';

export const DATICERT = 'daticert.xml';

/** Every receipt has it (RFC 6109 3.1.2), whatever it says. */
const ANY_RECEIPT = { 'X-Ricevuta': '' };

/** SEARCH goes by the server's days, and clocks differ. */
export const MARGIN_MS = 48 * 3_600_000;

/** Headers of 200 receipts are some 1 MB. */
export const RECEIPTS_WINDOW = 200;

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
	const open = records ?? (await readOnlyRecords(imap, account));
	return await receiptsByReference(imap, open, { account, terms: [mailingMark(tag)], isWanted });
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
		terms.add(tag === undefined ? id.replace(/^<|>$/g, '') : mailingMark(tag));
	}
	const isWanted = (id: string) => wanted.has(messageIdIn(id) ?? id);
	const records = await readOnlyRecords(imap, account);
	return await receiptsByReference(imap, records, { account, terms: [...terms], isWanted });
}

/** Nothing is written, so no clock is needed. */
async function readOnlyRecords(imap: ImapSession, account: string): Promise<Records> {
	return await openRecords(imap, { account, now: () => new Date(0) });
}

interface Wanted {
	readonly account: string;
	readonly terms: readonly string[];
	readonly isWanted: (messageId: string) => boolean;
}

async function receiptsByReference(
	imap: ImapSession,
	records: Records,
	{ account, terms, isWanted }: Wanted,
): Promise<ReceiptEvidence[]> {
	if (terms.length === 0) return [];
	const found = new Map<string, ReceiptEvidence>();
	const matching = await matchingOf(records, account);
	for (const { pecKey, location, receipt } of (await records.readCopies()).values()) {
		if (receipt && isWanted(receipt.originalMessageId)) {
			found.set(pecKey, { ...withoutPlace(receipt), location });
		}
	}
	const add = (receipt: ReceiptEvidence): void => {
		const location = found.get(receipt.pecKey)?.location;
		found.set(receipt.pecKey, { ...receipt, ...(location === undefined ? {} : { location }) });
	};
	for (const path of await messageFolders(imap)) {
		const folder = await imap.open(path, { readOnly: true });
		if (folder.messages === 0) continue;
		const uids = await uidsReferringTo(folder, terms);
		for (const receipt of await receiptsAmong(folder, uids, isWanted)) add(receipt);
		if (!matching) continue;
		for (const receipt of await readUnnamed(folder, matching, isWanted)) {
			if (isWanted(receipt.originalMessageId)) add(receipt);
		}
	}
	for (const receipt of matching?.matches().receipts ?? []) {
		if (isWanted(receipt.originalMessageId)) add(receipt);
	}
	return [...found.values()];
}

/** `undefined` where receipts name our messages in their headers: then nothing has to be matched. */
async function matchingOf(
	records: Records,
	account: string,
): Promise<CertifiedMatching | undefined> {
	const isHidden = (await records.readCorrelation()) === 'certification';
	return isHidden ? await matchingOfAll(records, account) : undefined;
}

/** @throws MailError */
export async function matchingOfAll(records: Records, account: string): Promise<CertifiedMatching> {
	const matching = new CertifiedMatching(account);
	for (const submissions of await records.readSubmissions()) matching.addSubmissions(submissions);
	return matching;
}

/**
 * Adds to the matching the receipts of the time of these sendings that name no message.
 * @returns those that name one of ours, in the header or in the certification data alone
 * @throws MailError
 */
export async function readUnnamed(
	folder: OpenFolder,
	matching: CertifiedMatching,
	isWanted?: (messageId: string) => boolean,
): Promise<ReceiptEvidence[]> {
	const period = matching.period(isWanted);
	if (!period) return [];
	const uids = await uidsOfReceipts(folder, period);
	const named = await receiptsAmong(folder, uids, isOurs, (receipt) =>
		matching.addUnnamed(receipt),
	);
	for (const receipt of named) matching.addNamed(receipt);
	return named;
}

/** Of all receipts, whatever they are about, that came in this time; of a folder's part where that is given. */
export async function uidsOfReceipts(
	folder: OpenFolder,
	{ from, to }: { readonly from: Date; readonly to?: Date },
	uid?: string,
): Promise<number[]> {
	return await folder.search({
		header: ANY_RECEIPT,
		since: new Date(from.getTime() - MARGIN_MS),
		...(to ? { before: new Date(to.getTime() + MARGIN_MS) } : {}),
		...(uid === undefined ? {} : { uid }),
	});
}

const isOurs = (messageId: string) => rowOfMessageId(messageId) !== undefined;

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
 * @param onUnnamed told of those that name no original
 * @throws MailError
 */
export async function receiptsAmong(
	folder: OpenFolder,
	uids: readonly number[],
	isWanted: (originalMessageId: string) => boolean,
	onUnnamed?: (receipt: UnnamedReceipt) => void,
): Promise<ReceiptEvidence[]> {
	const found: ReceiptEvidence[] = [];
	for (let start = 0; start < uids.length; start += RECEIPTS_WINDOW) {
		const window = uids.slice(start, start + RECEIPTS_WINDOW);
		found.push(...(await receiptsInWindow(folder, window, isWanted, onUnnamed)));
	}
	return found;
}

async function receiptsInWindow(
	folder: OpenFolder,
	uids: readonly number[],
	isWanted: (originalMessageId: string) => boolean,
	onUnnamed: ((receipt: UnnamedReceipt) => void) | undefined,
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
		const read = readPecHeaders(headers, daticerts.get(uid));
		const place = { pecKey: pecKeyOf(headers, size), folder: folder.path, uid };
		const receipt = evidenceOf(read, place);
		const unnamed = receipt || !onUnnamed ? undefined : unnamedReceiptOf(read, place);
		if (unnamed) onUnnamed?.(unnamed);
		return receipt && isWanted(receipt.originalMessageId) ? [receipt] : [];
	});
}
