/** One FETCH or STORE at a time: its UIDs ascending, and the sequence set that names them. */
export interface UidWindow {
	readonly uids: readonly number[];
	readonly set: string;
}

/**
 * Cuts UIDs into windows of at most `size`, ascending, without duplicates. A set of 500 UIDs is at most 5,500 octets
 * long; servers must accept command lines of 8,192 (RFC 7162 section 4).
 */
export function uidWindows(uids: readonly number[], size: number): UidWindow[] {
	const ascending = [...new Set(uids)].sort((a, b) => a - b);
	const windows: UidWindow[] = [];
	for (let start = 0; start < ascending.length; start += size) {
		const window = ascending.slice(start, start + size);
		windows.push({ uids: window, set: setOf(window) });
	}
	return windows;
}

/** `1:3,7` for ascending 1, 2, 3, 7. */
function setOf(ascending: readonly number[]): string {
	const ranges: Array<{ first: number; last: number }> = [];
	for (const uid of ascending) {
		const range = ranges.at(-1);
		if (range && range.last + 1 === uid) range.last = uid;
		else ranges.push({ first: uid, last: uid });
	}
	return ranges
		.map(({ first, last }) => (first === last ? `${first}` : `${first}:${last}`))
		.join(',');
}

/**
 * Whether a sequence set names a UID. A server answers `7:*` with its last message even when that is older than 7
 * (RFC 3501 6.4.8), so results are held against the set again. A lone `*` names whatever the server says is last.
 */
export function setNames(set: string, uid: number): boolean {
	return set.split(',').some((part) => {
		if (part.trim() === '*') return true;
		const [first = NaN, last = first] = part
			.split(':')
			.map((end) => (end.trim() === '*' ? Infinity : Number(end)));
		return uid >= Math.min(first, last) && uid <= Math.max(first, last);
	});
}
