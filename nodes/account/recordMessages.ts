import type { FetchedMessage, OpenFolder, ScannedMessage } from '../mail/types';
import { unless } from '../mail/errors';
import { recordSubjectOf, unreadable, type RecordSubject } from './recordFormat';

/** What every record has in its subject. */
const COMMON_WORD = 'record';

export interface FoundRecords {
	/** By their subjects. */
	readonly found: readonly number[];
	/** What the server's index has not reached, and so has to be looked at. */
	readonly unindexed: readonly number[];
	/** The last UID that the index has; 0 where the server searches no subjects. */
	readonly indexed: number;
}

/**
 * The records that have one of these words in their subject, as far as a server can tell: its index can lag behind, or
 * search no subjects at all. UIDs, each once.
 * @throws MailError
 */
export async function findRecords(
	folder: OpenFolder,
	words: readonly string[],
	since?: Date,
): Promise<FoundRecords> {
	// How far the index goes is told by the word that every record has. Asked first: what comes meanwhile lies above.
	const common = await unless('refused', searchSubject(folder, COMMON_WORD));
	const indexed = common?.at(-1) ?? 0;
	const found = new Set<number>();
	// Refused to a server that does search subjects, it is no answer: a mailing would seem never to have been begun.
	for (const word of common ? words : []) {
		for (const uid of await searchSubject(folder, word, since)) found.add(uid);
	}
	const above = await folder.search({ uid: `${indexed + 1}:*` });
	return { found: [...found], unindexed: above.filter((uid) => !found.has(uid)), indexed };
}

/** In UID order. */
export function inUidOrder(...uids: ReadonlyArray<readonly number[]>): number[] {
	return uids.flat().sort((one, other) => one - other);
}

/** UIDs in their order. @throws MailError, `refused` also where the server does not search subjects */
export async function searchSubject(
	folder: OpenFolder,
	subject: string,
	since?: Date,
): Promise<number[]> {
	return await folder.search(since ? { subject, since } : { subject });
}

/** For what is too large to be fetched with its neighbours. */
export async function recordBodyOf(folder: OpenFolder, uid: number): Promise<Buffer | undefined> {
	const message = await folder.fetch(uid);
	return message && bodyOf(message);
}

/** Of a record that was fetched whole. */
export function bodyOf({ raw, headers }: FetchedMessage): Buffer {
	return Buffer.from(raw.toString('latin1', headers.length), 'base64');
}

export interface RecordHeader {
	readonly subject: RecordSubject;
	readonly receivedAt: Date;
}

/** @throws RecordsError for one that was asked for and did not come, unless damaged ones are skipped */
export function headersOf(
	uids: readonly number[],
	messages: readonly ScannedMessage[],
	damaged: 'thrown' | 'skipped',
): Map<number, RecordHeader> {
	const found = new Map<number, RecordHeader>();
	const unseen = new Set(uids);
	for (const { uid, headers, receivedAt } of messages) {
		unseen.delete(uid);
		const subject = recordSubjectOf(headers);
		if (subject) found.set(uid, { subject, receivedAt });
	}
	if (damaged === 'thrown') for (const uid of unseen) throw unreadable(uid);
	return found;
}
