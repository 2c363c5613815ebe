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

export interface Figures {
	/** Units a second. */
	readonly perSecond: Summary;
	/** Per unit, median. Absent where the work was done by processes that cannot be looked at. */
	readonly cpuMilliseconds?: number;
	/** Absent likewise. */
	readonly peakMegabytes?: number;
}

/** One line of the JSON file. */
export interface Row {
	readonly work: string;
	readonly against: string;
	readonly ratio: number;
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

/** @param inChildren contestants that start a process for each unit */
export function rowOf(
	comparison: Comparison,
	rounds: Rounds,
	inChildren: ReadonlySet<string> = new Set(),
): Row {
	const { work, against, bar, ours, theirs, floor } = comparison;
	const speeds = (name: string) => roundsOf(rounds, name).map(({ perSecond }) => perSecond);
	const figures = (name: string) => figuresOf(roundsOf(rounds, name), inChildren.has(name));
	const ratio = ratioOf(speeds(ours), speeds(theirs));
	return {
		work,
		against,
		ratio,
		bar,
		holds: ratio >= bar,
		ours: figures(ours),
		theirs: figures(theirs),
		...(floor === undefined ? {} : { floor: figures(floor) }),
	};
}
