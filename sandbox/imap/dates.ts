const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAY_MS = 24 * 60 * 60 * 1000;

/** `"17-Jul-1996 02:44:25 +0000"`, always in UTC (RFC 3501 9, date-time). */
export function formatInternalDate(date: Date): string {
	const month = MONTHS[date.getUTCMonth()] ?? '';
	const day = String(date.getUTCDate()).padStart(2, ' ');
	const name = month.charAt(0).toUpperCase() + month.slice(1);
	const year = String(date.getUTCFullYear()).padStart(4, '0');
	return `"${day}-${name}-${year} ${date.toISOString().slice(11, 19)} +0000"`;
}

/** The time of a date-time as APPEND takes it; `undefined` when it is none. */
export function parseInternalDate(text: string): Date | undefined {
	const match = /^([ \d]?\d-[A-Za-z]{3}-\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/.exec(text);
	if (match === null) return undefined;
	const [, date = '', hours, minutes, seconds, sign, zoneHours, zoneMinutes] = match;
	const day = parseDay(date.trim());
	if (day === undefined) return undefined;
	if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 60) return undefined;
	const offset = (sign === '-' ? -1 : 1) * (Number(zoneHours) * 60 + Number(zoneMinutes));
	const local = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
	const time = new Date(day * DAY_MS + local * 1000 - offset * 60_000);
	// A year has four digits, in UTC too: it must be possible to say it again.
	const year = time.getUTCFullYear();
	return year < 0 || year > 9999 ? undefined : time;
}

/** A search date (`1-Feb-2026`) as the number of days since 1970; `undefined` when it is none. */
export function parseDay(text: string): number | undefined {
	const match = /^(\d{1,2})-([A-Za-z]{3})-(\d{4})$/.exec(text);
	return match === null ? undefined : dayNumber(match[1], match[2], match[3]);
}

/** The day a Date header names, as written, whatever its zone (RFC 3501 6.4.4, SENTON); `undefined` when it names none. */
export function dayOfDateHeader(value: string): number | undefined {
	const match = /(\d{1,2})\s+([A-Za-z]{3})\s+(\d{4})/.exec(value);
	return match === null ? undefined : dayNumber(match[1], match[2], match[3]);
}

/** The UTC day of a time, as the number of days since 1970. */
export function dayOf(date: Date): number {
	return Math.floor(date.getTime() / DAY_MS);
}

function dayNumber(day = '', month = '', year = ''): number | undefined {
	const index = MONTHS.indexOf(month.toLowerCase());
	const date = new Date(0);
	// Not Date.UTC, which takes the years below 100 for those of a century ago.
	date.setUTCFullYear(Number(year), index, Number(day));
	if (index === -1 || date.getUTCDate() !== Number(day)) return undefined;
	return dayOf(date);
}
