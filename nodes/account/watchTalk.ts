import type { WatchChange } from './watchState';

export interface WatchQuestion {
	readonly from: string | undefined;
	readonly tags: readonly string[];
}

/** What other processes that watch the same have recorded, as far as it is not the state of the watch. */
export class WatchTalk {
	/** The first record of another process in which an event was offered. */
	readonly offered = new Map<string, number>();
	/** Questions that are to be answered. */
	readonly questions = new Map<string, WatchQuestion>();
	/** Who answered our questions: what each holds. */
	readonly answers = new Map<string, Map<string, readonly string[]>>();
	readonly #answered = new Set<string>();

	/** From now on answers to this question are kept. */
	ask(question: string): void {
		this.answers.set(question, new Map());
	}

	forget(question: string): void {
		this.answers.delete(question);
	}

	answered(question: string): void {
		this.questions.delete(question);
		this.#answered.add(question);
	}

	/** @param isPast it was there before this process was: its questions were put to others */
	learn(uid: number, change: WatchChange, isPast: boolean): void {
		for (const tag of Object.keys(change.offers ?? {})) {
			this.offered.set(tag, Math.min(uid, this.offered.get(tag) ?? uid));
		}
		for (const tag of change.settled ?? []) this.offered.delete(tag);
		const [who] = change.here ?? [];
		for (const [question, tags] of Object.entries(change.asks ?? {})) {
			if (isPast) this.#answered.add(question);
			if (!this.#answered.has(question)) this.questions.set(question, { from: who, tags });
		}
		for (const [question, tags] of Object.entries(change.answers ?? {})) {
			if (who !== undefined) this.answers.get(question)?.set(who, tags);
		}
	}
}
