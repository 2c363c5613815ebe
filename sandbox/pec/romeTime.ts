/** One instant as Italian legal time, in the forms PEC messages write it in (RFC 6109 4.2, RFC 5322 3.3). */
export interface RomeTime {
	/** `31/12/2026` */
	readonly day: string;
	/** `18:21:03` */
	readonly time: string;
	/** `+0100` */
	readonly zone: string;
	/** `20261231182103` */
	readonly stamp: string;
	/** `Thu, 31 Dec 2026 18:21:03 +0100` */
	readonly headerDate: string;
}

const FORMAT = new Intl.DateTimeFormat('en-GB', {
	timeZone: 'Europe/Rome',
	weekday: 'short',
	day: '2-digit',
	month: '2-digit',
	year: 'numeric',
	hour: '2-digit',
	minute: '2-digit',
	second: '2-digit',
	hourCycle: 'h23',
	timeZoneName: 'longOffset',
});

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

let latest: { second: number; time: RomeTime } | undefined;

/** Whole seconds; the latest one is kept, since a message says its time in many places. */
export function romeTime(at: Date): RomeTime {
	const second = Math.floor(at.getTime() / 1000);
	if (latest?.second !== second) latest = { second, time: inRome(at) };
	return latest.time;
}

function inRome(at: Date): RomeTime {
	const part = new Map(FORMAT.formatToParts(at).map(({ type, value }) => [type, value]));
	const get = (type: Intl.DateTimeFormatPartTypes): string => part.get(type) ?? '';
	const zone = get('timeZoneName').replace('GMT', '').replace(':', '');
	const time = `${get('hour')}:${get('minute')}:${get('second')}`;
	const month = MONTHS[Number(get('month')) - 1] ?? '';
	return {
		day: `${get('day')}/${get('month')}/${get('year')}`,
		time,
		zone,
		stamp: get('year') + get('month') + get('day') + time.replaceAll(':', ''),
		headerDate: `${get('weekday')}, ${Number(get('day'))} ${month} ${get('year')} ${time} ${zone}`,
	};
}
