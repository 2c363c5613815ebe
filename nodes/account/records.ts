import type { ImapSession } from '../mail/types';
import { mailingTag } from '../pec/batch';
import type { CopyRecord, RowRecord } from '../pec/types';
import { unreadable } from './recordFormat';
import {
	copiesOf,
	submissionsOf,
	type DeletionRecord,
	type Intent,
	type Result,
} from './recordContent';
import { RecordsFolder, type StoredRecord } from './recordsFolder';

export { RECORDS_FOLDER, isRecordsFolder } from './recordsFolder';
export type { DeletionRecord, Intent, Result } from './recordContent';

/**
 * What the mailbox itself remembers (docs/ARCHITECTURE.md, Records). Reading never changes the mailbox; a write is on the
 * server when it returns. Every method throws MailError, and RecordsError for a record that cannot be relied on.
 */
export interface Records {
	/** Every row and attempt of a mailing that was ever begun, in the order of their first record. */
	readMailing(mailing: string): Promise<RowRecord[]>;
	/** The rows of all mailings, for a clean-up. */
	readAllRows(): Promise<RowRecord[]>;
	writeSubmissions(
		mailing: string,
		entries: { intents: readonly Intent[]; results: readonly Result[] },
	): Promise<void>;
	/** By pecKey; of several records the latest. */
	readCopies(): Promise<Map<string, CopyRecord>>;
	writeCopies(copies: readonly CopyRecord[]): Promise<void>;
	writeDeletions(deletions: readonly DeletionRecord[]): Promise<void>;
}

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

	return {
		readMailing: async (mailing) => {
			const tag = mailingTag({ account, mailing });
			return rowRecordsOf(await folder.read('submissions', tag), account);
		},
		readAllRows: async () => rowRecordsOf(await folder.read('submissions'), account),
		writeSubmissions: async (mailing, { intents, results }) => {
			await folder.write(
				'submissions',
				{ mailing, intents, results },
				mailingTag({ account, mailing }),
			);
		},
		readCopies: async () => {
			const copies = new Map<string, CopyRecord>();
			for (const { uid, content } of await folder.read('copies')) {
				for (const copy of copiesOf(content, uid)) copies.set(copy.pecKey, copy);
			}
			return copies;
		},
		writeCopies: async (copies) => {
			for (const chunk of chunksOf(copies)) await folder.write('copies', { copies: chunk });
		},
		writeDeletions: async (deletions) => {
			for (const chunk of chunksOf(deletions)) {
				await folder.write('deletions', { deletions: chunk });
			}
		},
	};
}

function* chunksOf<T extends object>(entries: readonly T[]): Generator<T[]> {
	let chunk: T[] = [];
	let bytes = 0;
	for (const entry of entries) {
		const size = Buffer.byteLength(JSON.stringify(entry));
		if (chunk.length > 0 && bytes + size > RECORD_BYTES) {
			yield chunk;
			chunk = [];
			bytes = 0;
		}
		chunk.push(entry);
		bytes += size;
	}
	if (chunk.length > 0) yield chunk;
}

function rowRecordsOf(stored: readonly StoredRecord[], account: string): RowRecord[] {
	const rows = new Map<string, { row: RowRecord; intents: string[]; results: Result[] }>();
	const entryOf = ({ row, messageId }: Intent | Result) => {
		const known = rows.get(messageId);
		if (known) return known;
		const entry = { row: { row, messageId, intents: [], results: [] }, intents: [], results: [] };
		rows.set(messageId, entry);
		return entry;
	};
	for (const { uid, subject, content } of stored) {
		const { mailing, intents, results } = submissionsOf(content, uid);
		if (mailingTag({ account, mailing }) !== subject.tag) throw unreadable(uid);
		// In one record, results are of rows begun in earlier ones.
		for (const result of results) entryOf(result).results.push(result);
		for (const intent of intents) entryOf(intent).intents.push(intent.at);
	}
	return [...rows.values()].map(({ row, intents, results }) => ({
		...row,
		intents,
		results: results.map(({ submission }) => submission),
	}));
}
