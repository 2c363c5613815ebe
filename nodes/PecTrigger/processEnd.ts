import type { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Of the 30 seconds that n8n gives itself to end, in which it closes one workflow after the other. */
const PATIENCE_MS = 20_000;

/** In queue mode runs go on at workers: by then it is recorded which, while there is time to record it. */
const HAND_OVER_MS = 15_000;
/** A run that was started before that is in the queue, or n8n would have said so. */
const LEAST_HAND_OVER_MS = 4_000;

/** How long n8n gives itself to end, milliseconds; its own default unless it is set. */
function graceMs(): number {
	return (Number(process.env.N8N_GRACEFUL_SHUTDOWN_TIMEOUT) || 30) * 1_000;
}

/** Knows when n8n was asked to end, because what is not recorded by then is not known to the next n8n. */
export class ProcessEnd {
	readonly #signals: EventEmitter;
	#by: number | undefined;

	constructor(signals: EventEmitter) {
		this.#signals = signals;
	}

	/** Beside n8n's own listener, and before it; alone it would keep the process from ending at a signal. */
	notice(): void {
		for (const signal of SIGNALS) {
			const listeners = this.#signals.listeners(signal);
			if (listeners.length === 0 || listeners.includes(this.#asked)) continue;
			this.#signals.prependOnceListener(signal, this.#asked);
		}
	}

	/** Milliseconds until the runs that are under way are to be handed over; `undefined` while n8n goes on. */
	get handOverInMs(): number | undefined {
		if (this.#by === undefined) return undefined;
		const at = Math.max(LEAST_HAND_OVER_MS, Math.min(HAND_OVER_MS, graceMs() / 2));
		return Math.max(0, this.#by - PATIENCE_MS + at - performance.now());
	}

	/** Waits for what is to be done before n8n ends, as long as n8n waits for it; not at all while it goes on. */
	async holdUpFor(work: Promise<unknown>): Promise<void> {
		if (this.#by === undefined) return;
		const patience = new AbortController();
		const { signal } = patience;
		const end = sleep(Math.max(0, this.#by - performance.now()), undefined, { signal });
		await Promise.race([work, end]).catch(() => undefined);
		patience.abort();
	}

	readonly #asked = (): void => {
		this.#by ??= performance.now() + PATIENCE_MS;
	};
}

export const processEnd = new ProcessEnd(process);
