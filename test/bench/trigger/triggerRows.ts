import { lesserRowOf, limitRowOf } from '../rows.ts';
import type { Resources, Row } from '../rows.ts';
import type { MemoryFigures } from '../mailbox/memory.ts';
import { summaryOf } from '../statistics.ts';
import type { BacklogFigures } from './backlog.ts';
import type { PushFigures } from './push.ts';

export const PEER = "n8n's Email Trigger (IMAP)";

/** What a backlog's memory is compared with. */
export const SMALL_BACKLOG = 100;

const PUSH_LIMIT_MS = 100;
const GROWTH_LIMIT_MB = 100;

export function pushRows({ delays }: Pick<PushFigures, 'delays'>): Row[] {
	const work = 'push to execution start';
	const measure = 'milliseconds';
	return [
		limitRowOf(
			{ work, against: `${PUSH_LIMIT_MS} ms`, bar: 1 },
			{ measure, limit: PUSH_LIMIT_MS, ours: delays.ours.flat() },
		),
		lesserRowOf({ work, against: PEER, bar: 1 }, { measure, ...delays }),
	];
}

function backlogOf(size: number): string {
	return `backlog of ${size.toLocaleString('en')}`;
}

/** The peer's speed is there to be known: it starts one run for 20 messages. */
export function backlogRows(
	size: number,
	{ ours, theirs }: Readonly<Record<'ours' | 'theirs', BacklogFigures>>,
): Row[] {
	const backlog = backlogOf(size);
	const speed = ({ perSecond, usage }: BacklogFigures) => ({
		perSecond: summaryOf([perSecond]),
		...resourcesOf(size, usage),
	});
	return [
		{
			work: `${backlog}, messages to the end of the last run`,
			against: `${PEER}, 20 messages a run`,
			ratio: ours.perSecond / theirs.perSecond,
			bar: 0,
			holds: true,
			ours: speed(ours),
			theirs: speed(theirs),
		},
		lesserRowOf(
			{ work: `${backlog}, activation to the first run`, against: PEER, bar: 0 },
			{ measure: 'milliseconds', ours: [[ours.firstRunMs]], theirs: [[theirs.firstRunMs]] },
		),
	];
}

/** PEC Trigger's own process, in which there is no n8n. */
export function aloneRow(
	size: number,
	heapMegabytes: number,
	{ growth, ...resources }: MemoryFigures,
): Row {
	return limitRowOf(
		{
			work: `memory growth, ${backlogOf(size)} against ${SMALL_BACKLOG}, without n8n, heap capped at ${heapMegabytes} MB`,
			...{ against: `${GROWTH_LIMIT_MB} MB`, bar: 1 },
		},
		{ measure: 'megabytes', limit: GROWTH_LIMIT_MB, ours: [growth] },
		resources,
	);
}

/** What n8n was for a small backlog, and what it became for the large one. */
export interface Grown {
	readonly small: BacklogFigures;
	readonly large: BacklogFigures;
}

/**
 * What n8n's process grew by, with PEC Trigger and with a trigger that only starts the same runs: what it grew by more is
 * PEC Trigger's. No rows where memory cannot be seen.
 */
export function growthRows(
	size: number,
	heapMegabytes: number,
	{ ours, emitted }: Readonly<Record<'ours' | 'emitted', Grown>>,
): Row[] {
	const [grown, needed] = [growthOf(ours), growthOf(emitted)];
	if (grown === undefined || needed === undefined) return [];
	const measure = 'megabytes';
	const work = `memory growth of n8n, ${backlogOf(size)} against ${SMALL_BACKLOG}, heap capped at ${heapMegabytes} MB`;
	return [
		limitRowOf(
			{ work, against: `${GROWTH_LIMIT_MB} MB`, bar: 1 },
			{ measure, limit: GROWTH_LIMIT_MB, ours: [grown] },
			resourcesOf(size, ours.large.usage),
		),
		lesserRowOf(
			{ work, against: 'a trigger that only starts the same runs', bar: 0 },
			{ measure, ours: [[grown]], theirs: [[needed]] },
		),
	];
}

function growthOf({ small, large }: Grown): number | undefined {
	if (!small.usage || !large.usage) return undefined;
	// Less than one would make no ratio.
	return Math.max(1, large.usage.peakMegabytes - small.usage.peakMegabytes);
}

function resourcesOf(messages: number, usage: BacklogFigures['usage']): Resources {
	if (!usage) return {};
	const { cpuMilliseconds, peakMegabytes } = usage;
	return { cpuMilliseconds: cpuMilliseconds / messages, peakMegabytes };
}
