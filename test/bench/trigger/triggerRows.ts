import { lesserRowOf, limitRowOf } from '../rows.ts';
import type { Resources, Row } from '../rows.ts';
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

/** Memory has no row where it cannot be seen. The peer's speed is there to be known: it starts one run for 20 messages. */
export function backlogRows(
	size: number,
	{ small, ours, theirs }: Readonly<Record<'small' | 'ours' | 'theirs', BacklogFigures>>,
): Row[] {
	const backlog = `backlog of ${size.toLocaleString('en')}`;
	const speed = ({ perSecond, usage }: BacklogFigures) => ({
		perSecond: summaryOf([perSecond]),
		...resourcesOf(size, usage),
	});
	const rows: Row[] = [
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
	if (!small.usage || !ours.usage) return rows;
	const growth = ours.usage.peakMegabytes - small.usage.peakMegabytes;
	const memory = limitRowOf(
		{
			work: `memory growth, ${backlog} against ${SMALL_BACKLOG}`,
			against: `${GROWTH_LIMIT_MB} MB`,
			bar: 1,
		},
		{ measure: 'megabytes', limit: GROWTH_LIMIT_MB, ours: [growth] },
		resourcesOf(size, ours.usage),
	);
	return [memory, ...rows];
}

function resourcesOf(messages: number, usage: BacklogFigures['usage']): Resources {
	if (!usage) return {};
	const { cpuMilliseconds, peakMegabytes } = usage;
	return { cpuMilliseconds: cpuMilliseconds / messages, peakMegabytes };
}
