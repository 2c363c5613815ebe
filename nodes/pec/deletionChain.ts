import { sha256Of } from './sha256';

/** What ties an entry to those before it. */
export interface ChainLink {
	/** Hash of the entry before; absent in the first of all. */
	readonly previous?: string;
	/** Hashes of others that nothing came after yet: clean-ups that ran at the same time. */
	readonly joins?: readonly string[];
	/** SHA-256 of the entry without this field, in its canonical form; hexadecimal. */
	readonly hash: string;
}

/**
 * The text that is hashed: JSON with the names of each object in order, without blanks (RFC 8785, for what we write: texts,
 * whole numbers, true and false, lists, objects). Fields that are undefined are no fields.
 */
export function canonicalForm(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(canonicalForm).join(',')}]`;
	if (typeof value !== 'object' || value === null) return JSON.stringify(value);
	const fields = Object.entries(value)
		.filter(([, field]) => field !== undefined)
		.sort(([one], [other]) => (one < other ? -1 : 1))
		.map(([name, field]) => `${JSON.stringify(name)}:${canonicalForm(field)}`);
	return `{${fields.join(',')}}`;
}

export function hashOf(entry: object): string {
	const { hash: _hash, ...hashed } = entry as { hash?: string };
	return sha256Of(canonicalForm(hashed));
}

/**
 * Entries one after the other, the first after all that nothing came after.
 * @param ends as `endsOf` gives them
 */
export function chained<T extends object>(
	entries: readonly T[],
	ends: readonly string[],
): Array<T & ChainLink> {
	const links: Array<T & ChainLink> = [];
	let [previous, ...joins] = [...ends].reverse();
	for (const entry of entries) {
		const linked = {
			...entry,
			...(previous === undefined ? {} : { previous }),
			...(joins.length === 0 ? {} : { joins }),
		};
		const hash = hashOf(linked);
		links.push({ ...linked, hash });
		previous = hash;
		joins = [];
	}
	return links;
}

/** Hashes of entries that no entry names, in the order given: one, or more when several clean-ups wrote at the same time. */
export function endsOf(entries: readonly ChainLink[]): string[] {
	const named = new Set(entries.flatMap(({ previous, joins = [] }) => [previous, ...joins]));
	return [...new Set(entries.map(({ hash }) => hash))].filter((hash) => !named.has(hash));
}
