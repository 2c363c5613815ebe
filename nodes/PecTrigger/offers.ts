import { setTimeout as sleep } from 'node:timers/promises';
import type { WatchJournal } from '../account/watchJournal';
import { eventTag, type Offer } from '../account/watchState';

/**
 * How a run ended. `duplicate`: n8n knows a run of this key already and started none. `interrupted`: n8n could not start it,
 * or stopped it on its way out.
 */
export type RunEnd = 'succeeded' | 'failed' | 'duplicate' | 'interrupted';

/** An event ready to start a run. */
export interface Offering {
	/** What makes the event itself, wherever it lies (`pecKey`). */
	readonly key: string;
	/** Starts a run, and settles with its end. @param key by which n8n tells a run that was started before */
	readonly emit: (key: string) => Promise<RunEnd>;
	readonly onSucceeded?: () => void;
	/** Its runs failed as often as may be, or ended with n8n itself. */
	readonly onGivenUp: (tries: { failures: number; crashes: number }) => void;
}

export interface OffersOptions {
	readonly journal: Pick<WatchJournal, 'state' | 'note' | 'flush'>;
	/** Of the watch; begins the key of each run. */
	readonly tag: string;
	/** Called when something is to be recorded, or a place became free. */
	readonly onChange: () => void;
	readonly retryMs?: readonly number[];
}

/** What a person chooses. */
export interface OfferRules {
	/** Runs at the same time. */
	readonly limit: number;
	/** Failed runs of one event before it is given up; 1 offers nothing again. */
	readonly attempts: number;
	/** The next event waits until the one before is settled. */
	readonly strict: boolean;
	/** Events that wait for their next run; more of them hold up the following. */
	readonly waiting: number;
}

const RETRY_MS = [10_000, 60_000, 300_000];
/** An event whose runs end with n8n itself so often is taken for the cause: n8n would crash for ever. */
const CRASHES = 10;

/**
 * Takes events through their runs. Lives as long as the process: a listener that is closed and opened again finds here what
 * still runs.
 */
export class Offers {
	readonly #options: OffersOptions;
	#rules: OfferRules = { limit: 1, attempts: 1, strict: true, waiting: 1 };
	#running = 0;
	/** Tags of what runs, or waits for its next run. */
	readonly #held = new Set<string>();
	readonly #waiting = new Set<() => void>();
	#stop = new AbortController();

	constructor(options: OffersOptions) {
		this.#options = options;
	}

	/** Begins to take events, by these rules. */
	resume(rules: OfferRules): void {
		this.#rules = rules;
		if (this.#stop.signal.aborted) this.#stop = new AbortController();
	}

	/** Offers nothing more; what runs is followed to its end, and what waits for another try stays unsettled. */
	pause(): void {
		this.#stop.abort();
	}

	get isIdle(): boolean {
		return this.#held.size === 0;
	}

	/** How many events can be begun now. */
	get free(): number {
		const { limit, strict, waiting } = this.#rules;
		if (strict) return this.#held.size === 0 ? 1 : 0;
		return Math.min(limit - this.#running, waiting - (this.#held.size - this.#running));
	}

	/** Resolves when a place became free, something is to be recorded, or a signal aborts. */
	async changed(signals: readonly AbortSignal[] = []): Promise<void> {
		if (signals.some(({ aborted }) => aborted)) return;
		await new Promise<void>((resolve) => {
			const done = () => {
				for (const signal of signals) signal.removeEventListener('abort', done);
				this.#waiting.delete(done);
				resolve();
			};
			for (const signal of signals) signal.addEventListener('abort', done);
			this.#waiting.add(done);
		});
	}

	/** Whether it runs, or waits for its next run. */
	holds(key: string): boolean {
		return this.#held.has(eventTag(key));
	}

	isSettled(key: string): boolean {
		return this.#options.journal.state.settled.has(eventTag(key));
	}

	/**
	 * Records that these are offered, then starts their runs; resolves when they are started. Settled ones, those under way
	 * and those that are there twice are passed over.
	 * @throws MailError when the connection fails before the record is written: then nothing was offered
	 */
	async begin(offerings: readonly Offering[]): Promise<void> {
		const { journal } = this.#options;
		const fresh = new Map<string, Offering>();
		for (const offering of offerings) {
			const tag = eventTag(offering.key);
			const isKnown = journal.state.settled.has(tag) || this.#held.has(tag);
			if (!isKnown && !fresh.has(tag)) fresh.set(tag, offering);
		}
		if (fresh.size === 0) return;
		const begun = [...fresh].map(([tag, offering]) => {
			const before = journal.state.offers.get(tag);
			// A key that n8n never saw starts the run whose start a crash prevented; one that it knows is told as a duplicate.
			return {
				tag,
				offering,
				offer: before ?? { times: 1, failures: 0 },
				wasOffered: before !== undefined,
			};
		});
		// Taken before anything is awaited: whoever waits for a place sees that it is gone.
		for (const { tag } of begun) this.#held.add(tag);
		this.#running += begun.length;
		try {
			journal.note({ offers: Object.fromEntries(begun.map(({ tag, offer }) => [tag, offer])) });
			await journal.flush();
		} catch (error) {
			for (const { tag } of begun) this.#held.delete(tag);
			this.#running -= begun.length;
			return await Promise.reject(error);
		}
		for (const one of begun) void this.#takeThrough(one);
	}

	async #takeThrough(begun: {
		offering: Offering;
		tag: string;
		offer: Offer;
		wasOffered: boolean;
	}): Promise<void> {
		const { journal, tag: watch } = this.#options;
		const { offering, tag } = begun;
		let { offer, wasOffered } = begun;
		const settle = () => journal.note({ settled: [tag] });
		const giveUp = ({ failures, crashes = 0 }: Offer) => {
			settle();
			offering.onGivenUp({ failures, crashes });
		};
		const repeat = (next: Offer) => {
			offer = next;
			wasOffered = true;
			journal.note({ offers: { [tag]: next } });
		};
		// It holds a place, and gives it back on its way out and while it waits for its next run.
		for (;;) {
			const end = await offering.emit(`${watch}:${tag}:${offer.times}`);
			if (end === 'succeeded') {
				settle();
				offering.onSucceeded?.();
				break;
			}
			if (end === 'failed') {
				const next = { ...offer, times: offer.times + 1, failures: offer.failures + 1 };
				if (next.failures >= this.#rules.attempts) {
					giveUp(next);
					break;
				}
				repeat(next);
				if (await this.#waitForNext(next.failures)) continue;
				break;
			}
			if (end === 'duplicate') {
				// Started by another process that is still there, or before the records were lost.
				if (!wasOffered) {
					settle();
					break;
				}
				// Its run was started before this process was, and nobody saw its end. That this key was used need not have been
				// recorded either.
				const next = { ...offer, times: offer.times + 1, crashes: (offer.crashes ?? 0) + 1 };
				if (next.crashes >= CRASHES) {
					giveUp(next);
					break;
				}
				repeat(next);
				continue;
			}
			wasOffered = true;
			if (!(await this.#waitForNext(1))) break;
		}
		this.#running -= 1;
		this.#held.delete(tag);
		this.#tell();
	}

	#tell(): void {
		this.#options.onChange();
		for (const done of this.#waiting) done();
	}

	/** Gives the place back until the next try, and takes one again; false when there is no next try. */
	async #waitForNext(failures: number): Promise<boolean> {
		const waits = this.#options.retryMs ?? RETRY_MS;
		const { signal } = this.#stop;
		this.#running -= 1;
		this.#tell();
		const ms = waits[Math.min(failures, waits.length) - 1] ?? 0;
		await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
		while (!signal.aborted && this.#running >= this.#rules.limit) await this.changed([signal]);
		this.#running += 1;
		return !signal.aborted;
	}
}
