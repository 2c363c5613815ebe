import { headerWindows } from '../account/headerWindows';
import type { FolderPosition } from '../account/watchState';
import { MailError, unless } from '../mail/errors';
import { folderChanged } from '../mail/imapError';
import type { ArrivedMessage, FolderState, ImapSession, OpenFolder } from '../mail/types';
import { FolderCursor, isOld, startingPosition } from './folderCursor';
import { scanHeaders, TRIES, type UnreadablePlace } from './headerScan';
import type { Offering } from './offers';
import { HOW_TO_LOAD, type Candidate, type Circumstances, type SessionOptions } from './watchTypes';

/** Places remembered as not wanted; what is forgotten is read once more. */
const PASSED = 10_000;

/** SEARCH SINCE goes by days of the server's own zone. */
const SEARCH_MARGIN_MS = 48 * 3_600_000;

/** A folder that changes under our hands so often within one look is an outage. */
const REOPEN_TRIES = 3;

export interface LookOptions {
	readonly session: SessionOptions;
	readonly circumstances: Circumstances;
	/** Offers these as places become free. */
	readonly offerAll: (offerings: readonly Offering[]) => Promise<void>;
	/** Records ends of runs, if there are any to record. */
	readonly record: () => Promise<void>;
	/** Whether looking is to stop where it is. */
	readonly mustEnd: () => boolean;
}

/** Looks through the folders of one connection, each from where it was left. */
export class FolderLook {
	readonly #imap: ImapSession;
	readonly #options: LookOptions;
	readonly #cursors = new Map<string, FolderCursor>();
	#open: OpenFolder | undefined;
	#moved: Record<string, FolderPosition> = {};

	constructor(imap: ImapSession, options: LookOptions) {
		this.#imap = imap;
		this.#options = options;
	}

	/** Ends the waiting for news. */
	wake(): void {
		this.#open?.wake();
	}

	/** Another folder may be open than the one that was. */
	forgetOpen(): void {
		this.#open = undefined;
	}

	/** The folder, opened if another is. */
	async folder(path: string): Promise<OpenFolder> {
		if (this.#open?.path !== path || !this.#open.isSelected()) {
			this.#open = await this.#imap.open(path, { readOnly: true });
		}
		return this.#open;
	}

	isUnseen(path: string, { uidValidity, uidNext }: Omit<FolderState, 'messages'>): boolean {
		const cursor = this.#cursors.get(path);
		return cursor?.position.uidValidity !== uidValidity || cursor.isUnseen(uidNext);
	}

	/** Whether something may show up there that was counted already. */
	hasGap(path: string): boolean {
		return this.#cursors.get(path)?.hasGap === true;
	}

	/** Positions that moved since they were taken; none of what is on its way. */
	takeMoved(): Readonly<Record<string, FolderPosition>> {
		const moved = this.#moved;
		this.#moved = {};
		return moved;
	}

	/** Moves positions over what is settled. @returns whether any moved since they were taken */
	advance(): boolean {
		const { offers } = this.#options.session;
		for (const [path, cursor] of this.#cursors) {
			const position = cursor.advance((key) => offers.isSettled(key));
			if (position) this.#moved[path] = position;
		}
		return Object.keys(this.#moved).length > 0;
	}

	/**
	 * Offers what is new.
	 * @param isTold the server has just told its news of this folder: SEARCH shows all of it, without asking for more
	 * @returns whether there was anything new
	 */
	async look(path: string, { isTold }: { isTold: boolean }): Promise<boolean> {
		for (let tries = 1; ; tries += 1) {
			try {
				return await this.#lookThrough(path, isTold && tries === 1);
			} catch (error) {
				this.forgetOpen();
				const changed = error instanceof MailError && error.code === 'folderChanged';
				// What was begun and not offered must be seen again: the next look goes on from what is recorded.
				this.#cursors.delete(path);
				if (!changed || tries >= REOPEN_TRIES) return await Promise.reject(error);
			}
		}
	}

	async #lookThrough(path: string, isTold: boolean): Promise<boolean> {
		const folder = await this.folder(path);
		const { candidate } = this.#options.session;
		const known = this.#cursors.get(path);
		const canSkip = isTold && candidate !== undefined && known !== undefined;
		const state = canSkip ? undefined : await folder.refresh();
		const cursor = this.#cursorFrom(folder, state?.uidNext ?? folder.uidNext);
		if (state && state.uidNext - 1 <= cursor.seenUpTo) return false;
		if (!state && cursor === known && (await this.#offerArrivals(cursor, folder))) return true;
		if (candidate) {
			const uids = await this.#uidsToLookAt(folder, cursor);
			if (!state && uids.length === 0) return false;
			for await (const window of headerWindows(async () => await this.folder(path), uids)) {
				await this.#offerWindow(cursor, path, window);
				if (this.#options.mustEnd()) return true;
			}
			cursor.pass(uids.at(-1) ?? 0);
		} else if (state) cursor.pass(state.uidNext - 1);
		if (state) cursor.looked(state.uidNext);
		return true;
	}

	/** Offers what has just arrived, where that can be told without a search. @returns whether it could */
	async #offerArrivals(cursor: FolderCursor, folder: OpenFolder): Promise<boolean> {
		if (cursor.hasGap) return false;
		const after = this.#newerFrom(cursor) - 1;
		// What a server refuses here is asked for again, in the way that finds out which message it is.
		const arrived = await unless('refused', folder.arrivals(after));
		if (!arrived) return false;
		await this.#offerMessages(cursor, folder, arrived);
		if (!this.#options.mustEnd()) cursor.pass(after + arrived.length);
		return true;
	}

	/** Older messages than these are looked for by their date. */
	#newerFrom({ position: { olderUpTo = 0 }, seenUpTo }: FolderCursor): number {
		return (this.#since() > 0 ? Math.max(seenUpTo, olderUpTo) : seenUpTo) + 1;
	}

	async #uidsToLookAt(folder: OpenFolder, cursor: FolderCursor): Promise<number[]> {
		const { olderUpTo = 0 } = cursor.position;
		const since = this.#since();
		const from = cursor.seenUpTo + 1;
		const older =
			from <= olderUpTo && since > 0
				? await folder.search({
						uid: `${from}:${olderUpTo}`,
						since: new Date(since - SEARCH_MARGIN_MS),
					})
				: [];
		const next = this.#newerFrom(cursor);
		const newer = await folder.search({ uid: `${next}:*` });
		// "n:*" always answers the last message, also below n (RFC 3501 6.4.8).
		return [...older, ...newer.filter((uid) => uid >= next)];
	}

	#since(): number {
		return Date.parse(this.#options.session.journal.state.since ?? '');
	}

	/** The folder's cursor, on this connection; made anew when the folder is another than it was. */
	#cursorFrom({ path, uidValidity }: OpenFolder, uidNext: number): FolderCursor {
		const { journal, startAt, endsAtStart } = this.#options.session;
		const known = this.#cursors.get(path);
		if (known?.position.uidValidity === uidValidity) return known;
		const atStart =
			this.#options.circumstances.isNew && startAt === 'now' ? endsAtStart?.get(path) : undefined;
		const left = journal.state.folders.get(path) ?? atStart;
		const cursor = new FolderCursor(startingPosition({ uidValidity, uidNext }, left));
		this.#cursors.set(path, cursor);
		this.#moved[path] = cursor.position;
		return cursor;
	}

	async #offerWindow(cursor: FolderCursor, path: string, uids: readonly number[]): Promise<void> {
		const folder = await this.folder(path);
		// Opened again meanwhile, and numbered anew: these UIDs mean other messages now.
		if (folder.uidValidity !== cursor.position.uidValidity) throw folderChanged(path);
		const { failures } = this.#options.circumstances;
		await this.#offerMessages(cursor, folder, await scanHeaders(folder, uids, failures));
	}

	async #offerMessages(
		cursor: FolderCursor,
		folder: OpenFolder,
		messages: ReadonlyArray<ArrivedMessage | UnreadablePlace>,
	): Promise<void> {
		const { circumstances, mustEnd, session } = this.#options;
		const { offers } = session;
		const { path } = folder;
		let batch: Array<{ uid: number; candidate: Candidate }> = [];
		const offerBatch = async () => {
			const taken = batch;
			batch = [];
			await this.#offerBatch(path, cursor, taken);
		};
		for (const message of messages) {
			const candidate = this.#candidateOf(folder, cursor, message);
			const place = placeOf(folder, message.uid);
			if (!candidate || offers.isSettled(candidate.key) || circumstances.passed.has(place)) {
				if (batch.length === 0) cursor.pass(message.uid);
				continue;
			}
			if (offers.holds(candidate.key)) {
				await offerBatch();
				if (mustEnd()) return;
				cursor.begun(message.uid, candidate.key);
				continue;
			}
			batch.push({ uid: message.uid, candidate });
			if (batch.length >= Math.max(1, offers.free)) await offerBatch();
			if (mustEnd()) return;
		}
		await offerBatch();
	}

	#candidateOf(
		folder: OpenFolder,
		{ position }: FolderCursor,
		message: ArrivedMessage | UnreadablePlace,
	): Candidate | undefined {
		const { candidate, unreadable } = this.#options.session;
		if (message.headers === undefined) return unreadable?.(folder, message.uid);
		if (isOld(message, position, this.#since())) return undefined;
		return candidate?.(message);
	}

	async #offerBatch(
		path: string,
		cursor: FolderCursor,
		batch: ReadonlyArray<{ uid: number; candidate: Candidate }>,
	): Promise<void> {
		const { circumstances, mustEnd, offerAll, record } = this.#options;
		const loaded: Offering[] = [];
		let failure: { error: unknown } | undefined;
		for (const { uid, candidate } of batch) {
			try {
				await record();
				const offering = await this.#load(path, uid, candidate);
				if (mustEnd()) return;
				if (offering) {
					loaded.push(offering);
					cursor.begun(uid, offering.key);
					continue;
				}
				// Not wanted after all, or gone: a person moved or deleted it, and its UID never comes back.
				if (circumstances.passed.size >= PASSED) circumstances.passed.clear();
				circumstances.passed.add(placeOf({ path, uidValidity: cursor.position.uidValidity }, uid));
				cursor.pass(uid);
			} catch (error) {
				failure = { error };
				break;
			}
		}
		// Those before the one that failed are begun: they must not wait for it.
		await offerAll(loaded);
		if (failure) throw failure.error;
	}

	async #load(path: string, uid: number, { load }: Candidate): Promise<Offering | undefined> {
		const { circumstances, session } = this.#options;
		const { failures, marks } = circumstances;
		const folder = await this.folder(path);
		const { uidValidity } = folder;
		if (this.#cursors.get(path)?.position.uidValidity !== uidValidity) throw folderChanged(path);
		const place = [path, uidValidity, 'body', uid];
		const how = HOW_TO_LOAD[Math.floor(failures.of(place) / TRIES)] ?? 'scanned';
		const offering = await failures.counted(
			place,
			async () => await load({ imap: this.#imap, folder }, how),
		);
		if (!offering || !session.marksAsRead) return offering;
		return { ...offering, onSucceeded: () => void marks.push({ path, uidValidity, uid }) };
	}
}

function placeOf({ path, uidValidity }: Pick<OpenFolder, 'path' | 'uidValidity'>, uid: number) {
	return JSON.stringify([path, uidValidity, uid]);
}
