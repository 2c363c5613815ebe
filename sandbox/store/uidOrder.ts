/** Index of the first entry whose UID is `uid` or above, in a list ascending by UID; its length when there is none. */
export function indexAtOrAbove(
	ascending: readonly { readonly uid: number }[],
	uid: number,
): number {
	let low = 0;
	let high = ascending.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		const entry = ascending[middle];
		if (entry !== undefined && entry.uid < uid) low = middle + 1;
		else high = middle;
	}
	return low;
}

/** Index of the entry with this UID in a list ascending by UID, or -1. */
export function indexOfUid(ascending: readonly { readonly uid: number }[], uid: number): number {
	const index = indexAtOrAbove(ascending, uid);
	return ascending[index]?.uid === uid ? index : -1;
}
