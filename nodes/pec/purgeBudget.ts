import type { PurgeVerdict } from './types';

/** How much one run deletes at most. */
export interface PurgeBudget {
	readonly maxMessages?: number;
	/** Bytes; one message may go beyond it, or one that is larger would never go. */
	readonly maxBytes?: number;
}

/**
 * Oldest first; what belongs to one sending goes together, by its oldest message, so that an interruption splits few.
 * Verdicts without a readable date come last.
 */
export function oldestFirst(verdicts: readonly PurgeVerdict[]): PurgeVerdict[] {
	const timeOf = ({ message }: PurgeVerdict) => Date.parse(message.receivedAt) || Infinity;
	const began = new Map<string, number>();
	for (const verdict of verdicts) {
		const { sending } = verdict;
		if (sending === undefined) continue;
		began.set(sending, Math.min(began.get(sending) ?? Infinity, timeOf(verdict)));
	}
	const keyOf = (verdict: PurgeVerdict) =>
		verdict.sending === undefined
			? timeOf(verdict)
			: (began.get(verdict.sending) ?? timeOf(verdict));
	return verdicts
		.map((verdict, index) => ({ verdict, index, key: keyOf(verdict) }))
		.sort(
			(one, other) =>
				compare(one.key, other.key) ||
				compare(one.verdict.sending ?? '', other.verdict.sending ?? '') ||
				one.index - other.index,
		)
		.map(({ verdict }) => verdict);
}

function compare<T extends number | string>(one: T, other: T): number {
	return one < other ? -1 : one > other ? 1 : 0;
}

/** The first of them that the budget bears, in the order given, and what is left for later runs. */
export function withinBudget(
	verdicts: readonly PurgeVerdict[],
	{ maxMessages = Infinity, maxBytes = Infinity }: PurgeBudget,
): { readonly now: PurgeVerdict[]; readonly later: PurgeVerdict[] } {
	let bytes = 0;
	let count = 0;
	for (const { message } of verdicts) {
		const isBorne = count < maxMessages && (count === 0 || bytes + message.size <= maxBytes);
		if (!isBorne) break;
		bytes += message.size;
		count += 1;
	}
	return { now: verdicts.slice(0, count), later: verdicts.slice(count) };
}
