import { presentFields } from './presentFields';
import { forecastPolicies, type CleanUpFacts } from './purgeForecast';
import { amountOf, amountsBetween, amountsBy, DAY_MS } from './spaceAmounts';
import { growthOf } from './spaceGrowth';
import type { Space } from './space';
import type { AgeAmount, Duplicates, SpaceMessage, SpaceReport } from './spaceReportTypes';
import type { ReceiptContent, ReceiptType } from './types';

const AGE_DAYS = [30, 90, 180, 365, 730] as const;
const MIB = 1024 * 1024;
const SIZES = [100 * 1024, MIB, 10 * MIB, 30 * MIB] as const;
const TOP_CORRESPONDENTS = 15;
const LARGEST_DUPLICATES = 10;

export interface SpaceFindings {
	readonly account: string;
	readonly now: Date;
	readonly space: Space;
	readonly messages: readonly SpaceMessage[];
	/** Messages that the server lists and does not give. */
	readonly unlisted: number;
	/** Absent: it is not worked out what a clean-up would free. */
	readonly cleanUp?: CleanUpFacts & {
		/** Policies: everything older than so many days. */
		readonly olderThanDays: readonly number[];
	};
}

/** What fills a mailbox, how it grows, what a clean-up would free. Each message counts once in each table. */
export function spaceReportOf(findings: SpaceFindings): SpaceReport {
	const { account, now, space, messages, unlisted, cleanUp } = findings;
	const past = messages
		.map(({ receivedAt }) => Date.parse(receivedAt))
		// No date compares as false.
		.filter((time) => time <= now.getTime());
	const oldest = minimum(past);
	return presentFields<SpaceReport>({
		account,
		generatedAt: now.toISOString(),
		space,
		total: amountOf(messages),
		oldestAt: isoOf(oldest),
		newestAt: isoOf(maximum(past)),
		kinds: amountsBy(messages, ({ headers }) => headers.kind).map(([kind, amount]) => ({
			kind,
			...amount,
		})),
		receipts: receiptsOf(messages),
		ages: agesOf(messages, now),
		sizes: amountsBetween(messages, ({ size }) => size, SIZES).map(({ from, to, ...amount }) =>
			presentFields({ fromBytes: from, toBytes: to, ...amount }),
		),
		folders: amountsBy(messages, ({ folder }) => folder).map(([path, amount]) => ({
			path,
			...amount,
		})),
		correspondents: correspondentsOf(messages),
		duplicates: duplicatesOf(messages),
		growth: growthOf(messages, { now, space, oldest }),
		policies:
			cleanUp && forecastPolicies({ messages, space, now, ...cleanUp }, cleanUp.olderThanDays),
		troubles: [
			...(unlisted > 0 ? (['unlisted'] as const) : []),
			...(space.closed ? (['closed'] as const) : []),
		],
	});
}

function receiptsOf(messages: readonly SpaceMessage[]): SpaceReport['receipts'] {
	const receipts = messages.filter(({ headers }) => headers.kind === 'receipt');
	const keyOf = ({ headers: { receipt } }: SpaceMessage) =>
		`${receipt?.type ?? 'unknown'} ${receipt?.content ?? ''}`;
	return amountsBy(receipts, keyOf).map(([key, amount]) => {
		const [type, content] = key.split(' ') as [ReceiptType, ReceiptContent | ''];
		return { type, ...(content === '' ? {} : { content }), ...amount };
	});
}

function agesOf(messages: readonly SpaceMessage[], now: Date): AgeAmount[] {
	// In fractions of days: a bound is what a clean-up of that age would take.
	const daysOf = ({ receivedAt }: SpaceMessage) =>
		(now.getTime() - Date.parse(receivedAt)) / DAY_MS;
	const undated = messages.filter((message) => Number.isNaN(daysOf(message)));
	const future = messages.filter((message) => daysOf(message) < 0);
	const past = messages.filter((message) => daysOf(message) >= 0);
	return [
		...amountsBetween(past, daysOf, AGE_DAYS).map(({ from, to, ...amount }) =>
			presentFields<AgeAmount>({ age: 'days', fromDays: from, toDays: to, ...amount }),
		),
		...(future.length === 0 ? [] : [{ age: 'future' as const, ...amountOf(future) }]),
		...(undated.length === 0 ? [] : [{ age: 'undated' as const, ...amountOf(undated) }]),
	];
}

function correspondentsOf(messages: readonly SpaceMessage[]): SpaceReport['correspondents'] {
	const attributed = messages.filter(({ correspondent }) => correspondent !== undefined);
	const all = amountsBy(attributed, ({ correspondent = '' }) => correspondent);
	const rest = all.slice(TOP_CORRESPONDENTS);
	return {
		top: all.slice(0, TOP_CORRESPONDENTS).map(([address, amount]) => ({ address, ...amount })),
		others: {
			addresses: rest.length,
			messages: rest.reduce((sum, [, amount]) => sum + amount.messages, 0),
			size: rest.reduce((sum, [, amount]) => sum + amount.size, 0),
		},
		unattributed: amountOf(messages.filter(({ correspondent }) => correspondent === undefined)),
	};
}

function duplicatesOf(messages: readonly SpaceMessage[]): Duplicates {
	const byKey = new Map<string, SpaceMessage[]>();
	for (const message of messages) {
		const same = byKey.get(message.pecKey);
		if (same) same.push(message);
		else byKey.set(message.pecKey, [message]);
	}
	const groups = [...byKey.values()].filter(({ length }) => length > 1);
	const wasted = (group: readonly SpaceMessage[]) => amountOf(group.slice(1)).size;
	const largest = groups.toSorted((one, other) => wasted(other) - wasted(one));
	return {
		groups: groups.length,
		extra: amountOf(groups.flatMap((group) => group.slice(1))),
		largest: largest.slice(0, LARGEST_DUPLICATES).map((group) => ({
			pecKey: group[0]?.pecKey ?? '',
			size: group[0]?.size ?? 0,
			places: group.map(({ folder, uid }) => ({ folder, uid })),
		})),
	};
}

// Not Math.min(...): as many arguments as a mailbox has messages do not fit the stack.
function minimum(values: readonly number[]): number | undefined {
	return values.length === 0
		? undefined
		: values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
}

function maximum(values: readonly number[]): number | undefined {
	return values.length === 0
		? undefined
		: values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
}

function isoOf(time: number | undefined): string | undefined {
	return time === undefined ? undefined : new Date(time).toISOString();
}
