import type { Clock } from './clock.ts';
import type { JobQueue } from './jobQueue.ts';
import type { Deferred, Placed, Refused } from './mailboxes.ts';

const MINUTE = 60_000;
/** After the first attempt, then twice as long each time: what mail servers do unless told otherwise. */
const FIRST_PAUSE = 5 * MINUTE;
const LONGEST_PAUSE = 60 * MINUTE;
/** RFC 6109 2.2.2: how long a message may wait, where ordinary mail has four to five days. */
const LIFETIME = 24 * 60 * MINUTE;

/** A message on its way into a mailbox. */
export interface Letter {
	/** When its provider made it. */
	readonly at: Date;
	/** Where another attempt waits for its turn. */
	readonly queue: JobQueue;
	attempt(): Promise<Placed | Refused | Deferred> | Placed | Refused | Deferred;
	/** Is told before the next letter is tried. */
	onDeferred(reason: string, next: Date): void;
	/** Likewise. */
	onSettled(outcome: Placed | Refused): void;
	/** What follows from it, in no order with other letters. */
	next(outcome: Placed | Refused): Promise<void>;
}

/**
 * The way into one mailbox: one letter after the other, in the order they came. When one must wait, those behind it
 * wait too; the first is tried again by the sandbox's clock, until it is settled or 24 hours old.
 */
export class DeliveryLine {
	readonly #clock: Clock;
	readonly #waiting: Letter[] = [];
	#turn: Promise<unknown> = Promise.resolve();
	#pause = FIRST_PAUSE;
	#next = new Date(0);
	#cancel = (): void => undefined;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** Resolves when the letter is settled with what follows from it, or waits. */
	async hand(letter: Letter): Promise<void> {
		if (this.#waiting.length > 0 && this.#next <= this.#clock.now()) await this.#again();
		const outcome = await this.#inTurn(async () => {
			if (this.#waiting.length === 0) return await this.#try(letter);
			this.#waiting.push(letter);
			letter.onDeferred('an earlier message to this mailbox waits', this.#next);
			return undefined;
		});
		if (outcome !== undefined) await letter.next(outcome);
	}

	/** As far as it goes; what follows from each letter has a turn of its own. */
	async #again(): Promise<void> {
		this.#cancel();
		await this.#inTurn(async () => {
			for (let letter = this.#waiting.shift(); letter; letter = this.#waiting.shift()) {
				const { queue, next } = letter;
				const outcome = await this.#try(letter);
				if (outcome === undefined) return;
				queue.push('what follows from a delivery', async () => async () => await next(outcome));
			}
		});
	}

	async #try(letter: Letter): Promise<Placed | Refused | undefined> {
		const attempt = letter.attempt();
		// what is known at once is settled at once: a fault may have to hide it before an idling client is told
		const attempted = attempt instanceof Promise ? await attempt : attempt;
		const now = this.#clock.now();
		if (attempted.kind === 'deferred' && now.getTime() - letter.at.getTime() < LIFETIME) {
			this.#postpone(letter, attempted.reason, now);
			return undefined;
		}
		this.#pause = FIRST_PAUSE;
		const outcome = attempted.kind === 'deferred' ? expired(attempted) : attempted;
		letter.onSettled(outcome);
		return outcome;
	}

	#postpone(letter: Letter, reason: string, now: Date): void {
		this.#waiting.unshift(letter);
		this.#next = new Date(Math.min(now.getTime() + this.#pause, letter.at.getTime() + LIFETIME));
		this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
		this.#cancel = this.#clock.schedule(this.#next, () => {
			letter.queue.push('another attempt', async () => async () => await this.#again());
		});
		letter.onDeferred(reason, this.#next);
	}

	async #inTurn<T>(work: () => Promise<T>): Promise<T> {
		const turn = this.#turn.then(work);
		this.#turn = turn.catch(() => undefined);
		return await turn;
	}
}

/** RFC 3463 3.5: the time for its delivery is over. */
function expired({ reason }: Deferred): Refused {
	return { kind: 'refused', reason: 'expired', status: '5.4.7', response: reason };
}
