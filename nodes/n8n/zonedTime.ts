/** Anything else is no time: Date.parse takes "31 marzo" for a day of 2001. */
const WITH_ZONE = /^\d{4}-\d{2}-\d{2}[T ][\d:.]+(?:Z|[+-]\d{2}:?\d{2})$/i;
const WITHOUT_ZONE = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?$/;

/** UTC where it is no zone: n8n says DEFAULT of a workflow that never chose one, when it knows none itself. */
export function knownZone(timeZone: string): string {
	try {
		new Intl.DateTimeFormat('en-GB', { timeZone });
		return timeZone;
	} catch {
		return 'UTC';
	}
}

/**
 * A time as a form or an expression gives it. Without a zone of its own it is the workflow's, whatever the zone of the
 * machine is: a month begins at midnight where its people are. `undefined` for what is no time.
 */
export function timeIn(text: string, timeZone: string): Date | undefined {
	const written = text.trim();
	const [isLocal, ...parts] = WITHOUT_ZONE.exec(written) ?? [];
	if (isLocal === undefined && !WITH_ZONE.test(written)) return undefined;
	const time = isLocal === undefined ? Date.parse(written) : localTime(parts, timeZone);
	return Number.isNaN(time) ? undefined : new Date(time);
}

function localTime(parts: ReadonlyArray<string | undefined>, timeZone: string): number {
	const [year = NaN, month = NaN, day = NaN, hour = 0, minute = 0, second = 0] = parts.map(
		(part) => (part === undefined ? undefined : Number(part)),
	);
	const asUtc = Date.UTC(year, month - 1, day, hour, minute, second);
	// 31 February would be 3 March.
	if (new Date(asUtc).getUTCDate() !== day || month > 12 || hour > 23) return NaN;
	// The offset of the day before or after a change of the clocks can be another one: asked again at what it gives.
	const first = asUtc - offsetAt(asUtc, timeZone);
	return asUtc - offsetAt(first, timeZone);
}

/** How far the zone is ahead of UTC then, milliseconds. */
function offsetAt(time: number, timeZone: string): number {
	const parts = new Intl.DateTimeFormat('en-US', {
		timeZone,
		hourCycle: 'h23',
		year: 'numeric',
		month: 'numeric',
		day: 'numeric',
		hour: 'numeric',
		minute: 'numeric',
		second: 'numeric',
	}).formatToParts(new Date(time));
	const value = (type: string) => Number(parts.find((part) => part.type === type)?.value);
	return (
		Date.UTC(
			value('year'),
			value('month') - 1,
			value('day'),
			value('hour'),
			value('minute'),
			value('second'),
		) - time
	);
}
