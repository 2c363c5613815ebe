import type { CopyRecord, Row, Submission, SubmissionVerdict } from '../pec/types';
import { RecordsError } from './errors';
import { isObject, unreadable } from './recordFormat';
import type { StoredRecord } from './recordsFolder';

/** A row about to be handed to SMTP. */
export interface Intent {
	readonly row: Row;
	readonly messageId: string;
	/** ISO 8601. */
	readonly at: string;
	/** Of the run: two may begin in the same millisecond, and one intent may stand in two records. */
	readonly run?: string;
	readonly about?: {
		readonly subject?: string;
		/** Where the address of a notice under L. 53/1994 was taken from, and when. */
		readonly addressSource?: { readonly register: string; readonly date: string };
	};
}

/** What came of it. */
export interface Result {
	readonly row: Row;
	readonly messageId: string;
	readonly submission: Submission;
}

export interface Submissions {
	readonly mailing: string;
	readonly intents: readonly Intent[];
	readonly results: readonly Result[];
}

const VERDICTS: ReadonlySet<string> = new Set<SubmissionVerdict>([
	'submitted',
	'rejected',
	'deferred',
	'unclear',
]);

/** @throws RecordsError `unreadable` */
export function submissionsOf(content: Record<string, unknown>, uid: number): Submissions {
	const { mailing } = content;
	if (typeof mailing !== 'string') throw unreadable(uid);
	return {
		mailing,
		intents: listOf(content.intents, uid).map((entry) => ({
			...rowOf(entry, uid),
			at: textOf(entry.at, uid),
			...(entry.run === undefined ? {} : { run: textOf(entry.run, uid) }),
			...subjectOf(entry.about),
		})),
		results: listOf(content.results, uid).map((entry) => ({
			...rowOf(entry, uid),
			submission: submissionOf(entry.submission, uid),
		})),
	};
}

/** When messages were handed over, milliseconds of the epoch; nothing else of the record is read. @throws RecordsError `unreadable` */
export function sentTimesOf({ intents }: Record<string, unknown>, uid: number): number[] {
	return listOf(intents, uid).map(({ at }) => Date.parse(textOf(at, uid)));
}

/** @throws RecordsError `unreadable` */
export function copiesOf(content: Record<string, unknown>, uid: number): CopyRecord[] {
	return listOf(content.copies, uid).map((entry) => {
		for (const field of ['pecKey', 'sha256', 'location', 'checkedAt', 'kind']) {
			textOf(entry[field], uid);
		}
		if (typeof entry.size !== 'number' || entry.method !== 'readBack') throw unreadable(uid);
		if (entry.level !== 'checked' && entry.level !== 'handedOver') throw unreadable(uid);
		if (entry.receipt !== undefined && !isObject(entry.receipt)) throw unreadable(uid);
		return entry as unknown as CopyRecord;
	});
}

function rowOf(
	entry: Record<string, unknown>,
	uid: number,
): { readonly row: Row; readonly messageId: string } {
	const { row } = entry;
	if (!isObject(row) || typeof row.attempt !== 'number') throw unreadable(uid);
	return {
		row: {
			recipient: textOf(row.recipient, uid),
			rowKey: textOf(row.rowKey, uid),
			attempt: row.attempt,
		},
		messageId: textOf(entry.messageId, uid),
	};
}

/** It only helps to tell receipts: what is not understood is left out. */
function subjectOf(about: unknown): Pick<Intent, 'about'> {
	if (!isObject(about) || typeof about.subject !== 'string') return {};
	return { about: { subject: about.subject } };
}

function submissionOf(value: unknown, uid: number): Submission {
	if (!isObject(value) || !VERDICTS.has(String(value.verdict))) throw unreadable(uid);
	textOf(value.at, uid);
	if (value.smtp !== undefined && !isObject(value.smtp)) throw unreadable(uid);
	if (value.refused !== undefined && !Array.isArray(value.refused)) throw unreadable(uid);
	return value as unknown as Submission;
}

/** What was read of each record; those that are damaged are passed over. */
export function readableOf<T>(
	stored: readonly StoredRecord[],
	read: (record: StoredRecord) => T,
): T[] {
	return stored.flatMap((record) => {
		try {
			return [read(record)];
		} catch (error) {
			if (error instanceof RecordsError && error.problem === 'unreadable') return [];
			throw error as Error;
		}
	});
}

export function listOf(value: unknown, uid: number): Array<Record<string, unknown>> {
	if (!Array.isArray(value) || !value.every(isObject)) throw unreadable(uid);
	return value;
}

export function textOf(value: unknown, uid: number): string {
	if (typeof value !== 'string') throw unreadable(uid);
	return value;
}
