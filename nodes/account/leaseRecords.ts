import { RecordsError } from './errors';
import type { LeaseEntry, LeaseStep } from './leaseRules';
import { unreadable } from './recordFormat';
import type { RecordsFolder, StoredRecord } from './recordsFolder';

/** All lease records of the account, as one look at the folder shows them. */
export interface LeaseView {
	readonly uidValidity: string | undefined;
	/** In UID order. */
	readonly entries: readonly LeaseEntry[];
}

/** The lease records in a mailbox. Every method throws MailError. */
export interface LeaseRecords {
	read(): Promise<LeaseView>;
	/** Dated by the server. @returns its UID */
	write(nonce: string, step: LeaseStep): Promise<number>;
	/** @returns false where they stay, because the server deletes no single messages */
	remove(uids: readonly number[]): Promise<boolean>;
}

const STEPS: ReadonlySet<unknown> = new Set<LeaseStep>(['claim', 'renewal', 'release']);

/** Others remove theirs while we read: what is still unreadable then is damaged. */
const READINGS = 5;

export function leaseRecords(folder: RecordsFolder): LeaseRecords {
	return {
		read: async () => {
			for (let reading = 1; ; reading += 1) {
				try {
					const stored = await folder.read('leases');
					return { uidValidity: folder.uidValidity, entries: stored.map(entryOf) };
				} catch (error) {
					const isUnreadable = error instanceof RecordsError && error.problem === 'unreadable';
					if (!isUnreadable || reading === READINGS) return await Promise.reject(error);
				}
			}
		},
		write: async (nonce, step) => await folder.write('leases', { step }, nonce, 'byServer'),
		remove: async (uids) => await folder.remove(uids),
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
