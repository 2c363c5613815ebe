/** What is under way at one time is what a kill makes unclear: no more than is sent in the blink of an eye. */
const CHUNK_MS = 50;
const MOST_ROWS = 16;
const GROWTH = 4;

/** How many messages are begun together, by how long the ones before took. */
export class ChunkSize {
	#rows = 1;

	get rows(): number {
		return this.#rows;
	}

	/** As many as would have taken that time, but not many times more at once: the first ones may have been lucky. */
	learn(rows: number, tookMs: number): void {
		if (tookMs > 2 * CHUNK_MS) this.#rows = Math.max(1, this.#rows >> 1);
		if (tookMs >= CHUNK_MS || rows !== this.#rows) return;
		const inTime = Math.floor((rows * CHUNK_MS) / Math.max(1, tookMs));
		this.#rows = Math.max(rows, Math.min(inTime, rows * GROWTH, MOST_ROWS));
	}
}
