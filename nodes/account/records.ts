import type { ImapSession } from '../mail/types';
import { AttemptRecord } from '../pec/attemptRecord';
import { mailingTag } from '../pec/batch';
import type { CopyRecord, RowRecord } from '../pec/types';
import { cleanUpRecords, type CleanUpRecords } from './cleanUpRecords';
import { leaseRecords, type LeaseRecords } from './leaseRecords';
import { unreadable } from './recordFormat';
import {
	copiesOf,
	readableOf,
	sentTimesOf,
	submissionsOf,
	type Intent,
	type Result,
	type Submissions,
} from './recordContent';
import { RecordsFolder, type StoredRecord } from './recordsFolder';
import { sizeWindows } from './sizeWindows';

export { RECORDS_FOLDER, isRecordsFolder } from './recordsFolder';
export type { Intent, Result } from './recordContent';

/**
 * What the mailbox itself remembers (docs/ARCHITECTURE.md, Records). Reading never changes the mailbox; a write is on the
 * server when it returns. Every method throws MailError, and RecordsError for a record that cannot be relied on.
 */
export interface Records {
	/** Every row and attempt of a mailing that was ever begun, in the order of their first record. */
	readMailing(mailing: string): Promise<RowRecord[]>;
	/** The rows of all mailings, for a clean-up. */
	readAllRows(): Promise<RowRecord[]>;
	/** Everything that was ever begun, record by record, to tell receipts that name no message. */
	readSubmissions(): Promise<Submissions[]>;
	/** @returns the UID of the record */
	writeSubmissions(
		mailing: string,
		entries: { intents: readonly Intent[]; results: readonly Result[] },
	): Promise<number>;
	/** When messages were begun to be handed over since then, of all mailings and single messages: milliseconds, ascending. */
	readSentSince(since: Date): Promise<number[]>;
	/** How receipts name our messages, once that was seen. */
	readCorrelation(): Promise<Correlation | undefined>;
	writeCorrelation(correlation: Correlation): Promise<void>;
	/** Who may send now. */
	readonly leases: LeaseRecords;
	/** By pecKey; of several records the latest. */
	readCopies(): Promise<Map<string, CopyRecord>>;
	writeCopies(copies: readonly CopyRecord[]): Promise<void>;
	/** What a clean-up is about to do, what it did, and what a person closed. */
	readonly cleanUps: CleanUpRecords;
}

/** By our Message-ID, or, where the provider hides it, by what its certification data says. */
export type Correlation = 'messageId' | 'certification';

/**
 * Bytes of JSON in one record. In base64 that stays below the size that is fetched in windows; a larger record costs a
 * round trip of its own when it is read.
 */
const RECORD_BYTES = 512 * 1024;

/** Creates nothing: the folder comes with the first write. */
export async function openRecords(
	imap: ImapSession,
	{ account, now }: { account: string; now: () => Date },
): Promise<Records> {
	const folder = new RecordsFolder(imap, { account, now });
	// A record never changes, and one run reads it for its plan, its pace and its receipts.
	const parsed = new WeakMap<StoredRecord, Submissions>();
	const submissionsIn = (record: StoredRecord): Submissions => {
		const submissions = parsed.get(record) ?? submissionsOf(record.content, record.uid);
		parsed.set(record, submissions);
		return submissions;
	};
	const sent = new WeakMap<StoredRecord, readonly number[]>();
	const sentIn = (record: StoredRecord): readonly number[] => {
		const times = sent.get(record) ?? sentTimesOf(record.content, record.uid);
		sent.set(record, times);
		return times;
	};
	// A fact about the provider, which is seen once.
	let correlation: Correlation | undefined;

	return {
		readMailing: async (mailing) => {
			const tag = mailingTag({ account, mailing });
			return rowRecordsOf(await folder.read('submissions', { tag }), account, submissionsIn);
		},
		readAllRows: async () => rowRecordsOf(await folder.read('submissions'), account, submissionsIn),
		readSubmissions: async () => (await folder.read('submissions')).map(submissionsIn),
		writeSubmissions: async (mailing, { intents, results }) =>
			await folder.write(
				'submissions',
				{ mailing, intents, results },
				mailingTag({ account, mailing }),
			),
		readSentSince: async (since) => {
			// It is for the pace alone: a damaged record of another mailing keeps nobody from sending.
			const stored = await folder.read('submissions', { since, damaged: 'skipped' });
			return readableOf(stored, sentIn)
				.flat()
				.filter((at) => at >= since.getTime())
				.sort((one, other) => one - other);
		},
		readCorrelation: async () => {
			const [latest] = correlation ? [] : (await folder.read('correlations')).reverse();
			correlation ??= latest && correlationOf(latest);
			return correlation;
		},
		writeCorrelation: async (by) => {
			await folder.write('correlations', { by });
			correlation = by;
		},
		leases: leaseRecords(folder),
		readCopies: async () => {
			const copies = new Map<string, CopyRecord>();
			for (const { uid, content } of await folder.read('copies')) {
				for (const copy of copiesOf(content, uid)) {
					copies.set(copy.pecKey, withHandOver(copy, copies.get(copy.pecKey)));
				}
			}
			return copies;
		},
		writeCopies: async (copies) => {
			for (const chunk of chunksOf(copies)) await folder.write('copies', { copies: chunk });
		},
		cleanUps: cleanUpRecords(folder),
	};
}

/** A copy that is checked once more, there or elsewhere, was handed over all the same. */
function withHandOver(copy: CopyRecord, before: CopyRecord | undefined): CopyRecord {
	if (copy.level === 'handedOver' || before?.level !== 'handedOver') return copy;
	if (copy.sha256 !== before.sha256) return copy;
	const { level, report } = before;
	return { ...copy, level, ...(report ? { report } : {}) };
}

function chunksOf<T extends object>(entries: readonly T[]): Generator<T[], void> {
	const sizeOf = (entry: T): number => Buffer.byteLength(JSON.stringify(entry));
	return sizeWindows(entries, sizeOf, { bytes: RECORD_BYTES });
}

function correlationOf({ uid, content: { by } }: StoredRecord): Correlation {
	if (by !== 'messageId' && by !== 'certification') throw unreadable(uid);
	return by;
}

function rowRecordsOf(
	stored: readonly StoredRecord[],
	account: string,
	submissionsIn: (record: StoredRecord) => Submissions,
): RowRecord[] {
	const rows = new Map<string, AttemptRecord>();
	const recordOf = ({ row, messageId }: Intent | Result): AttemptRecord => {
		const known = rows.get(messageId) ?? new AttemptRecord(row, messageId);
		rows.set(messageId, known);
		return known;
	};
	for (const record of stored) {
		const { mailing, intents, results } = submissionsIn(record);
		if (mailingTag({ account, mailing }) !== record.subject.tag) throw unreadable(record.uid);
		// In one record, results are of rows begun in earlier ones. A record whose answer was lost can be there twice.
		for (const result of results) recordOf(result).addResult(result.submission);
		for (const intent of intents) recordOf(intent).addIntent(intent);
	}
	return [...rows.values()];
}
