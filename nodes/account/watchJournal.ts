import { MailError } from '../mail/errors';
import type { ImapSession } from '../mail/types';
import { RecordsError } from './errors';
import { RecordsFolder } from './recordsFolder';
import {
	changeOf,
	FoldedWatch,
	joinedChange,
	pendingChange,
	type WatchChange,
	type WatchState,
} from './watchState';
import { WatchTalk } from './watchTalk';
import { sha256Of } from '../pec/sha256';

/** As many settled events make a record that is not rewritten any more: some 100 kB. */
const FULL_RECORD = 4_000;
/** Above it the small records are joined into one. */
const RECORDS_LIMIT = 100;

/** The tag of the records of one watch. @param parts whatever makes it another watch when it changes */
export function watchTag(parts: readonly string[]): string {
	return sha256Of(JSON.stringify(parts)).slice(0, 20);
}

export interface WatchJournalOptions {
	readonly account: string;
	readonly tag: string;
	readonly now: () => Date;
	/** The name of this process among those that watch the same; absent where there is no other. */
	readonly self?: string;
}

/**
 * What one trigger remembers, in the mailbox itself (docs/ARCHITECTURE.md, PEC Trigger). A change counts at once, and is
 * safe when `flush` returned `stored`. Lives longer than a connection: what could not be written waits for the next.
 */
export class WatchJournal {
	/** What other processes have recorded beside it. */
	readonly talk = new WatchTalk();
	readonly #options: WatchJournalOptions;
	readonly #folded = new FoldedWatch();
	#records: RecordsFolder | undefined;
	#pending: WatchChange | undefined;
	#isRefused = false;
	#canJoin = false;
	#isBegun = false;
	/** Records that were written since they were joined last. */
	#written = 0;
	/** Of the records that this process wrote itself, in the folder as it is numbered. */
	readonly #own = new Set<number>();
	#uidValidity: string | undefined;
	#readUpTo = 0;
	#isLoaded = false;
	#latestUid: number | undefined;

	constructor(options: WatchJournalOptions) {
		this.#options = options;
	}

	get state(): WatchState {
		return this.#folded;
	}

	/** Nothing is known here that the mailbox does not know. */
	get isWritten(): boolean {
		return this.#pending === undefined;
	}

	/** Something was noted that was neither written nor refused. */
	get hasPending(): boolean {
		return this.#pending !== undefined && !this.#isRefused;
	}

	/** UID of the record that was written last; `undefined` when the mailbox took none. */
	get latestUid(): number | undefined {
		return this.#latestUid;
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
		const { account, now } = this.#options;
		const records = new RecordsFolder(imap, { account, now });
		this.#records = records;
		this.#canJoin = imap.capabilities.has('UIDPLUS');
		const stored = await this.#read(records);
		// The mailbox knows by its own clock when watching began; n8n's memory by this machine's.
		const since = stored.find(({ change }) => change.since !== undefined)?.change.since;
		if (since !== undefined) this.#folded.since = since;
		this.#takeIn(stored);
		// What is known here is later than what was read.
		if (this.#pending) this.#folded.fold(this.#pending);
		this.#written = stored.length;
		this.#isBegun ||= since !== undefined;
		this.#isLoaded = true;
		await this.#joinRecords(records);
	}

	/** Reads what other processes recorded since. @throws MailError when the connection failed */
	async look(): Promise<void> {
		const records = this.#records;
		if (!records) return;
		const news = await unlessRefused(this.#read(records, this.#readUpTo));
		this.#takeIn((news ?? []).filter(({ uid }) => !this.#own.has(uid)));
	}

	/** Whether the mailbox knows when watching began. */
	get isBegun(): boolean {
		return this.#isBegun;
	}

	/**
	 * Notes when watching began: as n8n's memory has it, else as told, a little early.
	 * @param at by this machine's clock; what is noted is the server's time, where it can be told
	 * @throws MailError when the connection failed
	 */
	async begin(at: Date): Promise<void> {
		const { since, folders } = this.#folded;
		if (since !== undefined) {
			this.note({ since, folders: Object.fromEntries(folders) });
			return;
		}
		const ahead = await unlessRefused(this.#records?.clockAhead('watches', this.#options.tag));
		this.note({ since: beginningBefore(at, ahead) });
	}

	note(change: WatchChange): void {
		this.#folded.fold(change);
		this.#pending = this.#pending ? pendingChange(this.#pending, change) : change;
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
		this.#latestUid = undefined;
		try {
			this.#latestUid = await this.#records.write('watches', change, this.#options.tag);
			this.#own.add(this.#latestUid);
		} catch (error) {
			this.#pending = this.#pending ? pendingChange(change, this.#pending) : change;
			this.#isRefused = isRefusal(error);
			if (this.#isRefused) return 'memory';
			return await Promise.reject(error);
		}
		this.#written += 1;
		this.#isBegun ||= change.since !== undefined;
		await this.#joinRecords(this.#records);
		return 'stored';
	}

	async #read(
		records: RecordsFolder,
		above = 0,
	): Promise<Array<{ uid: number; change: WatchChange }>> {
		const { tag } = this.#options;
		const stored = await records.read('watches', { tag, damaged: 'skipped', above });
		if (records.uidValidity !== this.#uidValidity) {
			this.#uidValidity = records.uidValidity;
			this.#own.clear();
			if (above > 0) return await this.#read(records);
		}
		this.#readUpTo = Math.max(above, ...stored.map(({ uid }) => uid));
		return stored.flatMap(({ uid, content }) => {
			const change = changeOf(content);
			return change ? [{ uid, change }] : [];
		});
	}

	#takeIn(stored: ReadonlyArray<{ uid: number; change: WatchChange }>): void {
		for (const { uid, change } of stored) {
			this.#folded.fold(change);
			if (!this.#own.has(uid)) this.talk.learn(uid, change, !this.#isLoaded);
		}
	}

	/** Whether another process may have to read a record before it goes. */
	#mayBeRead(): boolean {
		const { self } = this.#options;
		return self !== undefined && [...this.#folded.watchers].some((name) => name !== self);
	}

	/** Writes one record in the place of many small ones, which go when it is safe. */
	async #joinRecords(records: RecordsFolder): Promise<void> {
		if (!this.#canJoin || this.#written < RECORDS_LIMIT || this.#mayBeRead()) return;
		this.#written = 0;
		// A full mailbox takes no record, but is to be watched all the same.
		await unlessRefused(this.#join(records));
	}

	async #join(records: RecordsFolder): Promise<void> {
		const known = this.#readUpTo;
		const stored = await this.#read(records);
		this.#takeIn(stored.filter(({ uid }) => uid > known && !this.#own.has(uid)));
		const small = stored.filter(({ change }) => (change.settled?.length ?? 0) < FULL_RECORD);
		if (small.length < RECORDS_LIMIT || this.#mayBeRead()) return;
		const change = joinedChange(...small.map((one) => one.change));
		this.#own.add(await records.write('watches', change, this.#options.tag));
		await records.remove(small.map(({ uid }) => uid));
		for (const { uid } of small) this.#own.delete(uid);
	}
}

/** Clocks of two machines; what is measured is exact to the second in which the server dated a record. */
const UNKNOWN_CLOCK_MS = 5 * 60_000;
const MEASURED_CLOCK_MS = 2_000;

/**
 * When watching began, rather too early than too late: an old message is offered rather than a new one passed over.
 * @param ahead of the server's clock, milliseconds; `undefined` when it is not known
 */
export function beginningBefore(at: Date, ahead: number | undefined): string {
	const margin = ahead === undefined ? UNKNOWN_CLOCK_MS : MEASURED_CLOCK_MS;
	return new Date(at.getTime() + (ahead ?? 0) - margin).toISOString();
}

/** The server is there, and does not want it. */
function isRefusal(error: unknown): boolean {
	if (error instanceof RecordsError) return true;
	return (
		error instanceof MailError &&
		['overQuota', 'refused', 'notSupported', 'folderMissing'].includes(error.code)
	);
}

/** What `work` comes to; `undefined` when the server does not want it. @throws MailError when the connection failed */
async function unlessRefused<T>(work: Promise<T> | undefined): Promise<T | undefined> {
	return await work?.catch((error: unknown) => {
		if (isRefusal(error)) return undefined;
		throw error;
	});
}
