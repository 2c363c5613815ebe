import { setTimeout as sleep } from 'node:timers/promises';
import type { HeldEvents, Standing, StandingEnd } from '../account/watchAttendance';
import { eventTag, type Offer } from '../account/watchState';
import type { OfferRules, Offering, OffersOptions } from './offerTypes';

export type { OfferRules, Offering, OffersOptions, OtherOfferers, RunEnd } from './offerTypes';

const RETRY_MS = [10_000, 60_000, 300_000];
/** An event whose runs end with n8n itself so often is taken for the cause: n8n would crash for ever. */
const CRASHES = 10;

/**
 * Takes events through their runs. Lives as long as the process: a listener that is closed and opened again finds here what
 * still runs.
 */
export class Offers implements HeldEvents {
	readonly #options: OffersOptions;
	#rules: OfferRules = { limit: 1, attempts: 1, strict: true, waiting: 1 };
	#running = 0;
	/** Tags of what runs, or waits for its next run. */
	readonly #held = new Set<string>();
	/** Of these, what another process may have a run of. */
	readonly #standing = new Map<string, Standing>();
	/** Runs under way. */
	readonly #under = new Map<string, Offer>();
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

	get standing(): ReadonlyMap<string, Standing> {
		return this.#standing;
	}

	carries(tag: string): boolean {
		return this.#held.has(tag) && !this.#standing.has(tag);
	}

	/** Notes that the runs under way go on without this process. */
	handOver(): void {
		const left = [...this.#under].map(([tag, offer]) => [tag, { ...offer, handedOver: true }]);
		if (left.length > 0) this.#options.journal.note({ offers: Object.fromEntries(left) });
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
		const { journal, others } = this.#options;
		let uid: number | undefined;
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
			uid = journal.latestUid;
			if (others?.mayBeThere) await others.look();
		} catch (error) {
			for (const { tag } of begun) this.#held.delete(tag);
			this.#running -= begun.length;
			return await Promise.reject(error);
		}
		for (const one of begun) {
			const offeredAt = others?.mayBeThere ? others.offeredAt(one.tag) : undefined;
			const isSecond = offeredAt !== undefined && offeredAt < (uid ?? Infinity);
			// Each sees the records before its own: of two that offer the same at once, one goes on. While the other does not look
			// it does: n8n refuses no key of a run that still waits in its queue, but starts it anew.
			const stands = isSecond || (others?.mayBeThere === true && !others.isKnown);
			void this.#takeThrough({ ...one, stands });
		}
	}

	async #takeThrough(begun: {
		offering: Offering;
		tag: string;
		offer: Offer;
		wasOffered: boolean;
		/** Another process offered it, and may have its run. */
		stands: boolean;
	}): Promise<void> {
		const { journal, others, tag: watch } = this.#options;
		const { offering, tag } = begun;
		let { offer, wasOffered } = begun;
		const isLost = async () => {
			const end = await this.#standBy(tag);
			if (end !== 'free') return true;
			wasOffered ||= others?.offeredAt(tag) !== undefined;
			return false;
		};
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
		for (let { stands } = begun; ; stands = false) {
			if (journal.state.settled.has(tag) || (stands && (await isLost()))) break;
			offer = latestOf(offer, journal.state.offers.get(tag));
			this.#under.set(tag, offer);
			const end = await offering.emit(`${watch}:${tag}:${offer.times}`);
			this.#under.delete(tag);
			if (end === 'succeeded') {
				settle();
				offering.onSucceeded?.();
				break;
			}
			if (end === 'failed') {
				const next = { ...nextOf(offer), failures: offer.failures + 1 };
				if (next.failures >= this.#rules.attempts) {
					giveUp(next);
					break;
				}
				repeat(next);
				if (await this.#waitForNext(next.failures)) continue;
				break;
			}
			if (end === 'duplicate') {
				if (others && (await isLost())) break;
				const latest = latestOf(offer, journal.state.offers.get(tag));
				// Somebody went on with it meanwhile, and is gone as well.
				if (latest.times > offer.times) continue;
				if (latest.handedOver) {
					settle();
					offering.onHandedOver?.();
					break;
				}
				// Started by another process that is still there, or before the records were lost.
				if (!wasOffered) {
					settle();
					break;
				}
				// Its run was started before this process was, and nobody saw its end. That this key was used need not have been
				// recorded either.
				const next = { ...nextOf(offer), crashes: (offer.crashes ?? 0) + 1 };
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

	/** Gives the place back until it is known what became of a run that another process may have, and takes one again. */
	async #standBy(tag: string): Promise<StandingEnd | 'left'> {
		const { signal } = this.#stop;
		this.#running -= 1;
		const end = await new Promise<StandingEnd | 'left'>((resolve) => {
			const leave = () => resolve('left');
			const done = (how: StandingEnd) => {
				signal.removeEventListener('abort', leave);
				resolve(how);
			};
			this.#standing.set(tag, { since: performance.now(), end: done });
			signal.addEventListener('abort', leave);
			if (signal.aborted) leave();
			this.#tell();
		});
		this.#standing.delete(tag);
		if (end === 'free') await this.#takePlace(signal);
		else this.#running += 1;
		return signal.aborted ? 'left' : end;
	}

	/** Waits for a place; takes it in the same turn in which it is free. */
	async #takePlace(signal: AbortSignal): Promise<void> {
		while (!signal.aborted && this.#running >= this.#rules.limit) await this.changed([signal]);
		this.#running += 1;
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
		await this.#takePlace(signal);
		return !signal.aborted;
	}
}

/** The next run is not the one that goes on at a worker. */
function nextOf({ handedOver: _, ...offer }: Offer): Offer {
	return { ...offer, times: offer.times + 1 };
}

function latestOf(offer: Offer, known: Offer | undefined): Offer {
	if (!known || known.times < offer.times) return offer;
	return known;
}
