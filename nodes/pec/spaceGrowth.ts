import { presentFields } from './presentFields';
import { DAY_MS } from './spaceAmounts';
import type { Growth, MonthAmount, SpaceMessage } from './spaceReportTypes';
import type { Space } from './space';
import type { MessageKind } from './types';

/** Not longer: a clean-up of what is older than this would make a mailbox seem to grow slowly. */
const WINDOW_DAYS = 30;
const MONTHS = 12;
/** What is older is in none of them: a day's month in Rome takes longer to tell than all else about a message. */
const A_YEAR_AND_MORE_MS = 400 * DAY_MS;
/** A mailbox that fills in a lifetime is not filling; and dates end somewhere. */
const LONGEST_DAYS = 36_500;

const RECEIVED: ReadonlySet<MessageKind> = new Set<MessageKind>([
	'transportEnvelope',
	'anomalyEnvelope',
]);

export interface GrowthFacts {
	readonly now: Date;
	readonly space: Pick<Space, 'used' | 'limit'>;
	/** Of all messages; milliseconds. */
	readonly oldest: number | undefined;
}

/** How a mailbox grows, by what arrived and is still there. Dates in the future, and none, say nothing of it. */
export function growthOf(
	messages: readonly SpaceMessage[],
	{ now, space, oldest }: GrowthFacts,
): Growth {
	const end = now.getTime();
	const age = oldest === undefined ? 0 : (end - oldest) / DAY_MS;
	const days = Math.min(WINDOW_DAYS, Math.max(1, Math.ceil(age)));
	const recent = messages.filter(({ receivedAt }) => {
		const time = Date.parse(receivedAt);
		// The oldest message of a young mailbox may be exactly so many days old.
		return time <= end && time >= end - days * DAY_MS;
	});
	const bytesPerDay = recent.reduce((sum, { size }) => sum + size, 0) / days;
	return presentFields<Growth>({
		days,
		bytesPerDay: Math.round(bytesPerDay),
		messagesPerDay: Math.round((recent.length / days) * 100) / 100,
		full: fullOf(space, bytesPerDay, now),
		months: monthsOf(messages, now),
	});
}

function fullOf(
	{ used, limit }: Pick<Space, 'used' | 'limit'>,
	bytesPerDay: number,
	now: Date,
): Growth['full'] {
	if (limit === undefined || bytesPerDay === 0) return undefined;
	const days = Math.floor(Math.max(0, limit - used) / bytesPerDay);
	if (days > LONGEST_DAYS) return undefined;
	return { days, at: new Date(now.getTime() + days * DAY_MS).toISOString() };
}

function monthsOf(messages: readonly SpaceMessage[], now: Date): MonthAmount[] {
	const monthOf = romeMonth();
	const months = new Map<string, { -readonly [K in keyof MonthAmount]: MonthAmount[K] }>();
	for (const month of lastMonths(monthOf(now.getTime()))) {
		months.set(month, { month, messages: 0, size: 0, receipts: 0, received: 0, other: 0 });
	}
	for (const { receivedAt, size, headers } of messages) {
		const time = Date.parse(receivedAt);
		if (!(time <= now.getTime() && time > now.getTime() - A_YEAR_AND_MORE_MS)) continue;
		const month = months.get(monthOf(time));
		if (!month) continue;
		month.messages += 1;
		month.size += size;
		if (headers.kind === 'receipt') month.receipts += size;
		else if (RECEIVED.has(headers.kind)) month.received += size;
		else month.other += size;
	}
	return [...months.values()];
}

function romeMonth(): (time: number) => string {
	const format = new Intl.DateTimeFormat('en-CA', {
		timeZone: 'Europe/Rome',
		year: 'numeric',
		month: '2-digit',
	});
	return (time) => {
		const parts = format.formatToParts(time);
		const valueOf = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
		return `${valueOf('year')}-${valueOf('month')}`;
	};
}

/** Oldest first, the given one last. */
function lastMonths(last: string): string[] {
	const [year = 0, month = 1] = last.split('-').map(Number);
	return Array.from({ length: MONTHS }, (_, at) => {
		const date = new Date(Date.UTC(year, month - 1 - (MONTHS - 1 - at), 1));
		return date.toISOString().slice(0, 7);
	});
}
