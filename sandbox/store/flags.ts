/** The flags RFC 3501 2.3.2 lets a client set. `\Recent` belongs to a session, not to a message, and is never stored. */
export const SYSTEM_FLAGS: readonly string[] = [
	'\\Answered',
	'\\Flagged',
	'\\Deleted',
	'\\Seen',
	'\\Draft',
];

const SYSTEM_BY_LOWER_CASE = new Map(SYSTEM_FLAGS.map((flag) => [flag.toLowerCase(), flag]));

/** Whether a client may set it: a keyword, or one of the system flags. */
export function isSettable(flag: string): boolean {
	return !flag.startsWith('\\') || SYSTEM_BY_LOWER_CASE.has(flag.toLowerCase());
}

/**
 * The one spelling each flag has in a folder: system flags as RFC 3501 writes them, keywords as they were first seen
 * (RFC 5788: keywords are case-insensitive).
 */
export class FlagSpelling {
	readonly #keywords = new Map<string, string>();

	/** Keywords ever seen, in order of appearance. */
	get keywords(): readonly string[] {
		return [...this.#keywords.values()];
	}

	get keywordCount(): number {
		return this.#keywords.size;
	}

	/** Those of `flags` that are keywords never seen, each once. */
	unseen(flags: Iterable<string>): string[] {
		const lower = [...flags].map((flag) => flag.toLowerCase());
		return [...new Set(lower)].filter(
			(flag) => !flag.startsWith('\\') && !this.#keywords.has(flag),
		);
	}

	/** The stored spellings of these flags; flags starting with `\` that are not system flags are left out. */
	canonical(flags: Iterable<string>): string[] {
		const spelled: string[] = [];
		for (const flag of flags) {
			const lower = flag.toLowerCase();
			if (lower.startsWith('\\')) {
				const system = SYSTEM_BY_LOWER_CASE.get(lower);
				if (system !== undefined) spelled.push(system);
				continue;
			}
			const known = this.#keywords.get(lower);
			if (known === undefined) this.#keywords.set(lower, flag);
			spelled.push(known ?? flag);
		}
		return spelled;
	}
}
