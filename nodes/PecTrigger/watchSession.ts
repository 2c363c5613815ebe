import type { FolderPosition } from '../account/watchState';
import { MailError } from '../mail/errors';
import { folderChanged } from '../mail/imapError';
import type { ImapSession, OpenFolder } from '../mail/types';
import { FolderCursor, isOld, startingPosition } from './folderCursor';
import { markAsSeen } from './marks';
import type { Offering } from './offers';
import type { Candidate, Circumstances, SessionOptions } from './watchTypes';

const POLL_MS = 30_000;
/** Below the 29 minutes after which a server may drop an idle client (RFC 2177), and often enough to notice a dead socket. */
const LONGEST_IDLE_MS = 5 * 60_000;

/** How stale the recorded positions may be while nothing else is to be recorded. */
const POSITION_MS = 5 * 60_000;

const INBOX = 'INBOX';
const WINDOW = 200;

/** After as many broken connections at one message its body is left alone. */
const BODY_TRIES = 3;
/** A folder that changes under our hands so often within one look is an outage. */
const REOPEN_TRIES = 3;

type FolderEnd = Pick<OpenFolder, 'path' | 'uidValidity' | 'uidNext'>;

/** What is done over one connection. All use of the connection is in line: whoever else has something to record wakes it. */
export class WatchSession {
	readonly #imap: ImapSession;
	readonly #options: SessionOptions;
	readonly #circumstances: Circumstances;
	readonly #cursors = new Map<string, FolderCursor>();
	#open: OpenFolder | undefined;
	#isFirstLook = false;
	#moved: Record<string, FolderPosition> = {};
	#recordedAt = 0;

	constructor(imap: ImapSession, options: SessionOptions, circumstances: Circumstances) {
		this.#imap = imap;
		this.#options = options;
		this.#circumstances = circumstances;
	}

	/** Ends the waiting, to look, to record or to stop. */
	wake(): void {
		this.#open?.wake();
	}

	/**
	 * Looks and waits until the signal aborts, or the connection is wanted by others.
	 * @param onProgress called when the server answered a whole round
	 * @throws MailError when the connection fails
	 */
	async serve(onProgress: () => void): Promise<void> {
		const { journal, startAt, pollMs = POLL_MS } = this.#options;
		await journal.load(this.#imap);
		this.#circumstances.isNew ??= journal.state.since === undefined;
		if (journal.state.since === undefined) {
			this.#isFirstLook = true;
			const since = startAt === 'now' ? this.#circumstances.begun : startAt;
			journal.note({ since: since.toISOString() });
		}
		let paths = await this.#paths();
		let polledAt = this.#now();
		let changed = paths;
		for (let isFirst = true; !this.#mustEnd(); isFirst = false) {
			let hasNews = isFirst;
			for (const path of changed) if (await this.#look(path)) hasNews = true;
			await this.#offerTimed(hasNews);
			await this.#record();
			onProgress();
			if (isFirst) this.#options.onConnected();
			this.#isFirstLook = false;
			const listened = paths[0] ?? INBOX;
			const pollIn = this.#hasOthers(paths) ? polledAt + pollMs - this.#now() : LONGEST_IDLE_MS;
			await this.#wait(listened, pollIn);
			changed = [listened];
			if (this.#hasOthers(paths) && this.#now() - polledAt >= pollMs) {
				paths = await this.#paths();
				changed = [listened, ...(await this.#withNews(paths.slice(1)))];
				polledAt = this.#now();
			}
		}
		await this.#record('always');
	}

	#mustEnd(): boolean {
		return this.#options.signal.aborted || this.#imap.wanted.aborted;
	}

	async #paths(): Promise<readonly string[]> {
		const { folders } = this.#options;
		return typeof folders === 'function' ? await folders(this.#imap) : folders;
	}

	/** Others than the one listened to, or such as may still be made. */
	#hasOthers(paths: readonly string[]): boolean {
		return paths.length > 1 || typeof this.#options.folders === 'function';
	}

	#now(): number {
		return this.#options.now().getTime();
	}

	async #wait(path: string, longestMs: number): Promise<void> {
		const { journal, pollMs = POLL_MS, timed } = this.#options;
		const dueIn = (timed?.nextAt()?.getTime() ?? Infinity) - this.#now();
		const folder = await this.#folder(path);
		// What came while another folder was open was told to nobody. Whoever wakes this session from here on ends the waiting.
		if (this.#isUnseen(folder) || journal.hasPending || this.#mustEnd()) return;
		const maxMs = Math.max(0, Math.min(longestMs, LONGEST_IDLE_MS, dueIn));
		await folder.waitForNews({ maxMs, pollMs });
	}

	async #withNews(paths: readonly string[]): Promise<string[]> {
		const states = await this.#imap.folderStates(paths);
		return paths.filter((path) => {
			const state = states.get(path);
			return state !== undefined && this.#isUnseen({ path, ...state });
		});
	}

	#isUnseen({ path, uidValidity, uidNext }: FolderEnd): boolean {
		const cursor = this.#cursors.get(path);
		return cursor?.position.uidValidity !== uidValidity || uidNext - 1 > cursor.seenUpTo;
	}

	/** The folder, opened if another is. */
	async #folder(path: string): Promise<OpenFolder> {
		if (this.#open?.path !== path || !this.#open.isSelected()) {
			this.#open = await this.#imap.open(path, { readOnly: true });
		}
		return this.#open;
	}

	/** Whether there was anything new. */
	async #look(path: string): Promise<boolean> {
		for (let tries = 1; ; tries += 1) {
			try {
				return await this.#lookThrough(path);
			} catch (error) {
				this.#open = undefined;
				const changed = error instanceof MailError && error.code === 'folderChanged';
				// Somebody else's folder, gone: the next connection looks at what there is then.
				if (!changed || tries >= REOPEN_TRIES) return await Promise.reject(error);
			}
		}
	}

	async #lookThrough(path: string): Promise<boolean> {
		const folder = await this.#folder(path);
		const state = await folder.refresh();
		const cursor = this.#cursorOf(folder);
		if (state.uidNext - 1 <= cursor.seenUpTo) return false;
		if (this.#options.candidate) {
			const from = cursor.seenUpTo + 1;
			const found = await folder.search({ uid: `${from}:*` });
			// "n:*" always answers the last message, also below n (RFC 3501 6.4.8).
			const uids = found.filter((uid) => uid >= from);
			for (let start = 0; start < uids.length; start += WINDOW) {
				await this.#offerWindow(path, uids.slice(start, start + WINDOW));
				if (this.#mustEnd()) return true;
			}
		}
		cursor.pass(state.uidNext - 1);
		return true;
	}

	#cursorOf(folder: OpenFolder): FolderCursor {
		const { path, uidValidity } = folder;
		const known = this.#cursors.get(path);
		if (known?.position.uidValidity === uidValidity) return known;
		const { journal, startAt, endsAtStart } = this.#options;
		const { isNew, isLate } = this.#circumstances;
		const atStart = isNew && startAt === 'now' ? endsAtStart?.get(path) : undefined;
		const cursor = new FolderCursor(
			startingPosition(folder, {
				known: journal.state.folders.get(path) ?? atStart,
				beginsAtEnd: startAt === 'now' && this.#isFirstLook && !isLate,
			}),
		);
		this.#cursors.set(path, cursor);
		this.#moved[path] = cursor.position;
		return cursor;
	}

	async #offerWindow(path: string, uids: readonly number[]): Promise<void> {
		const { offers, journal, candidate: candidateOf } = this.#options;
		const folder = await this.#folder(path);
		const cursor = this.#cursorOf(folder);
		const since = Date.parse(journal.state.since ?? '');
		let batch: Array<{ uid: number; candidate: Candidate }> = [];
		const offerBatch = async () => {
			const loaded: Offering[] = [];
			for (const { uid, candidate } of batch) {
				const offering = await this.#load(path, uid, candidate);
				if (this.#mustEnd()) return;
				// Gone meanwhile: a person moved or deleted it. Its UID never comes back.
				if (offering) {
					loaded.push(offering);
					cursor.begun(uid, offering.key);
				} else cursor.pass(uid);
			}
			batch = [];
			await this.#offerAll(loaded);
		};
		for (const message of await folder.scan(uids)) {
			const candidate = isOld(message, cursor.position, since) ? undefined : candidateOf?.(message);
			if (!candidate || offers.isSettled(candidate.key)) {
				if (batch.length === 0) cursor.pass(message.uid);
				continue;
			}
			if (offers.holds(candidate.key)) {
				await offerBatch();
				cursor.begun(message.uid, candidate.key);
				continue;
			}
			batch.push({ uid: message.uid, candidate });
			if (batch.length >= Math.max(1, offers.free)) await offerBatch();
			if (this.#mustEnd()) return;
		}
		await offerBatch();
	}

	async #load(path: string, uid: number, { load }: Candidate): Promise<Offering | undefined> {
		const { bodyTries, marks } = this.#circumstances;
		const folder = await this.#folder(path);
		const { uidValidity } = folder;
		if (this.#cursors.get(path)?.position.uidValidity !== uidValidity) throw folderChanged(path);
		const place = JSON.stringify([path, uidValidity, uid]);
		const tries = bodyTries.get(place) ?? 0;
		bodyTries.set(place, tries + 1);
		const how = tries < BODY_TRIES ? 'whole' : 'headersOnly';
		const offering = await load({ imap: this.#imap, folder }, how);
		bodyTries.delete(place);
		if (!offering || !this.#options.marksAsRead) return offering;
		return { ...offering, onSucceeded: () => void marks.push({ path, uidValidity, uid }) };
	}

	/** What is no arrival: looked for when there is news, or when its time has come. */
	async #offerTimed(hasNews: boolean): Promise<void> {
		const { timed } = this.#options;
		const isDue = (timed?.nextAt()?.getTime() ?? Infinity) <= this.#now();
		if (timed && (hasNews || isDue)) await this.#offerAll(await timed.due(this.#imap));
	}

	/** Offers these as places become free. */
	async #offerAll(offerings: Iterable<Offering>): Promise<void> {
		const { offers, signal } = this.#options;
		let batch: Offering[] = [];
		for (const offering of offerings) {
			batch.push(offering);
			if (batch.length < offers.free) continue;
			while (offers.free <= 0 && !this.#mustEnd()) {
				await offers.changed([signal, this.#imap.wanted]);
				await this.#record();
			}
			if (this.#mustEnd()) return;
			await offers.begin(batch);
			batch = [];
		}
		await offers.begin(batch);
	}

	/** Writes what the next connection or the next process has to know; positions alone not at every step. */
	async #record(when: 'needed' | 'always' = 'needed'): Promise<void> {
		const { journal, offers } = this.#options;
		if (await markAsSeen(this.#imap, this.#circumstances.marks)) this.#open = undefined;
		for (const [path, cursor] of this.#cursors) {
			const position = cursor.advance((key) => offers.isSettled(key));
			if (position) this.#moved[path] = position;
		}
		const isDue = when === 'always' || this.#now() - this.#recordedAt >= POSITION_MS;
		if (!journal.hasPending && !(isDue && Object.keys(this.#moved).length > 0)) return;
		journal.note({ folders: this.#moved });
		this.#moved = {};
		this.#recordedAt = this.#now();
		await journal.flush();
	}
}
