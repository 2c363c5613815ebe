/** The same fields without those that do not apply: docs/OUTPUT.md has them absent, not null. */
export function presentFields<T extends object>(fields: T): T {
	const present: Partial<T> = {};
	// A loop: this runs several times for each message, and lists of pairs cost four times as much.
	for (const name in fields) {
		if (fields[name] !== undefined) present[name] = fields[name];
	}
	return present as T;
}
