import type { Measurement } from './contest.ts';
import { ratioOf, summaryOf } from './statistics.ts';
import type { Summary } from './statistics.ts';

/** What is compared with what, and how much better ours has to be. */
export interface Comparison {
	readonly work: string;
	readonly against: string;
	readonly bar: number;
	/** Contestants by name. */
	readonly ours: string;
	readonly theirs: string;
	/** The least anybody could do with the same bytes; nothing is asked of it. */
	readonly floor?: string;
}

/** Of `perSecond` (units a second) the more is the better, of the others the less. */
export type Measure = 'perSecond' | 'milliseconds' | 'megabytes';

export interface Resources {
	/** Per unit, median. Absent where the work was done by processes that cannot be looked at. */
	readonly cpuMilliseconds?: number;
	/** Absent likewise. */
	readonly peakMegabytes?: number;
}

/** What was measured of one contestant, by one measure. */
export type Figures = Resources &
	(
		| { readonly perSecond: Summary }
		| { readonly milliseconds: Summary }
		| { readonly megabytes: Summary }
	);

/** One line of the JSON file. */
export interface Row {
	readonly work: string;
	readonly against: string;
	/** How many times as good as theirs ours is. */
	readonly ratio: number;
	/** 0: nothing is asked, the figures are there to be known. */
	readonly bar: number;
	readonly holds: boolean;
	readonly ours: Figures;
	readonly theirs: Figures;
	readonly floor?: Figures;
}

export type Rounds = ReadonlyMap<string, readonly Measurement[]>;

function roundsOf(rounds: Rounds, name: string): readonly Measurement[] {
	return rounds.get(name) ?? [];
}

function figuresOf(measurements: readonly Measurement[], inChildren: boolean): Figures {
	const perSecond = summaryOf(measurements.map((each) => each.perSecond));
	if (inChildren) return { perSecond };
	return {
		perSecond,
		cpuMilliseconds: summaryOf(measurements.map((each) => each.cpuMilliseconds)).median,
		peakMegabytes: Math.max(...measurements.map((each) => each.peakMegabytes)),
	};
}

type Asked = Pick<Row, 'work' | 'against' | 'bar'>;

function judged(
	{ work, against, bar }: Asked,
	ratio: number,
): Asked & Pick<Row, 'ratio' | 'holds'> {
	return { work, against, ratio, bar, holds: ratio >= bar };
}

/** @param inChildren contestants that start a process for each unit */
export function rowOf(
	comparison: Comparison,
	rounds: Rounds,
	inChildren: ReadonlySet<string> = new Set(),
): Row {
	const { ours, theirs, floor } = comparison;
	const speeds = (name: string) => roundsOf(rounds, name).map(({ perSecond }) => perSecond);
	const figures = (name: string) => figuresOf(roundsOf(rounds, name), inChildren.has(name));
	return {
		...judged(comparison, ratioOf(speeds(ours), speeds(theirs))),
		ours: figures(ours),
		theirs: figures(theirs),
		...(floor === undefined ? {} : { floor: figures(floor) }),
	};
}

/** A measure of which less is better: each contestant's single measurements, round by round. */
export interface Lesser {
	readonly measure: Exclude<Measure, 'perSecond'>;
	readonly ours: readonly (readonly number[])[];
	readonly theirs: readonly (readonly number[])[];
}

/** The ratio is the median of the rounds' own, each of the medians of its two. */
export function lesserRowOf(asked: Asked, { measure, ours, theirs }: Lesser): Row {
	return {
		...judged(asked, ratioOf(theirs.map(medianOf), ours.map(medianOf))),
		ours: lesserFigures(measure, ours.flat()),
		theirs: lesserFigures(measure, theirs.flat()),
	};
}

/**
 * Ours against a number that nobody measured. What is less than one counts as one, so that there is a ratio.
 * @param ours single measurements
 */
export function limitRowOf(
	asked: Asked,
	{ measure, limit, ours }: Pick<Lesser, 'measure'> & { limit: number; ours: readonly number[] },
	resources: Resources = {},
): Row {
	return {
		...judged(asked, limit / Math.max(1, medianOf(ours))),
		ours: { ...lesserFigures(measure, ours), ...resources },
		theirs: lesserFigures(measure, [limit]),
	};
}

function medianOf(values: readonly number[]): number {
	return summaryOf(values).median;
}

function lesserFigures(measure: Lesser['measure'], values: readonly number[]): Figures {
	const summary = summaryOf(values);
	return measure === 'milliseconds' ? { milliseconds: summary } : { megabytes: summary };
}
