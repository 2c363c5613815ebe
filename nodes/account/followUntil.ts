import { setTimeout as sleep } from 'node:timers/promises';
import type { FolderState, ImapSession, MailErrorCode } from '../mail/types';
import { MailError } from '../mail/errors';
import { cancelled } from '../mail/connectionError';
import type { Following } from './following';
import { messageFolders } from './messageFolders';

export interface FollowUntil {
	/** An open session; asked again after one was lost. */
	readonly imap: () => Promise<ImapSession>;
	/** Asked after each look that may have found something. */
	readonly isDone: () => boolean;
	/** Looks once when it has passed. */
	readonly until: Date;
	readonly now: () => Date;
	readonly signal?: AbortSignal;
	/** How often folders that are not listened to are asked for news. */
	readonly pollMs?: number;
	/** Before a lost connection is made anew. */
	readonly reconnectMs?: number;
}

/** A receipt may be sorted into a folder that gives no news: minutes do not matter then. */
const POLL_MS = 60_000;
const RECONNECT_MS = 15_000;

/** Passing troubles of a connection. */
const PASSING: ReadonlySet<MailErrorCode> = new Set<MailErrorCode>([
	'hostUnreachable',
	'timeout',
	'connectionLost',
	'folderChanged',
	'tooManyConnections',
]);

/**
 * Looks until it is done or the time is over: at once when something comes into the folder where most receipts lie, and
 * each minute at the folders whose state changed.
 * @throws MailError: `cancelled` as soon as the signal aborts; trouble with the connection that lasts until the end
 */
export async function followUntil(following: Following, options: FollowUntil): Promise<void> {
	const { until, now, signal, reconnectMs = RECONNECT_MS } = options;
	const looker = new Looker(following, options);
	for (;;) {
		if (signal?.aborted) throw cancelled();
		const left = until.getTime() - now().getTime();
		try {
			await looker.look(left);
			if (signal?.aborted) throw cancelled();
			if (options.isDone() || until.getTime() <= now().getTime()) return;
			await looker.listen(until.getTime() - now().getTime());
		} catch (error) {
			const isPassing = error instanceof MailError && PASSING.has(error.code);
			if (!isPassing || left <= 0) return await Promise.reject(error);
			await pause(Math.min(left, reconnectMs), signal);
		}
	}
}

class Looker {
	readonly #following: Following;
	readonly #options: FollowUntil;
	/** As it was before what is there was read. */
	#seen = new Map<string, FolderState>();
	#polledAt = -Infinity;
	#news: readonly string[] = [];

	constructor(following: Following, options: FollowUntil) {
		this.#following = following;
		this.#options = options;
	}

	/** @param left milliseconds; the last look is at all folders */
	async look(left: number): Promise<void> {
		const { imap: session, now, signal, pollMs = POLL_MS } = this.#options;
		const imap = await session();
		const isDue = left <= 0 || now().getTime() - this.#polledAt >= pollMs;
		const asked = isDue ? await messageFolders(imap) : this.#news;
		if (asked.length === 0) return;
		const states = await imap.folderStates(asked);
		const changed = asked.filter((path) => !isSame(states.get(path), this.#seen.get(path)));
		if (changed.length > 0 || isDue) await this.#following.look(imap, changed, signal);
		for (const [path, state] of states) this.#seen.set(path, state);
		if (isDue) this.#polledAt = now().getTime();
		this.#news = [];
	}

	/** Resolves when there may be something to look at. */
	async listen(left: number): Promise<void> {
		const { imap: session, signal, pollMs = POLL_MS } = this.#options;
		const imap = await session();
		const path = this.#following.receiptsFolder;
		const folder = await imap.open(path, { readOnly: true });
		const { uidNext, uidValidity, messages } = folder;
		const opened = { uidNext, uidValidity, messages };
		if (!isSame(opened, this.#seen.get(path))) {
			// What came between the look and now gives no news any more.
			await this.#following.look(imap, [path], signal);
			this.#seen.set(path, opened);
			return;
		}
		const maxMs = Math.min(left, pollMs);
		const woken = await folder.waitForNews({ maxMs, pollMs, ...(signal ? { signal } : {}) });
		if (woken === 'news') this.#news = [path];
		else this.#polledAt = -Infinity;
	}
}

function isSame(one: FolderState | undefined, other: FolderState | undefined): boolean {
	// One that tells no state is looked at each time.
	if (!one || !other) return false;
	return one.uidNext === other.uidNext && one.uidValidity === other.uidValidity;
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
	await sleep(ms, undefined, signal ? { signal } : {}).catch(() => undefined);
}
