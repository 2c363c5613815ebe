import type { IDataObject } from 'n8n-workflow';
import { setTimeout as sleep } from 'node:timers/promises';
import { Replies } from '../account/replies';
import { Attendance } from '../account/watchAttendance';
import { WatchJournal } from '../account/watchJournal';
import { changeOf } from '../account/watchState';
import type { ImapSession } from '../mail/types';
import { Offers } from './offers';
import { hasEnded } from './processName';

/** What outlives a listener that is closed and opened again: runs under way, and what is known of them. */
export interface Followed {
	readonly tag: string;
	readonly journal: WatchJournal;
	readonly offers: Offers;
	/** Other processes that watch the same; absent where there can be none. */
	readonly attendance: Attendance | undefined;
	readonly replies: Replies;
	/** Wakes the listener that is open. */
	wake: () => void;
	/** Set while no listener is open and the end of the last runs is still to be recorded. */
	recording: { readonly stop: () => void; readonly ended: Promise<void> } | undefined;
}

type Connect = (signal: AbortSignal) => Promise<ImapSession>;

/** By tag of the watch. */
const followed = new Map<string, Followed>();

const RECORD_TIMEOUT_MS = 60_000;
const RECORD_RETRY_MS = [1_000, 2_000, 4_000, 4_000, 4_000, 10_000, 60_000, 300_000];

/** What is known of a watch in this process, or in n8n's memory of it; whoever takes it over is its only listener. */
export async function takeOver(
	tag: string,
	options: {
		readonly account: string;
		readonly memory: IDataObject;
		readonly now: () => Date;
		/** The name of this process where others may watch the same. */
		readonly name: string | undefined;
	},
): Promise<Followed> {
	const known = followed.get(tag);
	if (known) {
		known.recording?.stop();
		await known.recording?.ended;
		return known;
	}
	const { account, memory, now, name } = options;
	const journal = new WatchJournal({ account, tag, now, ...(name ? { self: name } : {}) });
	const attendance = name ? new Attendance({ self: name, journal, hasEnded }) : undefined;
	const cached = memory.watch as IDataObject | undefined;
	const change = cached?.tag === tag ? changeOf(cached) : undefined;
	if (change) journal.recall(change);
	const self: Followed = {
		tag,
		journal,
		offers: new Offers({
			journal,
			tag,
			onChange: () => self.wake(),
			...(attendance ? { others: attendance } : {}),
		}),
		attendance,
		replies: new Replies({ account }),
		wake: () => undefined,
		recording: undefined,
	};
	followed.set(tag, self);
	return self;
}

/**
 * Nobody listens any more: follows the runs under way to their end and records it, or a later process would repeat them.
 * Keeps nothing alive: n8n may end meanwhile.
 * @param handOverInMs when what still runs is recorded as handed over; never while n8n goes on
 * @returns resolves when it is recorded, or given up
 */
export function leave(self: Followed, connect: Connect, handOverInMs?: number): Promise<void> {
	const stop = new AbortController();
	self.wake = () => undefined;
	const last = async () => {
		if (self.attendance && handOverInMs !== undefined) {
			const handOver = AbortSignal.timeout(Math.ceil(handOverInMs));
			await recordLastRuns(self, connect, stop.signal, handOver);
		}
		await recordLastRuns(self, connect, stop.signal);
	};
	const ended = last().then(() => {
		self.recording = undefined;
		const isOver = self.offers.isIdle && self.journal.isWritten;
		if (isOver && !stop.signal.aborted) followed.delete(self.tag);
	});
	self.recording = { stop: () => stop.abort(), ended };
	return ended;
}

/** @param handOver aborts when what still runs is handed over */
async function recordLastRuns(
	{ attendance, journal, offers }: Followed,
	connect: Connect,
	signal: AbortSignal,
	handOver: AbortSignal = new AbortController().signal,
): Promise<void> {
	while (!offers.isIdle && !signal.aborted && !handOver.aborted) {
		await offers.changed([signal, handOver]);
	}
	if (signal.aborted) return;
	offers.handOver();
	attendance?.leave();
	for (const retryInMs of RECORD_RETRY_MS) {
		if (!journal.hasPending || signal.aborted) return;
		const patience = AbortSignal.any([signal, AbortSignal.timeout(RECORD_TIMEOUT_MS)]);
		let imap: ImapSession | undefined;
		try {
			imap = await connect(patience);
			await journal.load(imap);
			await journal.flush();
		} catch {
			await sleep(retryInMs, undefined, { signal, ref: false }).catch(() => undefined);
		} finally {
			await imap?.close();
		}
	}
}
