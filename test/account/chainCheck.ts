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
		if (before.length === 0 && index > 0) faults.push(`entry ${index} begins anew`);
		known.add(hash);
	}
	return faults;
}
