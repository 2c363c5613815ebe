const MB = 1024 * 1024;

/** Messages between two looks at the memory. */
export const WINDOW = 100;
/** Caches fill up and code is compiled first. */
const WARM_UP = 8;
/** Windows that are compared; the least of several, since what one message needs may be held for a moment. */
const COMPARED = 8;
/** What a run of any length may hold more than after its beginning. */
const ALLOWED = 24 * MB;
/** Of the whole process, whose code alone takes a hundred; more than the largest message here needs. */
const RSS_LIMIT = 1500 * MB;

/** Looks whether memory grows with the number of messages. */
export class Growth {
	readonly #samples: number[] = [];

	/** Bytes in use, after garbage was collected. @returns what is wrong */
	add(used: number, rss: number): string | undefined {
		this.#samples.push(used);
		if (rss > RSS_LIMIT) return `the process has ${Math.round(rss / MB)} MB`;
		const warm = this.#samples.slice(WARM_UP);
		if (warm.length < COMPARED * 2) return undefined;
		const grown = Math.min(...warm.slice(-COMPARED)) - Math.min(...warm.slice(0, COMPARED));
		const messages = warm.length * WINDOW;
		return grown > ALLOWED
			? `memory grew by ${Math.round(grown / MB)} MB over ${messages} messages`
			: undefined;
	}
}
