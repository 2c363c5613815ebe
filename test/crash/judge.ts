import type { MailingRow } from './rows.ts';

/** A message that the provider took over, for one recipient: by its log, whether or not its 250 arrived anywhere. */
export interface Taken {
	/** By the marker in the message; absent in one that has none. */
	readonly mailing?: string;
	readonly rowKey?: string;
	readonly recipient: string;
	/** ISO 8601, by the provider's clock. */
	readonly at: string;
}

/** What the node last put out about a row. */
export interface Shown {
	readonly recipient?: unknown;
	readonly rowKey?: unknown;
	readonly state?: unknown;
	readonly action?: unknown;
}

/** What was seen of one mailing from outside of n8n and of the nodes. */
export interface RoundSeen {
	readonly point: string;
	readonly mailing: string;
	readonly rows: readonly MailingRow[];
	/** The last output, of the run after which nothing was left to send, or of the last one that there was patience for. */
	readonly shown: readonly Shown[];
	/** Whether that run said that nothing is left to send. */
	readonly complete: boolean;
	/** Whether what was to go wrong went wrong. */
	readonly struck: boolean;
	/** How often the mailing was run. */
	readonly runs: number;
	readonly seconds: number;
	/** Why the last run failed, where it did. */
	readonly problem?: string;
}

export interface RowFound extends MailingRow {
	readonly mailing: string;
	readonly point: string;
	/** When the provider took it, each time. */
	readonly takenAt: readonly string[];
	readonly shown: string;
}

export interface Verdict {
	/** Rows that the provider took more than once. */
	readonly doubled: readonly RowFound[];
	/** Submissions beyond the first of each row. */
	readonly duplicates: number;
	/** Neither taken, nor shown as something that a person has to look at. */
	readonly lost: readonly RowFound[];
	/** Shown as unclear: a person decides. */
	readonly inDoubt: readonly RowFound[];
	/** Taken, and missing in the last output. */
	readonly untold: readonly RowFound[];
	/** Taken, and no row of any mailing. */
	readonly strange: readonly Taken[];
	/** Mailings that never came to an end. */
	readonly unfinished: readonly string[];
}

/** What a person sees, who then knows that this row did not go out, or perhaps not. */
const TOLD: ReadonlySet<unknown> = new Set(['inDoubt', 'rejected', 'skipped']);

const keyOf = (...parts: readonly unknown[]): string =>
	JSON.stringify(parts.map((part) => String(part).toLowerCase()));

function groupedBy<T>(list: readonly T[], keyOfOne: (one: T) => string): Map<string, T[]> {
	const groups = new Map<string, T[]>();
	for (const one of list) {
		const key = keyOfOne(one);
		const group = groups.get(key);
		if (group === undefined) groups.set(key, [one]);
		else group.push(one);
	}
	return groups;
}

type OfRound = Omit<Verdict, 'duplicates' | 'strange' | 'unfinished'>;

function judgeRound(round: RoundSeen, taken: ReadonlyMap<string, readonly Taken[]>): OfRound {
	const { mailing, point, rows, shown } = round;
	const outputs = groupedBy(shown, (one) => keyOf(one.recipient, one.rowKey));
	const found = rows.map((row) => {
		const output = outputs.get(keyOf(row.recipient, row.rowKey))?.at(-1);
		const submissions = taken.get(keyOf(mailing, row.recipient, row.rowKey)) ?? [];
		const told = output === undefined ? 'nothing' : `${output.action}, ${output.state}`;
		const takenAt = submissions.map(({ at }) => at);
		return { row: { ...row, mailing, point, takenAt, shown: told }, output };
	});
	const rowsOf = (fits: (one: (typeof found)[number]) => boolean) =>
		found.filter(fits).map(({ row }) => row);
	return {
		doubled: rowsOf(({ row }) => row.takenAt.length > 1),
		lost: rowsOf(
			({ row, output }) =>
				row.takenAt.length === 0 && !TOLD.has(output?.state) && !TOLD.has(output?.action),
		),
		inDoubt: rowsOf(({ output }) => output?.state === 'inDoubt'),
		untold: rowsOf(({ row, output }) => row.takenAt.length > 0 && output === undefined),
	};
}

/** Pure: what became of every row of every mailing. @param taken by the provider, from the first round to the last */
export function judge(rounds: readonly RoundSeen[], taken: readonly Taken[]): Verdict {
	const keyOfTaken = (one: Taken) => keyOf(one.mailing, one.recipient, one.rowKey);
	const byRow = groupedBy(taken, keyOfTaken);
	const verdicts = rounds.map((round) => judgeRound(round, byRow));
	const planned = new Set(
		rounds.flatMap(({ mailing, rows }) =>
			rows.map(({ recipient, rowKey }) => keyOf(mailing, recipient, rowKey)),
		),
	);
	const doubled = verdicts.flatMap((verdict) => verdict.doubled);
	return {
		doubled,
		duplicates: doubled.reduce((sum, { takenAt }) => sum + takenAt.length - 1, 0),
		lost: verdicts.flatMap(({ lost }) => lost),
		inDoubt: verdicts.flatMap(({ inDoubt }) => inDoubt),
		untold: verdicts.flatMap(({ untold }) => untold),
		strange: taken.filter((one) => !planned.has(keyOfTaken(one))),
		unfinished: rounds.filter(({ complete }) => !complete).map(({ mailing }) => mailing),
	};
}

/** Why this is no proof; nothing when it is one. */
export function objections(verdict: Verdict, strikes: Readonly<Record<string, number>>): string[] {
	const { duplicates, lost, untold, strange, unfinished } = verdict;
	const silent = Object.entries(strikes)
		.filter(([, times]) => times === 0)
		.map(([point]) => point);
	return [
		...(duplicates > 0 ? [`${duplicates} messages were sent again`] : []),
		...(lost.length > 0 ? [`${lost.length} rows were neither sent nor shown`] : []),
		...(untold.length > 0 ? [`${untold.length} rows were sent and are missing in the output`] : []),
		...(strange.length > 0 ? [`${strange.length} messages are of no row`] : []),
		...(unfinished.length > 0 ? [`these mailings never ended: ${unfinished.join(', ')}`] : []),
		...(silent.length > 0 ? [`these points never struck: ${silent.join(', ')}`] : []),
	];
}
