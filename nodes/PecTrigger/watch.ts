import { setTimeout as sleep } from 'node:timers/promises';
import type { FetchedMessage, ImapSession, OpenFolder, ScannedMessage } from '../mail/types';

/** Where watching stands. Every UID up to `lastUid` was handed over (or is not wanted). */
export interface Position {
	readonly uidValidity: string;
	readonly lastUid: number;
	/** When watching began (ISO 8601); the epoch for "from the beginning". */
	readonly since: string;
	/** Set when old messages lie above the position (a folder numbered anew): up to here, those before `since` are not wanted. */
	readonly olderUpTo?: number;
}

export interface WatchOptions {
	readonly connect: (signal: AbortSignal) => Promise<ImapSession>;
	readonly folder: string;
	/** The last known position; `undefined` begins at `startAt`. */
	readonly position: Position | undefined;
	readonly startAt: 'end' | 'beginning';
	readonly now: () => Date;
	/** Whether the whole message is to be read and handed over, told from its header. */
	readonly isWanted: (message: ScannedMessage) => boolean;
	/** Hands a message over. When it returns, the position moves past it; a throw keeps the position. */
	readonly onMessage: (message: FetchedMessage, folder: OpenFolder) => Promise<void>;
	readonly onPosition: (position: Position) => void;
	readonly onOutage: (error: unknown, retryInMs: number) => void;
	readonly onConnected: () => void;
	readonly signal: AbortSignal;
	/** 0 to 1; spreads the reconnections of many triggers. */
	readonly random: () => number;
	/** Waits between two tries; tests shorten them. */
	readonly backOffMs?: { readonly first: number; readonly longest: number };
	readonly pollMs?: number;
}

/** Long enough not to hammer a server that is down, short enough to be back within a minute of its return. */
const BACK_OFF_MS = { first: 1_000, longest: 30_000 };

const POLL_MS = 30_000;

/** Below the 29 minutes after which a server may drop an idle client (RFC 2177), and often enough to notice a dead socket. */
const LONGEST_IDLE_MS = 5 * 60_000;

const WINDOW = 200;

/** Two clocks, the server's and ours; in doubt an old message is handed over rather than a new one passed over. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/**
 * Watches one folder until `signal` aborts: hands over each wanted message above the position in UID order, and connects
 * again, for ever, whatever breaks. Only an aborted signal ends it, so it never rejects.
 */
export async function watchFolder(options: WatchOptions): Promise<void> {
	const { signal } = options;
	const backOff = options.backOffMs ?? BACK_OFF_MS;
	let position = options.position;
	let failures = 0;
	const begun = options.now();
	const moveTo = (next: Position): void => {
		position = next;
		options.onPosition(next);
	};
	while (!signal.aborted) {
		let session: ImapSession | undefined;
		try {
			session = await options.connect(signal);
			const folder = await session.open(options.folder, { readOnly: true });
			let from = startingPosition(folder, position, {
				startAt: options.startAt,
				begun,
				isLate: failures > 0,
			});
			if (from !== position) moveTo(from);
			options.onConnected();
			for (;;) {
				from = await handOver(folder, from, options, (next) => {
					failures = 0;
					moveTo(next);
				});
				await folder.waitForNews({
					maxMs: LONGEST_IDLE_MS,
					pollMs: options.pollMs ?? POLL_MS,
					signal,
				});
				if (signal.aborted) break;
				failures = 0;
			}
		} catch (error) {
			if (signal.aborted) break;
			const ceiling = Math.min(backOff.longest, backOff.first * 2 ** failures);
			const retryInMs = Math.round(ceiling * (0.5 + options.random() / 2));
			failures += 1;
			options.onOutage(error, retryInMs);
			await sleep(retryInMs, undefined, { signal }).catch(() => undefined);
		} finally {
			await session?.close();
		}
	}
}

function startingPosition(
	folder: OpenFolder,
	known: Position | undefined,
	{ startAt, begun, isLate }: { startAt: 'end' | 'beginning'; begun: Date; isLate: boolean },
): Position {
	const { uidValidity, uidNext } = folder;
	if (known === undefined) {
		if (startAt === 'beginning')
			return { uidValidity, lastUid: 0, since: new Date(0).toISOString() };
		const since = begun.toISOString();
		// The end of the folder is not where watching began when the first connection came late.
		if (isLate) return { uidValidity, lastUid: 0, since, olderUpTo: uidNext - 1 };
		return { uidValidity, lastUid: uidNext - 1, since };
	}
	// New numbering: old UIDs mean nothing, so everything since the start is looked at again; what was handed over before is
	// recognised by its content (pecKey), not by its number.
	if (known.uidValidity !== uidValidity) {
		return { uidValidity, lastUid: 0, since: known.since, olderUpTo: uidNext - 1 };
	}
	return known;
}

async function handOver(
	folder: OpenFolder,
	from: Position,
	options: WatchOptions,
	moveTo: (position: Position) => void,
): Promise<Position> {
	const state = await folder.refresh();
	let position = from;
	if (state.uidNext - 1 <= position.lastUid) return position;
	const found = await folder.search({ uid: `${position.lastUid + 1}:*` });
	// "n:*" always answers the last message, also below n (RFC 3501 6.4.8).
	const uids = found.filter((uid) => uid > position.lastUid);
	for (let start = 0; start < uids.length; start += WINDOW) {
		for (const scanned of await folder.scan(uids.slice(start, start + WINDOW))) {
			if (!isOld(scanned, position) && options.isWanted(scanned)) {
				const message = await folder.fetch(scanned.uid);
				if (options.signal.aborted) return position;
				// Gone meanwhile: a person moved or deleted it. Its UID never comes back.
				if (message !== undefined) await options.onMessage(message, folder);
			}
			position = { ...position, lastUid: scanned.uid };
			moveTo(position);
			if (options.signal.aborted) return position;
		}
	}
	if (position.lastUid < state.uidNext - 1) {
		position = { ...position, lastUid: state.uidNext - 1 };
		moveTo(position);
	}
	return position;
}

function isOld(message: ScannedMessage, { since, olderUpTo }: Position): boolean {
	return (
		olderUpTo !== undefined &&
		message.uid <= olderUpTo &&
		message.receivedAt.getTime() < Date.parse(since) - CLOCK_TOLERANCE_MS
	);
}
