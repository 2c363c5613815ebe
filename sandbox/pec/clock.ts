interface Appointment {
	readonly at: number;
	readonly run: () => void;
}

/** The sandbox's time: a base clock and what it was moved ahead. What is due runs when it is moved, never by itself. */
export class Clock {
	readonly #base: () => Date;
	readonly #appointments = new Set<Appointment>();
	#offset = 0;

	constructor(base: () => Date) {
		this.#base = base;
	}

	/** Bound, so that it can be handed on as a function. */
	readonly now = (): Date => new Date(this.#base().getTime() + this.#offset);

	/** Has `run` called once the clock is moved to `at` or beyond. The answer cancels it. */
	schedule(at: Date, run: () => void): () => void {
		const appointment = { at: at.getTime(), run };
		this.#appointments.add(appointment);
		return () => void this.#appointments.delete(appointment);
	}

	/**
	 * Moves ahead by `ms` milliseconds, stopping at each appointment on the way, so that it runs at its own hour. Throws
	 * a RangeError when that is less than 0 or no number.
	 */
	advance(ms: number): void {
		mustBeAhead(ms);
		const target = this.now().getTime() + ms;
		for (let next = this.#nextUntil(target); next !== undefined; next = this.#nextUntil(target)) {
			this.#appointments.delete(next);
			this.#moveTo(next.at);
			next.run();
		}
		this.#moveTo(target);
	}

	/** Likewise, with time at each hour for what became due then: `settled` is awaited before the clock moves on. */
	async advanceSettled(ms: number, settled: () => Promise<void>): Promise<void> {
		mustBeAhead(ms);
		const target = this.now().getTime() + ms;
		for (let next = this.#nextUntil(target); next !== undefined; next = this.#nextUntil(target)) {
			this.advance(Math.max(0, next.at - this.now().getTime()));
			await settled();
		}
		this.advance(Math.max(0, target - this.now().getTime()));
	}

	/** Forgets what has not run yet. */
	clear(): void {
		this.#appointments.clear();
	}

	#nextUntil(target: number): Appointment | undefined {
		let next: Appointment | undefined;
		for (const appointment of this.#appointments) {
			if (appointment.at > target) continue;
			if (next === undefined || appointment.at < next.at) next = appointment;
		}
		return next;
	}

	#moveTo(time: number): void {
		this.#offset += Math.max(0, time - this.now().getTime());
	}
}

function mustBeAhead(ms: number): void {
	if (!Number.isFinite(ms) || ms < 0) throw new RangeError('a clock moves ahead only');
}
