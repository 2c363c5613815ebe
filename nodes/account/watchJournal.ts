import { createHash } from 'node:crypto';
import { MailError } from '../mail/errors';
import type { ImapSession } from '../mail/types';
import { RecordsError } from './errors';
import { RecordsFolder } from './recordsFolder';
import {
	changeOf,
	FoldedWatch,
	joinedChange,
	type WatchChange,
	type WatchState,
} from './watchState';

/** As many settled events make a record that is not rewritten any more: some 100 kB. */
const FULL_RECORD = 4_000;
/** Above it the small records are joined into one. */
const RECORDS_LIMIT = 100;

/** The tag of the records of one watch. @param parts whatever makes it another watch when it changes */
export function watchTag(parts: readonly string[]): string {
	return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 20);
}

interface Written {
	readonly uid: number;
	readonly change: WatchChange;
}

/**
 * What one trigger remembers, in the mailbox itself (docs/ARCHITECTURE.md, PEC Trigger). A change counts at once, and is
 * safe when `flush` returned `stored`. Lives longer than a connection: what could not be written waits for the next.
 */
export class WatchJournal {
	readonly #options: { account: string; tag: string; now: () => Date };
	readonly #folded = new FoldedWatch();
	#records: RecordsFolder | undefined;
	#pending: WatchChange | undefined;
	#isRefused = false;
	#written: Written[] = [];

	constructor(options: { account: string; tag: string; now: () => Date }) {
		this.#options = options;
	}

	get state(): WatchState {
		return this.#folded;
	}

	/** Something was noted that was neither written nor refused. */
	get hasPending(): boolean {
		return this.#pending !== undefined && !this.#isRefused;
	}

	/** Takes in what n8n's static data remembers: never more than the mailbox does, but there when it takes no records. */
	recall(change: WatchChange): void {
		this.#folded.fold(change);
	}

	/**
	 * Reads what the mailbox remembers; to be called first on each connection. A damaged record is passed over: it would say
	 * what not to repeat, never what to skip.
	 * @throws MailError
	 */
	async load(imap: ImapSession): Promise<void> {
		const { account, tag, now } = this.#options;
		this.#records = new RecordsFolder(imap, { account, now });
		const stored = await this.#records.read('watches', tag, 'skipped');
		this.#written = stored.flatMap(({ uid, content }) => {
			const change = changeOf(content);
			return change ? { uid, change } : [];
		});
		for (const { change } of this.#written) this.#folded.fold(change);
		// What is known here is later than what was read.
		if (this.#pending) this.#folded.fold(this.#pending);
		if (imap.capabilities.has('UIDPLUS')) await this.#joinSmallRecords(this.#records);
	}

	note(change: WatchChange): void {
		this.#folded.fold(change);
		this.#pending = this.#pending ? joinedChange(this.#pending, change) : change;
		this.#isRefused = false;
	}

	/**
	 * Writes what was noted, in one record.
	 * @returns `memory` where the mailbox takes no record (full, no permission): it is tried again with the next change
	 * @throws MailError when the connection failed
	 */
	async flush(): Promise<'stored' | 'memory'> {
		const change = this.#pending;
		if (!change || !this.#records) return 'stored';
		this.#pending = undefined;
		try {
			const uid = await this.#records.write('watches', change, this.#options.tag);
			this.#written.push({ uid, change });
			return 'stored';
		} catch (error) {
			this.#pending = this.#pending ? joinedChange(change, this.#pending) : change;
			this.#isRefused = isRefusal(error);
			if (this.#isRefused) return 'memory';
			return await Promise.reject(error);
		}
	}

	/** Writes one record in the place of many small ones, which go when it is safe. */
	async #joinSmallRecords(records: RecordsFolder): Promise<void> {
		const small = this.#written.filter(({ change }) => (change.settled?.length ?? 0) < FULL_RECORD);
		if (small.length < RECORDS_LIMIT) return;
		const change = small.map((one) => one.change).reduce(joinedChange);
		const uid = await records.write('watches', change, this.#options.tag);
		await records.remove(small.map((one) => one.uid));
		this.#written = [...this.#written.filter((one) => !small.includes(one)), { uid, change }];
	}
}

/** The server is there, and does not want it. */
function isRefusal(error: unknown): boolean {
	if (error instanceof RecordsError) return true;
	return (
		error instanceof MailError &&
		['overQuota', 'refused', 'notSupported', 'folderMissing'].includes(error.code)
	);
}
