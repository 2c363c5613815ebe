const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** The provider counts by a clock of its own. */
const MARGIN_MS = 1_000;

/** What a provider asks for that finds it too much, when it names no time (RFC 5321 4.5.4.1 has minutes in mind). */
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 10 * 60_000;

/** So many pauses in a row, with nothing taken between them, are a refusal. */
const PATIENCE = 3;

/** How much an account sends. */
export interface PaceLimits {
	readonly perMinute: number;
	/** In any 24 hours. */
	readonly perDay?: number;
}

/** When the account may send, by what it sent. Times are milliseconds of the epoch. */
export class Pace {
	readonly #perDay: number;
	readonly #sentAt: number[];
	#perMinute: number;
	#pauseMs = FIRST_PAUSE_MS;
	#pauses = 0;
	#pausedUntil = 0;

	/** @param sentAt of the last 24 hours, ascending, by whatever run */
	constructor({ perMinute, perDay = Infinity }: PaceLimits, sentAt: readonly number[]) {
		this.#perMinute = Math.max(1, perMinute);
		this.#perDay = Math.max(1, perDay);
		this.#sentAt = [...sentAt];
	}

	/** How many messages may be sent at once now; 0 before `nextAt`. */
	room(now: number): number {
		if (now < this.#pausedUntil) return 0;
		this.#forget(now);
		return Math.max(
			0,
			Math.min(
				this.#perMinute - this.#countSince(now - MINUTE_MS - MARGIN_MS),
				this.#perDay - this.#sentAt.length,
			),
		);
	}

	/** The earliest time at which there is room. */
	nextAt(now: number): number {
		this.#forget(now);
		const nth = (limit: number) => this.#sentAt.at(-limit);
		const minute = nth(this.#perMinute);
		const day = Number.isFinite(this.#perDay) ? nth(this.#perDay) : undefined;
		return Math.max(
			now,
			this.#pausedUntil,
			minute === undefined ? 0 : minute + MINUTE_MS + MARGIN_MS,
			day === undefined ? 0 : day + DAY_MS + MARGIN_MS,
		);
	}

	/** What there has to be waited for, when there is no room. */
	whyClosed(now: number): 'tooMuch' | 'dailyLimit' | 'maxDuration' {
		if (now < this.#pausedUntil) return 'tooMuch';
		return this.#sentAt.length >= this.#perDay ? 'dailyLimit' : 'maxDuration';
	}

	/** Messages are handed over now. */
	sending(count: number, now: number): void {
		for (let index = 0; index < count; index += 1) this.#sentAt.push(now);
	}

	/** One of them was taken. */
	taken(): void {
		this.#pauses = 0;
		this.#pauseMs = FIRST_PAUSE_MS;
	}

	/**
	 * The provider found it too much: half the pace from now on, after a pause. What was on its way when the pause began says
	 * so once more.
	 * @returns whether to go on at all in this run
	 */
	tooMuch(now: number): boolean {
		if (now < this.#pausedUntil) return this.#pauses < PATIENCE;
		this.#pauses += 1;
		this.#perMinute = Math.max(1, Math.floor(this.#perMinute / 2));
		this.#pausedUntil = now + this.#pauseMs;
		this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
		return this.#pauses < PATIENCE;
	}

	#countSince(since: number): number {
		let count = 0;
		for (
			let index = this.#sentAt.length;
			index > 0 && this.#sentAt[index - 1]! > since;
			index -= 1
		) {
			count += 1;
		}
		return count;
	}

	#forget(now: number): void {
		const firstToKeep = this.#sentAt.findIndex((at) => at > now - DAY_MS - MARGIN_MS);
		if (firstToKeep > 0) this.#sentAt.splice(0, firstToKeep);
		else if (firstToKeep < 0) this.#sentAt.length = 0;
	}
}
