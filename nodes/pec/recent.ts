/** Keeps a value under its key; beyond `limit` the oldest go. */
export function remember<T>(kept: Map<string, T>, key: string, value: T, limit: number): void {
	for (const [oldest] of kept) {
		if (kept.size < limit) break;
		kept.delete(oldest);
	}
	kept.set(key, value);
}
