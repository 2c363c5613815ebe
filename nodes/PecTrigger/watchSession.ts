import { MailError } from '../mail/errors';
import type { FolderState, ImapSession } from '../mail/types';
import { FolderLook } from './folderLook';
import { markAsSeen } from './marks';
import type { Offering } from './offers';
import type { Circumstances, SessionOptions } from './watchTypes';

/** How often all folders are asked for their state while messages come. */
const BUSY_POLL_MS = 30_000;
/** For so long after the last news more are expected: a sending has receipts, and they may lie in any folder. */
const BUSY_MS = 60 * 60_000;
/**
 * In a quiet mailbox. Below the 29 minutes after which a server may drop an idle client (RFC 2177), and often enough to
 * notice one that hangs; a network that is gone is noticed by the keep-alive of TCP.
 */
const QUIET_POLL_MS = 240_000;
/** Many triggers of one n8n are not to ask all at once. */
const SPREAD_MS = 50_000;
/** How often a server that does not tell news by itself (IDLE) is asked for them. */
const ASK_MS = 30_000;

/** How stale the recorded positions may be while nothing else is to be recorded. */
const POSITION_MS = 5 * 60_000;

/** How long what the mailbox refused waits before it is tried again. */
const REFUSED_MS = 30_000;

const INBOX = 'INBOX';

/** What is done over one connection. All use of the connection is in line: whoever else has something to record wakes it. */
export class WatchSession {
	readonly #imap: ImapSession;
	readonly #options: SessionOptions;
	readonly #circumstances: Circumstances;
	readonly #look: FolderLook;
	/** Folders that cannot be looked at, while the connection is there. */
	readonly #troubled = new Map<string, MailError>();
	readonly #lost = new AbortController();
	#recordedAt = 0;
	#newsAt = -Infinity;
	#polledAt = 0;
	/** From the last poll to the next, in a quiet mailbox. */
	#quietMs = 0;

	constructor(imap: ImapSession, options: SessionOptions, circumstances: Circumstances) {
		this.#imap = imap;
		this.#options = options;
		this.#circumstances = circumstances;
		this.#look = new FolderLook(imap, {
			session: options,
			circumstances,
			offerAll: async (offerings) => await this.#offerAll(offerings),
			record: async () => await this.#recordSettled(),
			mustEnd: () => this.#mustEnd(),
		});
		void imap.closed.then(() => this.#lost.abort());
	}

	/** Ends the waiting, to look, to record or to stop. */
	wake(): void {
		this.#look.wake();
	}

	/**
	 * Looks and waits until the signal aborts, or the connection is wanted by others.
	 * @param onProgress called when the server answered a whole round
	 * @throws MailError when the connection fails, or no folder can be looked at
	 */
	async serve(onProgress: () => void): Promise<void> {
		const { onConnected, onRound, onServing, timed } = this.#options;
		await this.#begin();
		let paths = await this.#paths();
		this.#polled();
		let changed = paths;
		let told: string | undefined;
		for (let isFirst = true; !this.#mustEnd(); isFirst = false) {
			let hasNews = false;
			for (const path of changed) if (await this.#lookAt(path, told)) hasNews = true;
			if (hasNews) this.#newsAt = this.#now();
			const listened = this.#listened(paths);
			await this.#offerTimed(hasNews || isFirst);
			await this.#record();
			await this.#attend();
			onProgress();
			onServing();
			this.#tellPlaces();
			if (isFirst) onConnected();
			onRound([...this.#troubled.values()][0] ?? timed?.trouble());
			const pollMs = this.#pollMs();
			const pollIn = this.#polledAt + pollMs - this.#now();
			const woken = await this.#wait(listened, { pollIn, pollMs });
			told = woken === 'told' ? listened : undefined;
			changed = woken === 'quiet' ? [] : [listened];
			await this.#recordSettled();
			// A clock that was set back must not stop the polling.
			if (Math.abs(this.#now() - this.#polledAt) < pollMs) continue;
			const poll = await this.#poll();
			paths = poll.paths;
			changed = [...new Set([...changed, ...poll.changed])];
			this.#polled();
		}
		const { attendance, offers, signal } = this.#options;
		// Runs under way are followed on: their end is still to be recorded.
		if (signal.aborted && offers.isIdle) attendance?.leave();
		await this.#record('always');
	}

	/** Other processes may ask for what this one holds, and have news of what it stands by for. */
	async #attend(): Promise<void> {
		const { attendance, offers } = this.#options;
		if (!this.#mustEnd()) await attendance?.attend(this.#imap, offers);
	}

	async #begin(): Promise<void> {
		const { attendance, journal, startAt } = this.#options;
		await journal.load(this.#imap);
		attendance?.connected();
		this.#circumstances.isNew ??= !journal.isBegun;
		if (!journal.isBegun) {
			if (startAt === 'now') await journal.begin(this.#circumstances.begun);
			else journal.note({ since: startAt.toISOString() });
		}
		await this.#recordSettled();
		// Others that came at the same time see this one's record, or this one theirs.
		await this.#attend();
	}

	#mustEnd(): boolean {
		return this.#options.signal.aborted || this.#imap.wanted.aborted;
	}

	async #paths(): Promise<readonly string[]> {
		const { folders } = this.#options;
		return typeof folders === 'function' ? folders(await this.#imap.listFolders()) : folders;
	}

	/** Of all folders to watch, in their order; `undefined` for one that is gone or refused. */
	async #states(): Promise<ReadonlyMap<string, FolderState | undefined>> {
		const { folders } = this.#options;
		if (typeof folders === 'function') return await this.#imap.listStates(folders);
		const states = await this.#imap.folderStates(folders);
		return new Map(folders.map((path) => [path, states.get(path)]));
	}

	#now(): number {
		return this.#options.now().getTime();
	}

	#polled(): void {
		this.#polledAt = this.#now();
		this.#quietMs = QUIET_POLL_MS + SPREAD_MS * this.#options.random();
	}

	/** All folders are asked each so many milliseconds. */
	#pollMs(): number {
		const { journal, pollMs } = this.#options;
		if (pollMs !== undefined) return pollMs;
		const isBusy = this.#now() - this.#newsAt < BUSY_MS;
		return isBusy || this.#troubled.size > 0 || !journal.isWritten ? BUSY_POLL_MS : this.#quietMs;
	}

	/** Whether there was anything new. A folder that is gone or refused must not silence the others. */
	async #lookAt(path: string, told: string | undefined): Promise<boolean> {
		this.#troubled.delete(path);
		try {
			return await this.#look.look(path, { isTold: path === told });
		} catch (error) {
			if (!(error instanceof MailError) || !isOfFolder(error)) return await Promise.reject(error);
			this.#troubled.set(path, error);
			return false;
		}
	}

	/** The first folder that can be looked at. @throws MailError when there is none */
	#listened(paths: readonly string[]): string {
		const [first = INBOX] = paths;
		const trouble = this.#troubled.get(first);
		if (!trouble) return first;
		const other = paths.find((path) => !this.#troubled.has(path));
		if (other === undefined) throw trouble;
		return other;
	}

	/** `told` of news in this folder, or it has more than was seen (`unseen`), or something else is to be done. */
	async #wait(
		path: string,
		{ pollIn, pollMs }: { pollIn: number; pollMs: number },
	): Promise<'quiet' | 'told' | 'unseen'> {
		const { attendance, journal, offers, timed } = this.#options;
		const dueIn = (timed?.nextAt()?.getTime() ?? Infinity) - this.#now();
		const folder = await this.#look.folder(path);
		// What came while another folder was open was told to nobody.
		if (this.#look.isUnseen(path, folder)) return 'unseen';
		// Whoever wakes this session from here on ends the waiting.
		if (journal.hasPending || this.#mustEnd()) return 'quiet';
		const attendIn = attendance?.dueInMs(offers) ?? Infinity;
		const maxMs = Math.max(0, Math.min(pollIn, pollMs, dueIn, attendIn));
		const news = await folder.waitForNews({ maxMs, pollMs: Math.min(pollMs, ASK_MS) });
		return news === 'news' ? 'told' : 'quiet';
	}

	/** Asks all folders for their state: those with something new, and those that could not be looked at. */
	async #poll(): Promise<{ paths: readonly string[]; changed: readonly string[] }> {
		const states = await this.#states();
		for (const path of this.#troubled.keys()) {
			if (!states.has(path)) this.#troubled.delete(path);
		}
		const paths = [...states.keys()];
		const changed = paths.filter((path) => {
			const state = states.get(path);
			if (state === undefined || this.#look.isUnseen(path, state)) return true;
			return this.#look.hasGap(path) || this.#troubled.has(path);
		});
		return { paths, changed };
	}

	/** What is no arrival: looked for when there is news, or when its time has come. */
	async #offerTimed(hasNews: boolean): Promise<void> {
		const { timed } = this.#options;
		const isDue = (timed?.nextAt()?.getTime() ?? Infinity) <= this.#now();
		if (timed && (hasNews || isDue)) await this.#offerAll(await timed.due(this.#imap));
	}

	/** Offers these as places become free. */
	async #offerAll(offerings: Iterable<Offering>): Promise<void> {
		let batch: Offering[] = [];
		for (const offering of offerings) {
			if (this.#options.offers.holds(offering.key)) continue;
			batch.push(offering);
			if (batch.length < this.#options.offers.free) continue;
			await this.#waitForPlace();
			if (this.#mustEnd()) return;
			await this.#offer(batch);
			batch = [];
		}
		await this.#offer(batch);
	}

	async #offer(batch: readonly Offering[]): Promise<void> {
		if (batch.length === 0) return;
		await this.#options.offers.begin(batch);
		this.#options.onServing();
	}

	async #waitForPlace(): Promise<void> {
		const { attendance, offers, onFull, signal } = this.#options;
		this.#tellPlaces();
		while (offers.free <= 0 && !this.#mustEnd()) {
			onFull?.(true);
			const due = attendance ? [AbortSignal.timeout(Math.ceil(attendance.dueInMs(offers)))] : [];
			await offers.changed([signal, this.#imap.wanted, this.#lost.signal, ...due]);
			// Asks nothing of the server; throws when the connection was lost meanwhile.
			if (this.#lost.signal.aborted) await this.#imap.folderStates([]);
			// What ended is recorded together with what is offered in its place.
			if (offers.free <= 0) await this.#record();
			await this.#attend();
		}
		this.#tellPlaces();
	}

	#tellPlaces(): void {
		if (this.#options.offers.free > 0) this.#options.onFull?.(false);
	}

	/** Ends of runs are recorded before anything else: until then n8n, if it dies, starts them again. */
	async #recordSettled(): Promise<void> {
		if (this.#options.journal.hasPending) await this.#record();
	}

	/** Writes what the next connection or the next process has to know; positions alone not at every step. */
	async #record(when: 'needed' | 'always' = 'needed'): Promise<void> {
		const { journal } = this.#options;
		if (await markAsSeen(this.#imap, this.#circumstances.marks)) this.#look.forgetOpen();
		const hasMoved = this.#look.advance();
		const sinceMs = this.#now() - this.#recordedAt;
		const isDue = when === 'always' || sinceMs >= POSITION_MS;
		// What a full mailbox refused is written when it has room again, also when nothing else happens.
		const isRefused = !journal.isWritten && sinceMs >= REFUSED_MS;
		if (!journal.hasPending && !isRefused && !(isDue && hasMoved)) return;
		journal.note({ folders: this.#look.takeMoved() });
		this.#recordedAt = this.#now();
		await journal.flush();
	}
}

/** The server refuses something about one folder, and may serve others. */
function isOfFolder({ code }: MailError): boolean {
	return code === 'folderMissing' || code === 'refused';
}
