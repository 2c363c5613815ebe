/** Values that have a key in common, in the order in which keys and values come. (Map.groupBy is newer than Node 20.) */
export function groupedBy<K, V>(values: Iterable<V>, keyOf: (value: V) => K): Map<K, V[]> {
	const groups = new Map<K, V[]>();
	for (const value of values) addTo(groups, keyOf(value), value);
	return groups;
}

/** How often each value comes, in the order in which they come. */
export function countsOf<T>(values: Iterable<T>): Map<T, number> {
	const counts = new Map<T, number>();
	for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
	return counts;
}

/** Where a value has several keys, or none. */
export function addTo<K, V>(groups: Map<K, V[]>, key: K, value: V): void {
	const group = groups.get(key);
	if (group) group.push(value);
	else groups.set(key, [value]);
}
