/** Bytes `start` (included) to `end` (excluded) of a file. */
export interface Extent {
	readonly start: number;
	readonly end: number;
}

/** Which bytes of a file are in use. Knows no file. */
export class FreeSpace {
	/** Ascending; never two that touch, never one at the end of the file. */
	#gaps: Extent[] = [];
	#end = 0;

	/** Behind the last byte in use: as long as the file has to be. */
	get end(): number {
		return this.#end;
	}

	/** Takes `size` bytes in one piece: from the first gap that is wide enough, else at the end. */
	take(size: number): Extent {
		const index = this.#gaps.findIndex(({ start, end }) => end - start >= size);
		const gap = this.#gaps[index];
		if (gap === undefined) {
			const start = this.#end;
			this.#end += size;
			return { start, end: this.#end };
		}
		const taken = { start: gap.start, end: gap.start + size };
		this.#gaps.splice(index, 1, ...(taken.end < gap.end ? [{ ...gap, start: taken.end }] : []));
		return taken;
	}

	/** Gives back what `take` gave, once. */
	give(extent: Extent): void {
		let { start, end } = extent;
		const after = this.#gaps.findIndex((gap) => gap.start >= end);
		const index = after === -1 ? this.#gaps.length : after;
		const [before, behind] = [this.#gaps[index - 1], this.#gaps[index]];
		const joinsBefore = before?.end === start;
		const joinsBehind = behind?.start === end;
		if (joinsBefore) start = before.start;
		if (joinsBehind) end = behind.end;
		const first = joinsBefore ? index - 1 : index;
		const joined = Number(joinsBefore) + Number(joinsBehind);
		if (end === this.#end) {
			this.#gaps.splice(first, joined);
			this.#end = start;
		} else {
			this.#gaps.splice(first, joined, { start, end });
		}
	}
}
