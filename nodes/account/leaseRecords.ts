import { RecordsError } from './errors';
import type { LeaseEntry, LeaseStep } from './leaseRules';
import { unreadable } from './recordFormat';
import type { RecordsFolder, StoredRecord } from './recordsFolder';

/** All lease records of the account, as one look at the folder shows them. */
export interface LeaseView {
	readonly uidValidity: string | undefined;
	/** In UID order. */
	readonly entries: readonly LeaseEntry[];
	/** Whether the message that was asked for is in it. */
	readonly isWhole: boolean;
}

/** The lease records in a mailbox. Every method throws MailError. */
export interface LeaseRecords {
	/** @param upTo UID of a message of one's own in the same folder: what was stored before it is in a view that has it */
	read(upTo: number): Promise<LeaseView>;
	/** Dated by the server. @returns its UID */
	write(nonce: string, step: LeaseStep): Promise<number>;
	/** Where the server deletes single messages; else they stay. */
	remove(uids: readonly number[]): Promise<void>;
}

const STEPS: ReadonlySet<unknown> = new Set<LeaseStep>(['claim', 'renewal', 'release']);

/** Others remove theirs while we read: what is still unreadable then is damaged. */
const READINGS = 5;

export function leaseRecords(folder: RecordsFolder): LeaseRecords {
	return {
		read: async (upTo) => {
			for (let reading = 1; ; reading += 1) {
				try {
					const stored = await folder.read('leases');
					const isWhole = await folder.shows(upTo);
					return { uidValidity: folder.uidValidity, entries: stored.map(entryOf), isWhole };
				} catch (error) {
					const isUnreadable = error instanceof RecordsError && error.problem === 'unreadable';
					if (!isUnreadable || reading === READINGS) return await Promise.reject(error);
				}
			}
		},
		write: async (nonce, step) => await folder.write('leases', { step }, nonce, 'byServer'),
		remove: async (uids) => {
			if (uids.length > 0) await folder.remove(uids);
		},
	};
}

function entryOf({
	uid,
	subject: { tag },
	content: { step },
	receivedAt,
}: StoredRecord): LeaseEntry {
	// Who wrote it, or what, cannot be told: it may be a holder's.
	if (tag === undefined || !STEPS.has(step)) throw unreadable(uid);
	return { uid, nonce: tag, step: step as LeaseStep, at: receivedAt.getTime() };
}
