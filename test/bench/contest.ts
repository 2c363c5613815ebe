import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { PARENT_WATCH_ARGUMENTS } from '../../scripts/childGroup.ts';

/** Somebody who can do the work. */
export interface Contestant {
	/** How much one run does: messages. */
	readonly units: number;
	/** Does it once. Throws, or rejects, when an answer is wrong. */
	run(): void | Promise<void>;
	/** Removes what a run left behind. Not measured. */
	tidy?(): void | Promise<void>;
}

/** What a contest asks a contestant's process. */
export type Request =
	| {
			readonly ask: 'prepare';
			readonly module: string;
			readonly name: string;
			readonly settings: unknown;
	  }
	| { readonly ask: 'measure'; readonly milliseconds: number };

export type Answer =
	| { readonly done: 'prepare' }
	| ({ readonly done: 'measure' } & Measurement)
	| { readonly done: 'failed'; readonly reason: string };

export interface Measurement {
	readonly perSecond: number;
	/** Of this process, per unit. */
	readonly cpuMilliseconds: number;
	/** Of this process since it was started: Node and the messages, which it holds in memory, with it. */
	readonly peakMegabytes: number;
}

export interface Contest {
	/** URL of the module that has `contestants`, by name. */
	readonly module: string;
	readonly contestants: readonly string[];
	/** For those who prepare. */
	readonly settings: unknown;
	readonly pace: Pace;
}

/** How long it is measured. */
export interface Pace {
	readonly rounds: number;
	/** Of one contestant in one round. */
	readonly milliseconds: number;
	/** Of one contestant before the first round. */
	readonly warmUp: number;
}

/** An answer was wrong, or a contestant ended: no figure of it means anything. */
export class WrongAnswer extends Error {
	override name = 'WrongAnswer';
}

/** A process of one contestant. */
export class ContestantProcess {
	readonly name: string;
	readonly #child: ChildProcess;

	/** @param execArgv of Node, for this process alone */
	constructor(name: string, execArgv: readonly string[] = []) {
		this.name = name;
		this.#child = fork(fileURLToPath(new URL('contestant.ts', import.meta.url)), {
			execArgv: [...PARENT_WATCH_ARGUMENTS, ...execArgv],
			env: { ...process.env, N8N_NODES_PEC_PARENT: 'channel' },
		});
	}

	/** Anew, when it did something before. */
	async prepare(module: string, settings: unknown): Promise<void> {
		await this.#ask({ ask: 'prepare', module, name: this.name, settings });
	}

	async measure(milliseconds: number): Promise<Measurement> {
		const answer = await this.#ask({ ask: 'measure', milliseconds });
		if (answer.done !== 'measure') throw new WrongAnswer(`${this.name}: nothing was measured`);
		return answer;
	}

	end(): void {
		this.#child.kill();
	}

	async #ask(request: Request): Promise<Answer> {
		const ended = new AbortController();
		const onExit = () => ended.abort();
		this.#child.once('exit', onExit);
		try {
			const answered = once(this.#child, 'message', { signal: ended.signal });
			this.#child.send(request);
			const [answer] = (await answered.catch(() => {
				throw new WrongAnswer(`${this.name} ended by itself`);
			})) as [Answer];
			if (answer.done === 'failed') throw new WrongAnswer(`${this.name}: ${answer.reason}`);
			return answer;
		} finally {
			this.#child.off('exit', onExit);
		}
	}
}

/**
 * Lets contestants do the same work in turns, each in a process of its own, only one at a time: what slows the machine
 * down for a while meets all of them. Warm-up excluded.
 * @returns each contestant's rounds in order, by name
 */
export async function compete(contest: Contest): Promise<ReadonlyMap<string, Measurement[]>> {
	const { module, settings, pace } = contest;
	const processes = contest.contestants.map((name) => new ContestantProcess(name));
	try {
		for (const each of processes) {
			await each.prepare(module, settings);
			await each.measure(pace.warmUp);
		}
		const rounds = new Map(processes.map(({ name }) => [name, [] as Measurement[]]));
		for (let round = 0; round < pace.rounds; round += 1) {
			// To and fro, so that nobody always comes behind the same one.
			const inTurn = round % 2 === 0 ? processes : processes.toReversed();
			for (const each of inTurn) {
				rounds.get(each.name)?.push(await each.measure(pace.milliseconds));
			}
		}
		return rounds;
	} finally {
		for (const each of processes) each.end();
	}
}
