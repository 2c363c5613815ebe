import { createHash } from 'node:crypto';

export interface Entry {
	readonly previous?: string;
	readonly joins?: readonly string[];
	readonly hash: string;
}

/** What is wrong with a chain of deletions, by its documentation (docs/MAILBOX.md), without the code that writes it. */
export function chainFaults(entries: readonly Entry[]): string[] {
	const known = new Set<string>();
	const faults: string[] = [];
	for (const [index, entry] of entries.entries()) {
		const { hash, ...rest } = entry;
		const text = JSON.stringify(rest, Object.keys(rest).sort());
		if (createHash('sha256').update(text).digest('hex') !== hash)
			faults.push(`entry ${index} was changed`);
		const before = [entry.previous, ...(entry.joins ?? [])].filter((each) => each !== undefined);
		if (before.some((each) => !known.has(each)))
			faults.push(`entry ${index} follows what is not there`);
		known.add(hash);
	}
	// Of clean-ups that ran at the same time, each may have begun one, or ended one.
	const named = new Set(entries.flatMap(({ previous, joins = [] }) => [previous, ...joins]));
	const ends = entries.filter(({ hash }) => !named.has(hash)).length;
	if (ends > 3) faults.push(`${ends} entries are tied to none that follows`);
	return faults;
}
