import { lesserRowOf, limitRowOf, type Figures, type Measure, type Row } from '../rows.ts';
import { ratioOf, summaryOf } from '../statistics.ts';
import { PEER } from '../trigger/triggerRows.ts';
import type { CarryingFigures } from './carrying.ts';
import type { QueuedFigures } from './queued.ts';
import type { ByContender, WaitingFigures } from './waiting.ts';

/** An n8n with so many triggers costs at most 1.1 times one with theirs. */
const BAR = { ratio: 0.91, triggers: 50 };
/** Milliseconds of one processor in a minute. */
const MINUTE_MS = 60_000;
const THOUSAND = 1_000;
const LEAST = 0.1;

/** @param all the first is of n8n without a trigger, the last of most triggers */
export function waitingRows(all: readonly ByContender<WaitingFigures>[]): Row[] {
	const [without, ...some] = all;
	const most = some.at(-1);
	if (!without || !most) return [];
	const rows = some.flatMap(({ ours, theirs }) => {
		const work = `${countOf(ours.triggers)} (connections ${ours.connections} : ${theirs.connections})`;
		const bar = ours.triggers === BAR.triggers ? BAR.ratio : 0;
		return [
			lesser(`${work}, processor a minute`, 'milliseconds', [ours.cpu, theirs.cpu], bar),
			lesser(`${work}, memory of n8n`, 'megabytes', [ours.resident, theirs.resident], bar),
		];
	});
	const added = (figure: 'cpu' | 'live') =>
		[
			lessFirst(without.ours[figure], most.ours[figure]),
			lessFirst(without.theirs[figure], most.theirs[figure]),
		] as const;
	const { triggers } = most.ours;
	const [cpu, memory] = [added('cpu'), added('live')];
	const what = `what ${countOf(triggers)} add to n8n`;
	const thousand = `calculated: what ${countOf(THOUSAND)} add`;
	const times = THOUSAND / triggers;
	return [
		...rows,
		lesser(`${what}, processor a minute`, 'milliseconds', cpu),
		lesser(`${what}, memory`, 'megabytes', memory),
		limitRowOf(
			{ work: `${thousand}, processor a minute`, against: 'one core', bar: 0 },
			{ measure: 'milliseconds', limit: MINUTE_MS, ours: cpu[0].map((value) => value * times) },
		),
		lesser(`${thousand}, memory`, 'megabytes', [
			memory[0].map((value) => value * times),
			memory[1].map((value) => value * times),
		]),
	];
}

const countOf = (triggers: number) =>
	`${triggers.toLocaleString('en')} waiting trigger${triggers === 1 ? '' : 's'}`;

/** Each minute's, less what n8n costs without. Never nothing, so that there is a ratio. */
function lessFirst(without: readonly number[], withThem: readonly number[]): number[] {
	const { median } = summaryOf(without);
	return withThem.map((value) => Math.max(LEAST, value - median));
}

function lesser(
	work: string,
	measure: Exclude<Measure, 'perSecond'>,
	[ours, theirs]: readonly [readonly number[], readonly number[]],
	bar = 0,
	against = PEER,
): Row {
	const rounds = (values: readonly number[]) => values.map((value) => [Math.max(LEAST, value)]);
	return lesserRowOf(
		{ work, against, bar },
		{ measure, ours: rounds(ours), theirs: rounds(theirs) },
	);
}

/** @param mailboxes that the messages came to @param regular of one n8n that does everything, as often as in queue mode */
export function carryingRows(
	mailboxes: number,
	{ oneWorker, twoWorkers }: QueuedFigures,
	regular: readonly CarryingFigures[],
): Row[] {
	const carried = `messages of ${mailboxes} mailboxes to the ends of their runs`;
	const rows = [
		faster(`queue mode, 2 workers: ${carried}`, 'queue mode, 1 worker', [twoWorkers, oneWorker]),
		faster(`queue mode, 2 workers: ${carried}`, 'regular mode', [twoWorkers, regular]),
	];
	const all = [...oneWorker, ...twoWorkers];
	const mains = known(all.map(({ mainMs }) => mainMs));
	const workers = known(all.map(({ workersMs }) => workersMs));
	if (mains.length === 0 || workers.length === 0) return rows;
	const peaks = known(all.map(({ mainPeakMegabytes }) => mainPeakMegabytes));
	const workerPeaks = known(all.map(({ workerPeakMegabytes }) => workerPeakMegabytes));
	const perSecond = (values: readonly number[]) => values.map((ms) => 1_000 / ms);
	const [ofMain, ofWorker] = [perSecond(mains), perSecond(workers)];
	return [
		...rows,
		lesser(
			'queue mode: processor for a message, main',
			'milliseconds',
			[mains, workers],
			0,
			WORKERS,
		),
		lesser('queue mode: memory, main', 'megabytes', [peaks, workerPeaks], 0, 'a worker'),
		{
			work: 'calculated: messages that take a main one core',
			against: 'a worker likewise',
			ratio: ratioOf(ofMain, ofWorker),
			bar: 0,
			holds: true,
			ours: { perSecond: summaryOf(ofMain) },
			theirs: { perSecond: summaryOf(ofWorker) },
		},
	];
}

const WORKERS = 'its workers';

function faster(
	work: string,
	against: string,
	[ours, theirs]: readonly [readonly CarryingFigures[], readonly CarryingFigures[]],
): Row {
	const speeds = (all: readonly CarryingFigures[]) => all.map(({ perSecond }) => perSecond);
	return {
		work,
		against,
		ratio: ratioOf(speeds(ours), speeds(theirs)),
		bar: 0,
		holds: true,
		ours: speedOf(ours),
		theirs: speedOf(theirs),
	};
}

/** All processes together. */
function speedOf(all: readonly CarryingFigures[]): Figures {
	const perSecond = summaryOf(all.map((one) => one.perSecond));
	const cpu = known(all.map(({ mainMs, workersMs = 0 }) => mainMs && mainMs + workersMs));
	return cpu.length === 0 ? { perSecond } : { perSecond, cpuMilliseconds: summaryOf(cpu).median };
}

function known(values: readonly (number | undefined)[]): number[] {
	return values.filter((value) => value !== undefined);
}
