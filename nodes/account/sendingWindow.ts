/** When messages may be handed over, in local time. */
export interface SendingWindow {
	/** IANA name, such as `Europe/Rome`. */
	readonly timeZone: string;
	/** Minutes since midnight; `to` is not in it any more. */
	readonly from: number;
	readonly to: number;
	/** 1 Monday … 7 Sunday. */
	readonly weekdays: ReadonlySet<number>;
	readonly skipsItalianHolidays: boolean;
}

const STEP_MS = 5 * 60_000;
const LONGEST_CLOSED_MS = 400 * 24 * 3_600_000;

/** Law 260/1949 art. 2 and later; 4 October from 2026 on (law 151/2025). Month and day. */
const ITALIAN_HOLIDAYS = new Map<string, number>([
	['1-1', 0],
	['1-6', 0],
	['4-25', 0],
	['5-1', 0],
	['6-2', 0],
	['8-15', 0],
	['10-4', 2026],
	['11-1', 0],
	['12-8', 0],
	['12-25', 0],
	['12-26', 0],
]);

interface LocalTime {
	readonly year: number;
	readonly month: number;
	readonly day: number;
	/** 1 Monday … 7 Sunday. */
	readonly weekday: number;
	readonly minutes: number;
}

/** The first time at or after this one at which the window is open; `undefined` when it never is. */
export function nextOpening(window: SendingWindow, at: Date): Date | undefined {
	const local = localTimes(window.timeZone);
	if (isOpen(window, local(at))) return at;
	// Windows begin and end at whole minutes, and time zones differ by quarters of an hour at most.
	let time = Math.ceil(at.getTime() / STEP_MS) * STEP_MS;
	const last = at.getTime() + LONGEST_CLOSED_MS;
	for (; time <= last; time += STEP_MS) {
		if (!isOpen(window, local(new Date(time)))) continue;
		let minute = time - STEP_MS + 60_000;
		while (!isOpen(window, local(new Date(minute)))) minute += 60_000;
		return new Date(Math.max(minute, at.getTime()));
	}
	return undefined;
}

function isOpen(window: SendingWindow, { minutes, ...date }: LocalTime): boolean {
	return (
		minutes >= window.from &&
		minutes < window.to &&
		window.weekdays.has(date.weekday) &&
		!(window.skipsItalianHolidays && isItalianHoliday(date))
	);
}

export function isItalianHoliday({
	year,
	month,
	day,
}: Pick<LocalTime, 'year' | 'month' | 'day'>): boolean {
	const since = ITALIAN_HOLIDAYS.get(`${month}-${day}`);
	if (since !== undefined && year >= since) return true;
	const easter = easterSunday(year);
	const days = (Date.UTC(year, month - 1, day) - easter) / (24 * 3_600_000);
	return days === 0 || days === 1;
}

/** Gregorian Easter by the anonymous algorithm (Meeus, Astronomical Algorithms, chapter 8); midnight UTC. */
function easterSunday(year: number): number {
	const a = year % 19;
	const b = Math.floor(year / 100);
	const c = year % 100;
	const h =
		(19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
	const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
	const m = Math.floor((a + 11 * h + 22 * l) / 451);
	const month = Math.floor((h + l - 7 * m + 114) / 31);
	const day = ((h + l - 7 * m + 114) % 31) + 1;
	return Date.UTC(year, month - 1, day);
}

function localTimes(timeZone: string): (at: Date) => LocalTime {
	const format = new Intl.DateTimeFormat('en-GB', {
		timeZone,
		year: 'numeric',
		month: 'numeric',
		day: 'numeric',
		hour: 'numeric',
		minute: 'numeric',
		hourCycle: 'h23',
	});
	return (at) => {
		const parts = Object.fromEntries(
			format.formatToParts(at).map(({ type, value }) => [type, Number(value)]),
		);
		const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
		const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay() || 7;
		return { year, month, day, weekday, minutes: hour * 60 + minute };
	};
}
