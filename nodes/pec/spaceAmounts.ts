import type { Amount } from './spaceReportTypes';

export const DAY_MS = 24 * 3_600_000;

interface Sized {
	readonly size: number;
}

export function amountOf(messages: readonly Sized[]): Amount {
	return { messages: messages.length, size: messages.reduce((sum, { size }) => sum + size, 0) };
}

/** Each message under one key; largest first, equal ones by key. */
export function amountsBy<K extends string, M extends Sized>(
	messages: readonly M[],
	keyOf: (message: M) => K,
): Array<[K, Amount]> {
	const amounts = new Map<K, { messages: number; size: number }>();
	for (const message of messages) {
		const key = keyOf(message);
		const amount = amounts.get(key) ?? { messages: 0, size: 0 };
		amount.messages += 1;
		amount.size += message.size;
		amounts.set(key, amount);
	}
	return [...amounts].sort(
		([one, { size: oneSize }], [other, { size: otherSize }]) =>
			otherSize - oneSize || (one < other ? -1 : 1),
	);
}

/**
 * Between ascending bounds: the first group is below the first bound, the last one at the last bound or above. Empty
 * groups too, so that two reports have the same rows.
 */
export function amountsBetween<M extends Sized>(
	messages: readonly M[],
	valueOf: (message: M) => number,
	bounds: readonly number[],
): Array<Amount & { readonly from: number; readonly to: number | undefined }> {
	const groups = [0, ...bounds].map((from, at) => ({
		from,
		to: bounds[at],
		messages: 0,
		size: 0,
	}));
	for (const message of messages) {
		const value = valueOf(message);
		const group = groups.findLast(({ from }) => value >= from) ?? groups[0];
		if (!group) continue;
		group.messages += 1;
		group.size += message.size;
	}
	return groups;
}
