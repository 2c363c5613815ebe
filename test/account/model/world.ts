import type { Clock } from '../../../nodes/account/clock.ts';
import { IN_LINE_MS } from '../../../nodes/account/lease.ts';
import { Random } from '../../random.ts';

/** Something that happens at a moment which the world chooses. */
interface Step {
	readonly run: Process | undefined;
	/** On the server, which goes on whatever becomes of the run. */
	readonly isServers: boolean;
	/** It is under way until then. */
	readonly notBefore?: number;
	readonly happen: () => void;
}

interface Timer {
	readonly run: Process;
	readonly dueAt: number;
	readonly ring: () => void;
}

/** What may go wrong, each now and then. */
export interface Weather {
	readonly crashes: boolean;
	readonly pauses: boolean;
	/** Requests and answers get lost, and connections with them. */
	readonly losses: boolean;
	/** A run that stands still does so with its clocks, as a virtual machine that is stopped and continued. */
	readonly clocksStandStill?: boolean;
}

const MINUTE = 60_000;
const PAUSES = [2_000, 30_000, 3 * MINUTE, 9 * MINUTE, 14 * MINUTE, 40 * MINUTE];
const MOST_STEPS = 40_000;

/** How much goes wrong in one world: what is done in the calm between shows more than one trouble after the other. */
const BUDGET = { crashes: 2, pauses: 2, delays: 1 };

export class StuckWorld extends Error {}

/**
 * Virtual time in which several runs, a mailbox and a provider do one step after the other, in an order that a seed decides. What
 * the runs do between two steps is the real code.
 */
export class World {
	readonly random: Random;
	readonly weather: Weather;
	/** Milliseconds of the epoch, by the server. */
	now = Date.UTC(2026, 1, 2, 9);
	readonly runs: Process[] = [];
	readonly #left = { ...BUDGET };
	#steps: Step[] = [];
	#timers: Timer[] = [];

	constructor(seed: number, weather: Weather) {
		this.random = new Random(seed);
		this.weather = weather;
	}

	chance(oneIn: number): boolean {
		return this.random.between(1, oneIn) === 1;
	}

	addStep(step: Step): void {
		this.#steps.push(step);
	}

	addTimer(timer: Timer): () => void {
		this.#timers.push(timer);
		return () => (this.#timers = this.#timers.filter((other) => other !== timer));
	}

	/** Until every run has ended. */
	async goOn(): Promise<void> {
		await flushed();
		for (let count = 0; this.runs.some(({ isOver }) => !isOver); count += 1) {
			if (count > MOST_STEPS) throw new StuckWorld('the runs do not end');
			const ready = this.#steps.filter(
				({ run, isServers, notBefore = 0 }) =>
					notBefore <= this.now && (isServers || run?.isAwake === true),
			);
			const step = ready.length > 0 && !this.chance(12) ? this.random.pick(ready) : undefined;
			if (step) {
				this.#steps = this.#steps.filter((other) => other !== step);
				step.happen();
			} else this.#pass(ready.length > 0);
			await flushed();
		}
	}

	/** What happened, for who looks into a seed. */
	readonly history: string[] = [];

	tell(run: Process, what: string): void {
		const time = new Date(this.now).toISOString().slice(11, 23);
		this.history.push(`${time} run ${this.runs.indexOf(run)}: ${what}`);
	}

	pass(ms: number): void {
		this.now += ms;
	}

	/** Now and then something happens to a run that does something. */
	strike(run: Process): void {
		const { crashes, pauses } = this.weather;
		if (crashes && this.#left.crashes > 0 && this.chance(30)) {
			this.#left.crashes -= 1;
			run.crash();
		} else if (pauses && this.#left.pauses > 0 && this.chance(12)) {
			this.#left.pauses -= 1;
			run.standStill(this.random.pick(PAUSES));
		}
	}

	/** When a request reaches the server. */
	arrival(): number {
		if (!this.weather.pauses || this.#left.delays === 0 || !this.chance(40)) return this.now;
		this.#left.delays -= 1;
		return this.now + this.random.pick(PAUSES);
	}

	/** Time goes on: a little while something else could happen as well, else until something does. */
	#pass(isBusy: boolean): void {
		const timers = this.#timers.filter(({ run }) => !run.isOver);
		const wakings = this.runs.filter(({ isOver, isAwake }) => !isOver && !isAwake);
		const arrivals = this.#steps.filter(({ notBefore = 0 }) => notBefore > this.now);
		const next = Math.min(
			...arrivals.map(({ notBefore = 0 }) => notBefore),
			...timers.map(({ dueAt, run }) => Math.max(dueAt, run.awakeAt)),
			...wakings.map(({ awakeAt }) => awakeAt),
		);
		if (isBusy) this.now += this.random.between(1, 400);
		else if (Number.isFinite(next)) this.now = Math.max(this.now, next);
		else throw new StuckWorld('nothing will ever happen any more');
		for (const timer of timers) {
			if (timer.dueAt > this.now || !timer.run.isAwake) continue;
			this.#timers = this.#timers.filter((other) => other !== timer);
			timer.ring();
		}
	}
}

/** A request that changes nothing. */
export const LOOK = 'look';

/** One run of a mailing, with a process and clocks of its own. */
export class Process {
	readonly world: World;
	awakeAt = 0;
	isOver = false;
	isCrashed = false;
	/** Milliseconds that its clocks missed. */
	#missed = 0;

	constructor(world: World) {
		this.world = world;
		world.runs.push(this);
	}

	get isAwake(): boolean {
		return !this.isOver && this.world.now >= this.awakeAt;
	}

	crash(): void {
		this.world.tell(this, 'crashes');
		this.isCrashed = true;
		this.isOver = true;
	}

	standStill(ms: number): void {
		if (!this.isAwake) return;
		this.awakeAt = this.world.now + ms;
		this.world.tell(this, `stands still for ${ms} ms`);
		if (this.world.weather.clocksStandStill) this.#missed += ms;
	}

	/** The server does something, and later the run learns what came of it; or it never does. */
	async asks<T>(what: string, atServer: () => T, lost: () => Error): Promise<T> {
		const { world } = this;
		// Who only looks, as in line, has no trouble that others would not have as well.
		const isQuiet = what === LOOK;
		return await new Promise<T>((resolve, reject) => {
			const isLost = world.weather.losses && world.chance(isQuiet ? 200 : 40);
			const answer = (happen: () => void) =>
				world.addStep({
					run: this,
					isServers: false,
					happen: () => {
						if (!isQuiet) world.tell(this, `${isLost ? 'loses' : 'gets'} the answer to ${what}`);
						happen();
						if (!isQuiet) world.strike(this);
					},
				});
			if (isLost && world.chance(2)) {
				answer(() => reject(lost()));
				return;
			}
			world.addStep({
				run: this,
				isServers: true,
				...(isQuiet ? {} : { notBefore: world.arrival() }),
				happen: () => {
					let result: T;
					try {
						result = atServer();
						if (!isQuiet) {
							world.tell(this, what);
							world.strike(this);
						}
					} catch (error) {
						answer(() => reject(error as Error));
						return;
					}
					answer(() => (isLost ? reject(lost()) : resolve(result)));
				},
			});
		});
	}

	readonly clock: Clock = {
		now: () => new Date(this.world.now - this.#missed),
		monotonic: () => this.world.now - this.#missed,
		sleep: async (ms, signal) => {
			if (signal?.aborted) return;
			await new Promise<void>((resolve) => {
				const { world } = this;
				// Looking seldom, a run in line sees the same, in fewer steps.
				const slept = ms === IN_LINE_MS ? 15_000 : ms;
				const remove = world.addTimer({ run: this, dueAt: world.now + slept, ring: resolve });
				signal?.addEventListener('abort', () => {
					remove();
					resolve();
				});
			});
		},
	};
}

/** All that follows at once from what happened has followed. */
async function flushed(): Promise<void> {
	await new Promise<void>((resolve) => setImmediate(resolve));
}
