import type { ImapSession } from '../mail/types';
import { MailError, unless } from '../mail/errors';
import type { CleanUpRecords } from './cleanUpRecords';

/**
 * What the records of one batch take at most, and more: some 50 copies of 1 kB, as many plans and deletions, in base64.
 * What a batch deletes makes room for the next.
 */
export const RESERVE_BYTES = 256 * 1024;

/** A mailbox that is so near its end is left alone. */
const ROOM_BYTES = 2 * RESERVE_BYTES;

/**
 * Room for records in a mailbox that is full: a message that holds nothing but place, removed when a record does not fit and
 * put back when there is room again.
 */
export class Reserve {
	readonly #imap: ImapSession;
	readonly #records: CleanUpRecords;

	constructor(imap: ImapSession, records: CleanUpRecords) {
		this.#imap = imap;
		this.#records = records;
	}

	/**
	 * Writes a record, in the reserve's place when there is no other. Selects the folder of records.
	 * @throws MailError `overQuota` when there is no reserve either; whatever `write` throws
	 */
	async write<T>(write: () => Promise<T>): Promise<T> {
		try {
			return await write();
		} catch (error) {
			if (!(error instanceof MailError) || error.code !== 'overQuota') return await rejected(error);
			const uids = await this.#records.findBallast();
			if (uids.length === 0 || !(await this.#records.removeBallast(uids))) throw noReserve(error);
			return await write();
		}
	}

	/** Sees to it that there is one, if there is room; more than one are too many. @throws MailError */
	async putBack(): Promise<void> {
		const [first, ...others] = await this.#records.findBallast();
		if (others.length > 0) await this.#records.removeBallast(others);
		if (first !== undefined) return;
		const quota = await this.#imap.quota();
		if (quota && quota.limit - quota.used < ROOM_BYTES) return;
		await unless('overQuota', this.#records.writeBallast(RESERVE_BYTES));
	}
}

async function rejected(error: unknown): Promise<never> {
	return await Promise.reject(error as Error);
}

function noReserve(cause: MailError): MailError {
	return new MailError(
		'overQuota',
		'The mailbox is so full that not even the record of a clean-up fits: nothing more was deleted',
		{
			whatToDo:
				'Delete or move some old messages by hand (1 MB is enough), then run it again: it then keeps a reserve, and a full mailbox does not stop it any more',
			retry: 'later',
			cause,
		},
	);
}
