/** The same choices for the same seed: mulberry32, which is enough to choose by. */
export class Random {
	private state: number;

	constructor(seed: number) {
		this.state = seed >>> 0;
	}

	/** From 0 up to, not including, 1. */
	fraction(): number {
		this.state = (this.state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	}

	/** From 0 up to, not including, `limit`; 0 when there is nothing to choose. */
	below(limit: number): number {
		return Math.floor(this.fraction() * limit);
	}

	chance(probability: number): boolean {
		return this.fraction() < probability;
	}

	pick<T>(list: readonly T[]): T {
		const picked = list[this.below(list.length)];
		if (picked === undefined) throw new RangeError('There is nothing to choose from');
		return picked;
	}

	/** One character a byte. */
	bytes(count: number): string {
		return String.fromCharCode(...Array.from({ length: count }, () => this.below(256)));
	}
}
