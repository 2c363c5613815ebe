/** The same fields without those that do not apply: docs/OUTPUT.md has them absent, not null. */
export function presentFields<T extends object>(fields: T): T {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
