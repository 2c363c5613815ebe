interface Appointment {
	readonly at: number;
	readonly run: () => void;
}

/** The longest a timer can wait (a signed 32-bit number of milliseconds); who waits longer waits again. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * The sandbox's time: a base clock and what it was moved ahead. What is due runs when it is moved, and over a base that
 * goes with real time also by itself.
 */
export class Clock {
	readonly #base: () => Date;
	readonly #ticks: boolean;
	readonly #appointments = new Set<Appointment>();
	#offset = 0;
	#timer: NodeJS.Timeout | undefined;
	/** What the timer is set to. */
	#awaited: Appointment | undefined;
	#moves: Promise<void> = Promise.resolve();
	#moving = false;

	/** @param options.ticks the base goes with real time, so that appointments come without a move; no unless given */
	constructor(base: () => Date, options: { ticks?: boolean } = {}) {
		this.#base = base;
		this.#ticks = options.ticks ?? false;
	}

	/** Bound, so that it can be handed on as a function. */
	readonly now = (): Date => new Date(this.#base().getTime() + this.#offset);

	/** Has `run` called once it is `at` or later, never within this call. The answer cancels it. */
	schedule(at: Date, run: () => void): () => void {
		const appointment = { at: at.getTime(), run };
		this.#appointments.add(appointment);
		// of thousands that wait only the first concerns the timer
		if (this.#awaited === undefined || appointment.at < this.#awaited.at) this.#wind();
		return () => {
			if (this.#appointments.delete(appointment) && this.#awaited === appointment) this.#wind();
		};
	}

	/**
	 * Moves ahead by `ms` milliseconds, stopping at each appointment on the way, so that it runs at its own hour; moves
	 * asked for at once follow each other. `settle` resolves when what an appointment began is done: only then does the
	 * clock go on. Rejects with a RangeError when `ms` is less than 0 or no number.
	 */
	async advance(ms: number, settle: () => Promise<void> = () => Promise.resolve()): Promise<void> {
		if (!Number.isFinite(ms) || ms < 0) throw new RangeError('a clock moves ahead only');
		const move = this.#moves.then(async () => await this.#move(ms, settle));
		this.#moves = move.catch(() => undefined);
		await move;
	}

	/** Forgets what has not run yet. */
	clear(): void {
		this.#appointments.clear();
		this.#wind();
	}

	async #move(ms: number, settle: () => Promise<void>): Promise<void> {
		this.#moving = true;
		try {
			// what is under way may still make appointments
			await settle();
			const target = this.now().getTime() + ms;
			for (let next = this.#nextUntil(target); next !== undefined; next = this.#nextUntil(target)) {
				this.#appointments.delete(next);
				this.#moveTo(next.at);
				next.run();
				await settle();
			}
			this.#moveTo(target);
		} finally {
			this.#moving = false;
			this.#wind();
		}
	}

	/** Sets the timer to the next appointment; it keeps no process alive. */
	#wind(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#awaited = undefined;
		if (!this.#ticks || this.#moving) return;
		const next = this.#nextUntil(Number.POSITIVE_INFINITY);
		if (next === undefined) return;
		this.#awaited = next;
		const wait = Math.min(Math.max(0, next.at - this.now().getTime()), LONGEST_TIMER);
		this.#timer = setTimeout(() => this.#runDue(), wait);
		this.#timer.unref();
	}

	#runDue(): void {
		for (;;) {
			const next = this.#nextUntil(this.now().getTime());
			if (next === undefined) break;
			this.#appointments.delete(next);
			next.run();
		}
		this.#wind();
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
