/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export class Random {
	#state: number;

	constructor(seed: number) {
		this.#state = seed >>> 0;
	}

	next(): number {
		this.#state = (this.#state + 0x6d2b79f5) >>> 0;
		let t = this.#state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	}

	/** A whole number, both ends included. */
	between(least: number, most: number): number {
		return least + Math.floor(this.next() * (most - least + 1));
	}

	/** How long until the next of events that come so often on average. */
	wait(meanMs: number): number {
		return -Math.log(1 - this.next()) * meanMs;
	}

	pick<T>(list: readonly T[]): T {
		const one = list[Math.floor(this.next() * list.length)];
		if (one === undefined) throw new RangeError('Nothing to pick from.');
		return one;
	}

	shuffled<T>(list: readonly T[]): T[] {
		return list
			.map((value) => ({ value, order: this.next() }))
			.sort((one, other) => one.order - other.order)
			.map(({ value }) => value);
	}
}
