/** Pieces a second on a slow lane: often enough for a client to see a trickle, seldom enough to cost nothing. */
const PIECES_A_SECOND = 20;

interface Limit {
	left: number;
	readonly reached: () => void;
}

/** One direction of a connection. Bytes pass at once and in order, unless a fault slows, holds or ends them. */
export class Lane {
	readonly #out: (bytes: Buffer) => void;
	readonly #onEmpty: () => void;
	#queue: Buffer[] = [];
	#queued = 0;
	#bytesPerSecond = Infinity;
	#pause: NodeJS.Timeout | undefined;
	#stalls = 0;
	#held = false;
	#limits: readonly Limit[] = [];
	#closed = false;
	#waiting: (() => void)[] = [];

	/** @param onEmpty called each time that held bytes have all passed */
	constructor(out: (bytes: Buffer) => void, onEmpty: () => void = () => undefined) {
		this.#out = out;
		this.#onEmpty = onEmpty;
	}

	/** Bytes that wait. */
	get queued(): number {
		return this.#queued;
	}

	push(bytes: Buffer): void {
		if (this.#closed || bytes.length === 0) return;
		this.#queue.push(bytes);
		this.#queued += bytes.length;
		this.#pump();
		this.#held = this.#queued > 0;
	}

	/** Calls `reached` once so many bytes more have passed: at once for 0, and before the byte after them passes. */
	limit(bytes: number, reached: () => void): void {
		if (bytes <= 0) return reached();
		this.#limits = [...this.#limits, { left: bytes, reached }];
	}

	slow(bytesPerSecond: number): void {
		this.#bytesPerSecond = Math.min(this.#bytesPerSecond, bytesPerSecond);
	}

	/** Nothing passes until as many `resume` as `stall` were called. */
	stall(): void {
		this.#stalls += 1;
	}

	resume(): void {
		this.#stalls -= 1;
		this.#pump();
	}

	/** Resolves when nothing waits any more, or never will again. */
	async passed(): Promise<void> {
		if (this.#queued === 0) return;
		await new Promise<void>((resolve) => this.#waiting.push(resolve));
	}

	/** Drops what waits; nothing passes any more. */
	close(): void {
		this.#closed = true;
		clearTimeout(this.#pause);
		this.clear();
	}

	/** Drops what waits. */
	clear(): void {
		this.#queue = [];
		this.#queued = 0;
		this.#wake();
	}

	#pump(): void {
		if (this.#queued === 0) return;
		while (this.#stalls === 0 && this.#pause === undefined) {
			const first = this.#queue[0];
			if (first === undefined) break;
			const length = Math.min(first.length, this.#piece(), ...this.#limits.map(({ left }) => left));
			this.#queued -= length;
			if (length === first.length) this.#queue.shift();
			else this.#queue[0] = first.subarray(length);
			// what a limit is set for while these bytes pass comes after them
			const limits = this.#limits;
			this.#out(length === first.length ? first : first.subarray(0, length));
			this.#count(limits, length);
			if (this.#bytesPerSecond !== Infinity) this.#rest(length);
		}
		if (this.#queued === 0) {
			this.#wake();
			if (this.#held) this.#onEmpty();
			this.#held = false;
		}
	}

	#piece(): number {
		return Math.max(1, Math.ceil(this.#bytesPerSecond / PIECES_A_SECOND));
	}

	#count(limits: readonly Limit[], length: number): void {
		for (const limit of limits) limit.left -= length;
		const reached = limits.filter(({ left }) => left <= 0);
		this.#limits = this.#limits.filter(({ left }) => left > 0);
		for (const limit of reached) limit.reached();
	}

	#rest(length: number): void {
		if (this.#closed) return;
		this.#pause = setTimeout(
			() => {
				this.#pause = undefined;
				this.#pump();
			},
			(length / this.#bytesPerSecond) * 1000,
		);
	}

	#wake(): void {
		const waiting = this.#waiting;
		this.#waiting = [];
		for (const resolve of waiting) resolve();
	}
}
