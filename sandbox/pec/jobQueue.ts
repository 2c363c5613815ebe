/**
 * Work in two steps: what may be made before its turn comes (signatures), and what it then does. The first step may be
 * thrown away and made again, so it changes nothing.
 */
export type Job = () => Promise<Act>;
export type Act = () => Promise<void> | void;

interface Waiting {
	readonly about: string;
	readonly job: Job;
	begun?: Promise<Act>;
}

/** The two kinds of work of the providers: what answers a sender waits for nothing, the rest can be held. */
export interface Lanes {
	readonly acceptances: JobQueue;
	/** Envelopes, and the receipts that follow from them. */
	readonly deliveries: JobQueue;
}

/** @param onFailure is told of each job that failed; the next one runs all the same */
export function createLanes(onFailure: (about: string, error: unknown) => void): Lanes {
	return { acceptances: new JobQueue(onFailure), deliveries: new JobQueue(onFailure) };
}

/** Enough for the threads that sign; no more large messages than that are in memory twice. */
const AHEAD = 4;

/** Acts one at a time, in order, each in a turn of its own; jobs pushed while held wait for `release`. */
export class JobQueue {
	readonly #onFailure: (about: string, error: unknown) => void;
	readonly #jobs: Waiting[] = [];
	#running = false;
	#held = false;
	#stopped = false;
	#waiting: (() => void)[] = [];

	/** @param onFailure is told of a job that failed, in either step; the next one runs all the same */
	constructor(onFailure: (about: string, error: unknown) => void) {
		this.#onFailure = onFailure;
	}

	/** @param about names the job, should it fail */
	push(about: string, job: Job): void {
		if (this.#stopped) return;
		this.#jobs.push({ about, job });
		this.#start();
	}

	/** What has not begun to act waits, and is made anew when its turn comes: it must not be dated before. */
	hold(): void {
		this.#held = true;
		for (const waiting of this.#jobs) waiting.begun = undefined;
	}

	/** Resolves when all that was held has run. */
	async release(): Promise<void> {
		this.#held = false;
		this.#start();
		await this.idle();
	}

	/** Whether something runs. */
	get busy(): boolean {
		return this.#running;
	}

	/** Resolves when nothing runs and nothing but held jobs waits. */
	async idle(): Promise<void> {
		if (!this.#running) return;
		await new Promise<void>((resolve) => this.#waiting.push(resolve));
	}

	/** Forgets what has not begun to act, and takes nothing any more. */
	stop(): void {
		this.#stopped = true;
		this.#jobs.length = 0;
	}

	#start(): void {
		if (this.#running || this.#held || this.#jobs.length === 0) return;
		this.#running = true;
		void this.#run();
	}

	async #run(): Promise<void> {
		for (;;) {
			await new Promise((resolve) => setImmediate(resolve));
			const next = this.#held ? undefined : this.#jobs[0];
			if (next === undefined) break;
			await this.#runInTurn(next);
		}
		this.#running = false;
		const waiting = this.#waiting;
		this.#waiting = [];
		for (const resolve of waiting) resolve();
	}

	async #runInTurn(next: Waiting): Promise<void> {
		for (const waiting of this.#jobs.slice(0, AHEAD)) waiting.begun ??= begin(waiting.job);
		const { begun } = next;
		const act = await begun;
		// held or stopped meanwhile
		if (act === undefined || this.#jobs[0] !== next || next.begun !== begun) return;
		this.#jobs.shift();
		try {
			await act();
		} catch (error) {
			this.#onFailure(next.about, error);
		}
	}
}

/** Never rejects: a failure is one only when its turn has come. */
async function begin(job: Job): Promise<Act> {
	try {
		return await job();
	} catch (error) {
		return () => {
			throw error;
		};
	}
}
