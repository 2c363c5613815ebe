import type { IDataObject } from 'n8n-workflow';
import { setTimeout as sleep } from 'node:timers/promises';
import { Replies } from '../account/replies';
import { WatchJournal } from '../account/watchJournal';
import { changeOf } from '../account/watchState';
import type { ImapSession } from '../mail/types';
import { Offers } from './offers';

/** What outlives a listener that is closed and opened again: runs under way, and what is known of them. */
export interface Followed {
	readonly tag: string;
	readonly journal: WatchJournal;
	readonly offers: Offers;
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
	{ account, memory, now }: { account: string; memory: IDataObject; now: () => Date },
): Promise<Followed> {
	const known = followed.get(tag);
	if (known) {
		known.recording?.stop();
		await known.recording?.ended;
		return known;
	}
	const journal = new WatchJournal({ account, tag, now });
	const cached = memory.watch as IDataObject | undefined;
	const change = cached?.tag === tag ? changeOf(cached) : undefined;
	if (change) journal.recall(change);
	const self: Followed = {
		tag,
		journal,
		offers: new Offers({ journal, tag, onChange: () => self.wake() }),
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
 * @returns resolves when it is recorded, or given up
 */
export function leave(self: Followed, connect: Connect): Promise<void> {
	const stop = new AbortController();
	self.wake = () => undefined;
	const ended = recordLastRuns(self, connect, stop.signal).then(() => {
		self.recording = undefined;
		const isOver = self.offers.isIdle && self.journal.isWritten;
		if (isOver && !stop.signal.aborted) followed.delete(self.tag);
	});
	self.recording = { stop: () => stop.abort(), ended };
	return ended;
}

async function recordLastRuns(
	{ journal, offers }: Followed,
	connect: Connect,
	signal: AbortSignal,
): Promise<void> {
	while (!offers.isIdle && !signal.aborted) await offers.changed([signal]);
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
