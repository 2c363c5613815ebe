/** Runs jobs one at a time, in order, each in a turn of its own; jobs pushed while held wait for `release`. */
export class JobQueue {
	readonly #jobs: (() => void)[] = [];
	#scheduled = false;
	#held = false;
	#waiting: (() => void)[] = [];

	push(job: () => void): void {
		this.#jobs.push(job);
		this.#schedule();
	}

	hold(): void {
		this.#held = true;
	}

	/** Resolves when all that was held has run. */
	async release(): Promise<void> {
		this.#held = false;
		this.#schedule();
		await this.idle();
	}

	/** Resolves when nothing runs and nothing but held jobs waits. */
	async idle(): Promise<void> {
		if (!this.#scheduled) return;
		await new Promise<void>((resolve) => this.#waiting.push(resolve));
	}

	/** Forgets what has not run yet. */
	clear(): void {
		this.#jobs.length = 0;
	}

	#schedule(): void {
		if (this.#scheduled || this.#held || this.#jobs.length === 0) return;
		this.#scheduled = true;
		setImmediate(() => this.#runNext());
	}

	#runNext(): void {
		const job = this.#held ? undefined : this.#jobs.shift();
		job?.();
		this.#scheduled = false;
		this.#schedule();
		if (this.#scheduled) return;
		const waiting = this.#waiting;
		this.#waiting = [];
		for (const resolve of waiting) resolve();
	}
}
