import { matches, strikesAt, type FaultEvent, type FaultRule } from './rules.ts';

/** What `add` answers: how a test follows its fault, and ends it. */
export interface FaultHandle {
	/** How often it struck. */
	readonly fired: number;
	/** What the last `call` that failed threw; its connection was cut. */
	readonly error: unknown;
	/** Resolves when it has struck so many times in all, once unless given. */
	happened(times?: number): Promise<void>;
	/** Lets go on what it stalled, and shows what it hid. */
	release(): void;
	/** It strikes no more; what it held is released. What it slowed stays slow. */
	remove(): void;
}

/** A rule in force: how often it matched and struck, and what it holds. */
export class StandingRule implements FaultHandle {
	readonly rule: FaultRule;
	error: unknown;
	readonly #onRemove: (rule: StandingRule) => void;
	readonly #holds = new Set<() => void>();
	#matched = 0;
	#fired = 0;
	#waiting: { readonly times: number; readonly resolve: () => void }[] = [];

	constructor(rule: FaultRule, onRemove: (rule: StandingRule) => void) {
		this.rule = rule;
		this.#onRemove = onRemove;
	}

	get fired(): number {
		return this.#fired;
	}

	/** Counts the event when it is the rule's; whether the rule strikes. */
	strikes(event: FaultEvent): boolean {
		if (!matches(this.rule, event)) return false;
		this.#matched += 1;
		if (!strikesAt(this.rule, this.#matched)) return false;
		this.#fired += 1;
		return true;
	}

	/** Tells who waits for it. */
	tell(): void {
		const reached = this.#waiting.filter(({ times }) => times <= this.#fired);
		this.#waiting = this.#waiting.filter(({ times }) => times > this.#fired);
		for (const { resolve } of reached) resolve();
	}

	async happened(times = 1): Promise<void> {
		if (this.#fired >= times) return;
		await new Promise<void>((resolve) => this.#waiting.push({ times, resolve }));
	}

	/** Remembers how to end what it holds. The answer ends it, once. */
	hold(end: () => void): () => void {
		const once = (): void => {
			if (this.#holds.delete(once)) end();
		};
		this.#holds.add(once);
		return once;
	}

	release(): void {
		for (const end of [...this.#holds]) end();
	}

	remove(): void {
		this.#onRemove(this);
		this.release();
	}
}
