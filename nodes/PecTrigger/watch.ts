import { setTimeout as sleep } from 'node:timers/promises';
import { MailError } from '../mail/errors';
import type { ImapSession } from '../mail/types';
import { Failures } from './headerScan';
import { WatchSession } from './watchSession';
import type { Circumstances, SessionOptions } from './watchTypes';

export interface WatchOptions extends SessionOptions {
	readonly connect: (signal: AbortSignal) => Promise<ImapSession>;
	/** When the trigger was activated. */
	readonly begun: Date;
	readonly onOutage: (error: unknown, retryInMs: number) => void;
	/** Waits between two tries; tests shorten them. */
	readonly backOffMs?: BackOff;
}

interface BackOff {
	readonly first: number;
	readonly longest: number;
}

/** Long enough not to hammer a server that is down, short enough to be back within a minute of its return. */
const BACK_OFF_MS: BackOff = { first: 1_000, longest: 30_000 };
/** While the ends of runs are still to be recorded: if n8n died, they would be repeated. */
const PENDING_MS = 5_000;
/** Accounts get locked by programs that go on with a password that is refused. */
const REFUSED_BACK_OFF_MS: BackOff = { first: 60_000, longest: 15 * 60_000 };

/** A watch that goes on for ever. */
export interface Watch {
	/** Something is to be recorded, or a place became free. */
	wake(): void;
	/** Settled when `signal` aborted and the connection is closed. Never rejects. */
	readonly ended: Promise<void>;
}

/** What may still be recorded when watching is to end. */
const LAST_RECORD_MS = 3_000;

/** Watches folders until `signal` aborts: offers each event that is not settled, and connects again whatever breaks. */
export function watch(options: WatchOptions): Watch {
	let current: WatchSession | undefined;
	const hard = new AbortController();
	const { signal } = options;
	signal.addEventListener('abort', () => {
		if (!current) hard.abort();
		else {
			current.wake();
			setTimeout(() => hard.abort(), LAST_RECORD_MS).unref();
		}
	});
	return {
		wake: () => current?.wake(),
		ended: (async () => {
			const kept: Circumstances = {
				begun: options.begun,
				isNew: undefined,
				failures: new Failures(),
				passed: new Set(),
				marks: [],
			};
			let failures = 0;
			while (!signal.aborted) {
				let imap: ImapSession | undefined;
				try {
					imap = await options.connect(hard.signal);
					current = new WatchSession(imap, options, kept);
					await current.serve(() => (failures = 0));
				} catch (error) {
					if (signal.aborted) break;
					const retryInMs = waitAfter(error, failures, options);
					failures += 1;
					options.onOutage(error, retryInMs);
					await sleep(retryInMs, undefined, { signal }).catch(() => undefined);
				} finally {
					current = undefined;
					await imap?.close();
				}
			}
		})(),
	};
}

function waitAfter(error: unknown, failures: number, options: WatchOptions): number {
	const isRefused = error instanceof MailError && error.code === 'authRefused';
	const { first, longest } = options.backOffMs ?? (isRefused ? REFUSED_BACK_OFF_MS : BACK_OFF_MS);
	const most = options.journal.hasPending && !isRefused ? Math.min(longest, PENDING_MS) : longest;
	const ceiling = Math.min(most, first * 2 ** failures);
	return Math.round(ceiling * (0.5 + options.random() / 2));
}
