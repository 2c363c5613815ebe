import type { Sandbox } from '../../sandbox/index.ts';
import type { Kill } from '../editorHost.ts';
import type { EditorParts } from '../prepareEditor.ts';
import { Random } from '../random.ts';
import { judge, type RoundSeen, type Taken, type Verdict } from './judge.ts';
import type { CrashPoint } from './point.ts';
import { EMPTIED, playEmptied, playRound, type RoundPlan } from './round.ts';
import { mailingRows, readMarker } from './rows.ts';
import { emptyMailbox, openStage, type CrashStage } from './stage.ts';

/** So many mailings leave their records to each other: a run finds what others left, and does not read for minutes. */
const ROUNDS_OF_ACCOUNT = 8;

export interface Crashing {
	readonly parts: EditorParts;
	readonly rounds: number;
	/** Rows of each mailing. */
	readonly batch: number;
	readonly seed: number;
	readonly points: readonly CrashPoint[];
	readonly tell: (line: string) => void;
}

export interface CrashResult {
	readonly rounds: readonly RoundSeen[];
	/** The last mailing, after which the mailbox was emptied. */
	readonly emptied: RoundSeen;
	readonly verdict: Verdict;
	/** How often each point struck. */
	readonly strikes: Readonly<Record<string, number>>;
	readonly kills: readonly Kill[];
	readonly seconds: number;
	readonly seed: number;
	readonly batch: number;
	readonly editorLog: string;
}

function takenBy(sandbox: Sandbox): Taken[] {
	return sandbox.log
		.submissions()
		.flatMap(({ recipients, subject, at }) =>
			recipients.map((recipient) => ({ ...readMarker(subject), recipient, at })),
		);
}

/** Which point strikes in which round: each as often as the others, in an order that the seed decides. */
export function pointsOfRounds<T>(points: readonly T[], rounds: number, random: Random): T[] {
	const turns = Math.ceil(rounds / points.length);
	return Array.from({ length: turns }, () => random.shuffled(points))
		.flat()
		.slice(0, rounds);
}

/** A round that could not be played is one whose mailing never ended: the others are played all the same. */
async function playOrTell(
	stage: CrashStage,
	point: CrashPoint,
	plan: RoundPlan,
): Promise<RoundSeen> {
	const begun = Date.now();
	try {
		return await playRound(stage, point, plan);
	} catch (error) {
		for (const { host } of stage.desks()) await host.restart();
		const { mailing, rows } = plan;
		const seconds = Math.round((Date.now() - begun) / 1_000);
		const outcome = { shown: [], complete: false, struck: false, runs: 0, problem: String(error) };
		return { point: point.name, mailing, rows, seconds, ...outcome };
	}
}

function lineOf({ point, rows, runs, seconds, struck, complete, problem }: RoundSeen): string {
	const notes = [
		`${rows.length} rows`,
		`${runs} runs`,
		`${seconds} s`,
		...(struck ? [] : ['did not strike']),
		...(complete ? [] : [`NOT COMPLETE: ${problem}`]),
	];
	return `${point}: ${notes.join(', ')}`;
}

/** Everything that was started ends with it. */
export async function crash(input: Crashing): Promise<CrashResult> {
	const { parts, batch, seed, points, tell } = input;
	const random = new Random(seed);
	const begun = Date.now();
	const stage = await openStage(parts);
	const { sandbox } = stage;
	try {
		const rounds: RoundSeen[] = [];
		let { sender } = stage;
		for (const point of pointsOfRounds(points, input.rounds, random)) {
			const isNew = point.newAccount || rounds.length % ROUNDS_OF_ACCOUNT === 0;
			if (isNew && rounds.length > 0) sender = stage.newSender();
			const mailing = `crash ${rounds.length + 1} ${point.name}`;
			const rows = mailingRows(batch, random);
			const seen = await playOrTell(stage, point, { mailing, rows, sender, random });
			rounds.push(seen);
			tell(`${rounds.length}/${input.rounds} ${lineOf(seen)}`);
			for (const { address } of sandbox.store.accounts()) {
				emptyMailbox(sandbox, address, { folders: false });
			}
		}
		const mailing = `crash ${EMPTIED}`;
		const rows = mailingRows(batch, random);
		const emptied = await playEmptied(stage, { mailing, rows, sender, random });
		tell(lineOf(emptied));
		const strikes = points.map(({ name }) => {
			const times = rounds.filter(({ point, struck }) => point === name && struck).length;
			return [name, times] as const;
		});
		return {
			rounds,
			emptied,
			verdict: judge([...rounds, emptied], takenBy(sandbox)),
			strikes: Object.fromEntries(strikes),
			kills: stage.desks().flatMap(({ host }) => host.kills),
			seconds: Math.round((Date.now() - begun) / 1_000),
			seed,
			batch,
			editorLog: stage
				.desks()
				.map(({ host }) => host.log())
				.join('\n'),
		};
	} finally {
		await stage.stop();
	}
}
