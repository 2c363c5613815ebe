import { Random } from '../random.ts';
import type { Fault, Stored } from './server.ts';

/** One clean-up, with a process of its own. */
export class Run {
	readonly scannedAt = new Map<string, number>();
	readonly beganAt: number;
	/** It had its last look at a folder, and deletes next. */
	isAboutToRemove = false;
	isOver = false;
	isKilled = false;

	constructor(world: World) {
		this.beganAt = world.step;
	}
}

interface Waiting {
	readonly run: Run;
	readonly go: () => void;
}

const MOST_STEPS = 20_000;

/** Runs, a mailbox and people do one thing after the other, in an order that a seed decides. */
export class World {
	readonly random: Random;
	/** A planted mistake that is none of the source. */
	readonly bug: string | undefined;
	readonly struck: Partial<Record<Fault, number>> = {};
	readonly history: string[] = [];
	onRemoved: (run: Run, path: string, messages: readonly Stored[]) => void = () => undefined;
	step = 0;
	/** What was done, one after the other. */
	turns = 0;
	isFair = false;
	#waiting: Waiting[] = [];
	#mostFaults = 6;

	constructor(seed: number, bug: string | undefined) {
		this.random = new Random(seed);
		this.bug = bug;
		this.#mostFaults = this.random.between(0, 6);
	}

	get date(): Date {
		return new Date(Date.UTC(2026, 0, 1) + this.step * 1_000);
	}

	chance(oneIn: number): boolean {
		return this.random.between(1, oneIn) === 1;
	}

	/** Whether a fault strikes here; so many in one world at most, or nothing would ever be done. */
	strikes(fault: Fault): boolean {
		if (this.isFair || this.#mostFaults === 0 || !this.chance(RARITY[fault] ?? 40)) return false;
		this.#mostFaults -= 1;
		this.struck[fault] = (this.struck[fault] ?? 0) + 1;
		this.history.push(`${this.step} fault ${fault}`);
		return true;
	}

	/** Until it is this run's turn. Never, if it is killed meanwhile. */
	async turn(run: Run, what: string): Promise<void> {
		await new Promise<void>((go) => this.#waiting.push({ run, go }));
		this.history.push(`${this.step} run since ${run.beganAt}: ${what}`);
	}

	/** @param meanwhile what people and the provider do */
	async goOn(runs: readonly Run[], meanwhile: () => void): Promise<void> {
		await flushed();
		const last = this.step + MOST_STEPS;
		while (runs.some(({ isOver }) => !isOver)) {
			this.step += 1;
			if (this.step > last) throw new Error('the runs do not end');
			if (!this.isFair && this.chance(10)) meanwhile();
			const ready = this.#waiting.filter(({ run }) => !run.isOver);
			if (ready.length === 0) throw new Error('nobody goes on');
			const next = this.random.pick(ready);
			this.#waiting = this.#waiting.filter((other) => other !== next);
			this.turns += 1;
			next.go();
			await flushed();
			if (!next.run.isOver && this.strikes('killed')) {
				next.run.isOver = true;
				next.run.isKilled = true;
			}
		}
	}
}

/** One in so many. */
const RARITY: Partial<Record<Fault, number>> = {
	lostBefore: 200,
	lostAfter: 200,
	killed: 150,
	removeDoesNothing: 5,
	removeLies: 5,
	appendDoesNothing: 30,
	uidValidity: 4,
	uidsReused: 4,
	overQuota: 6,
	otherBytes: 15,
	truncatedBytes: 15,
	errorPage: 15,
	storeLost: 40,
};

async function flushed(): Promise<void> {
	await new Promise<void>((resolve) => setImmediate(resolve));
}
