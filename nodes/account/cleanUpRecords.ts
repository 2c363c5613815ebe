import type { ChainLink } from '../pec/deletionChain';
import type { Acknowledgement } from '../pec/types';
import { RecordsError } from './errors';
import { listOf, readableOf, textOf } from './recordContent';
import { unreadable } from './recordFormat';
import type { RecordsFolder, StoredRecord } from './recordsFolder';

/** Where a message lies: no other ever lies there (RFC 3501 2.3.1.1). */
export interface MessagePlace {
	readonly folder: string;
	readonly uid: number;
	readonly uidValidity: string;
}

/** A message that is about to be deleted. */
export interface PlannedDeletion extends MessagePlace {
	readonly pecKey: string;
	readonly sha256: string;
	/** Where its copy is; absent when it goes without one. */
	readonly location?: string;
}

/** One message that a clean-up removed. */
export interface Deleted extends PlannedDeletion {
	/** ISO 8601. */
	readonly deletedAt: string;
	/** The run that deleted it was interrupted: a later one found that it is gone, at this time. */
	readonly foundGone?: true;
}

export type DeletionRecord = Deleted & ChainLink;

/** What a run was about to delete, in one record. */
export interface PlannedRecord {
	/** Of the record. */
	readonly uid: number;
	/** When the mailbox dates it. */
	readonly at: Date;
	readonly entries: readonly PlannedDeletion[];
}

export interface DeletionsRecord {
	/** Of the record. */
	readonly uid: number;
	readonly deletions: readonly DeletionRecord[];
}

/** The records of clean-ups in a mailbox. Every method throws MailError, and RecordsError. */
export interface CleanUpRecords {
	/** Of runs that are under way, or were interrupted. */
	readPlanned(): Promise<PlannedRecord[]>;
	/** @returns the UID of the record */
	writePlanned(entries: readonly PlannedDeletion[]): Promise<number>;
	removePlanned(uids: readonly number[]): Promise<void>;
	/** In the order they were written; damaged ones are passed over: what they tell is done. */
	readDeletions(which?: { above?: number; latest?: number }): Promise<DeletionsRecord[]>;
	writeDeletions(deletions: readonly DeletionRecord[]): Promise<void>;
	readAcknowledgements(): Promise<Acknowledgement[]>;
	writeAcknowledgement(acknowledgement: Acknowledgement): Promise<void>;
	/** UIDs of messages that hold nothing but place. */
	findBallast(): Promise<number[]>;
	writeBallast(bytes: number): Promise<void>;
	/** Also of an earlier session. @returns false where the provider cannot delete single messages */
	removeBallast(uids: readonly number[]): Promise<boolean>;
}

/** Others remove theirs while we read: what is still unreadable then is damaged. */
const READINGS = 5;

export function cleanUpRecords(folder: RecordsFolder): CleanUpRecords {
	return {
		readPlanned: async () => {
			for (let reading = 1; ; reading += 1) {
				try {
					return (await folder.read('planned')).map(plannedOf);
				} catch (error) {
					const isUnreadable = error instanceof RecordsError && error.problem === 'unreadable';
					if (!isUnreadable || reading === READINGS) return await Promise.reject(error);
				}
			}
		},
		writePlanned: async (planned) => await folder.write('planned', { planned }),
		removePlanned: async (uids) => {
			if (uids.length > 0) await folder.remove(uids);
		},
		readDeletions: async (which = {}) =>
			readableOf(
				await folder.read('deletions', { ...which, damaged: 'skipped' }),
				({ uid, content }) => ({ uid, deletions: deletionsOf(content, uid) }),
			),
		writeDeletions: async (deletions) => {
			await folder.write('deletions', { deletions });
		},
		readAcknowledgements: async () =>
			(await folder.read('acknowledgements')).flatMap(({ uid, content }) =>
				acknowledgementsOf(content, uid),
			),
		writeAcknowledgement: async (acknowledgement) => {
			await folder.write('acknowledgements', { acknowledgements: [acknowledgement] });
		},
		findBallast: async () => await folder.find('ballast'),
		writeBallast: async (bytes) => {
			// Base64 makes four of three.
			await folder.write('ballast', { filler: 'x'.repeat(Math.floor((bytes * 3) / 4)) });
		},
		removeBallast: async (uids) => await folder.remove(uids),
	};
}

function plannedOf({ uid, content, receivedAt }: StoredRecord): PlannedRecord {
	const entries = listOf(content.planned, uid);
	for (const entry of entries) requirePlace(entry, uid);
	return { uid, at: receivedAt, entries: entries as unknown as PlannedDeletion[] };
}

function deletionsOf(content: Record<string, unknown>, uid: number): DeletionRecord[] {
	const entries = listOf(content.deletions, uid);
	for (const entry of entries) {
		requirePlace(entry, uid);
		textOf(entry.deletedAt, uid);
		textOf(entry.hash, uid);
	}
	return entries as unknown as DeletionRecord[];
}

function requirePlace(entry: Record<string, unknown>, uid: number): void {
	for (const field of ['pecKey', 'sha256', 'folder', 'uidValidity']) textOf(entry[field], uid);
	if (typeof entry.uid !== 'number') throw unreadable(uid);
	if (entry.location !== undefined) textOf(entry.location, uid);
}

function acknowledgementsOf(content: Record<string, unknown>, uid: number): Acknowledgement[] {
	return listOf(content.acknowledgements, uid).map((entry) => {
		for (const field of ['messageId', 'note', 'at']) textOf(entry[field], uid);
		if (entry.recipient !== undefined) textOf(entry.recipient, uid);
		if (!Array.isArray(entry.failures) || typeof entry.closesAwaited !== 'boolean') {
			throw unreadable(uid);
		}
		for (const failure of entry.failures) textOf(failure, uid);
		return entry as unknown as Acknowledgement;
	});
}
