import { randomUUID } from 'node:crypto';
import type { ImapSession } from '../mail/types';
import { RECORDS_FOLDER } from './recordsFolder';
import type { WatchJournal } from './watchJournal';

/** How often others' records are looked for, while nothing waits for them. */
const LOOK_MS = 60_000;
/** While an event stands by. */
const STANDING_LOOK_MS = 5_000;
/** Most runs are over, and their end is recorded, before anybody has to be asked. */
const ASK_AFTER_MS = 20_000;
/** Who is there looks each minute, and is back after an outage of its own within a minute. */
const ANSWER_MS = 150_000;
/** How long an answer holds: whoever gave it may have ended since. */
const ANSWERED_MS = 300_000;
/** How often others are asked whether they are still there while no event stands by: for one that is dead, records are kept. */
const STILL_THERE_MS = 3_600_000;

/** What becomes of an event that stands by: somebody settled it, or nobody is there who holds it. */
export type StandingEnd = 'settled' | 'free';

/** An event of which another process may hold the run. */
export interface Standing {
	/** By the monotonic clock. */
	readonly since: number;
	readonly end: (end: StandingEnd) => void;
}

/** The events of this process, by tag. */
export interface HeldEvents {
	readonly standing: ReadonlyMap<string, Standing>;
	/** Whether their run is under way, or they wait for their next. */
	carries(tag: string): boolean;
}

export interface AttendanceOptions {
	readonly self: string;
	readonly journal: Pick<WatchJournal, 'flush' | 'hasPending' | 'look' | 'note' | 'state' | 'talk'>;
	/** Whether that process is known to have ended: it ran on this machine. */
	readonly hasEnded: (name: string) => boolean;
	/** Milliseconds, of a clock that nobody sets. */
	readonly monotonic?: () => number;
	/** Tests shorten the waits. */
	readonly pace?: number;
}

interface Question {
	readonly id: string;
	readonly tags: readonly string[];
	readonly to: readonly string[];
	readonly askedAt: number;
}

/**
 * Which other processes watch the same (several mains of n8n in queue mode), and what they hold. They are asked by records in
 * the mailbox, and only when there is something to ask: nobody says from time to time that it is there.
 */
export class Attendance {
	readonly #options: AttendanceOptions;
	#question: Question | undefined;
	/** Events that another process said it holds, and until when that is believed. */
	readonly #heldUntil = new Map<string, number>();
	#lookedAt = -Infinity;
	/** When to ask although no event stands by. */
	#askAgainAt = -Infinity;
	/** Those that were there before this process said that it is: they may not know of it yet. */
	readonly #unmet = new Set<string>();
	#isNew = true;
	#uidNext: number | undefined;
	#isLeaving = false;

	constructor(options: AttendanceOptions) {
		this.#options = options;
	}

	/** Others that watch, or ended without a word. */
	get others(): readonly string[] {
		const { self, journal, hasEnded } = this.#options;
		return [...journal.state.watchers].filter((name) => name !== self && !hasEnded(name));
	}

	get mayBeThere(): boolean {
		return this.others.length > 0;
	}

	/** Whether all of them know of this process: then each reads what the other recorded before it starts a run. */
	get isKnown(): boolean {
		const { others } = this;
		return !this.#isNew && ![...this.#unmet].some((name) => others.includes(name));
	}

	/** Reads what others recorded. @throws MailError when the connection failed */
	async look(): Promise<void> {
		await this.#options.journal.look();
	}

	/** The first record in which another process offered this event, by its UID. */
	offeredAt(tag: string): number | undefined {
		return this.#options.journal.talk.offered.get(tag);
	}

	/** Milliseconds until `attend` has something to do. */
	dueInMs({ standing }: HeldEvents): number {
		for (const { since } of standing.values()) if (since > this.#lookedAt) return 0;
		const every = standing.size > 0 || this.#question ? STANDING_LOOK_MS : LOOK_MS;
		return Math.max(0, this.#lookedAt + this.#scaled(every) - this.#now());
	}

	/** The journal was read over a new connection: who was away as well has yet to see what it is asked. */
	connected(): void {
		this.#isLeaving = false;
		if (this.#question) this.#options.journal.talk.forget(this.#question.id);
		this.#question = undefined;
		this.#askAgainAt = -Infinity;
		this.#uidNext = undefined;
		this.#lookedAt = -Infinity;
		this.#announce();
	}

	/** Notes that this process does not watch any more. */
	leave(): void {
		const { journal, self } = this.#options;
		this.#isLeaving = true;
		if (journal.state.watchers.has(self)) journal.note({ gone: [self] });
	}

	/**
	 * Looks at what others recorded, answers, asks, and tells the events that stand by what became of them.
	 * @throws MailError when the connection failed
	 */
	async attend(imap: ImapSession, held: HeldEvents): Promise<void> {
		const { journal } = this.#options;
		if (this.#isLeaving || this.dueInMs(held) > 0) return;
		const began = this.#now();
		this.#lookedAt = began;
		await this.#lookForNews(imap, held.standing.size > 0 || this.#question !== undefined);
		if (this.#isNew && journal.state.watchers.has(this.#options.self) && !journal.hasPending) {
			for (const name of this.others) this.#unmet.add(name);
			this.#isNew = false;
		}
		this.#announce();
		this.#answer(held);
		this.#hear(began, held);
		this.#tellStanding(began, held);
		this.#ask(held);
		if (journal.hasPending) await journal.flush();
	}

	async #lookForNews(imap: ImapSession, isWaiting: boolean): Promise<void> {
		if (!isWaiting) {
			const states = await imap.folderStates([RECORDS_FOLDER]);
			const uidNext = states.get(RECORDS_FOLDER)?.uidNext;
			if (uidNext === this.#uidNext) return;
			this.#uidNext = uidNext;
		}
		await this.#options.journal.look();
	}

	#announce(): void {
		const { journal, self, hasEnded } = this.#options;
		const { watchers } = journal.state;
		const gone = [...watchers].filter((name) => name !== self && hasEnded(name));
		if (gone.length > 0) journal.note({ gone });
		if (watchers.has(self)) return;
		journal.note({ here: [self] });
		this.#unmet.clear();
		this.#isNew = true;
		this.#askAgainAt = -Infinity;
	}

	#answer(held: HeldEvents): void {
		const { journal, self } = this.#options;
		for (const [id, { from = '', tags }] of [...journal.talk.questions]) {
			// Of two that stand by for nobody, one goes on.
			const precedes = (tag: string) => self < from && held.standing.has(tag);
			const answer = tags.filter((tag) => held.carries(tag) || precedes(tag));
			journal.note({ here: [self], answers: { [id]: answer } });
			journal.talk.answered(id);
		}
	}

	/** @param began of a look: what was recorded before then is known */
	#hear(began: number, { standing }: HeldEvents): void {
		const question = this.#question;
		if (!question) return;
		const { journal } = this.#options;
		const answers = journal.talk.answers.get(question.id) ?? new Map<string, readonly string[]>();
		const { others } = this;
		const silent = question.to.filter((name) => !answers.has(name) && others.includes(name));
		if (silent.length > 0 && began < question.askedAt + this.#scaled(ANSWER_MS)) return;
		if (silent.length > 0) journal.note({ gone: silent });
		for (const name of question.to) this.#unmet.delete(name);
		const heldUntil = this.#now() + this.#scaled(ANSWERED_MS);
		const claimed = new Set([...answers.values()].flat());
		for (const tag of question.tags) {
			const since = standing.get(tag)?.since ?? Infinity;
			// What began to stand later is another matter.
			if (since <= question.askedAt) this.#heldUntil.set(tag, claimed.has(tag) ? heldUntil : 0);
		}
		journal.talk.forget(question.id);
		this.#question = undefined;
	}

	#tellStanding(began: number, { standing }: HeldEvents): void {
		const { journal } = this.#options;
		const isAlone = this.others.length === 0;
		for (const [tag, { since, end }] of [...standing]) {
			if (since > began) continue;
			const isSettled = journal.state.settled.has(tag);
			const isFree = isAlone || this.#heldUntil.get(tag) === 0;
			if (!isSettled && !isFree) continue;
			this.#heldUntil.delete(tag);
			end(isSettled ? 'settled' : 'free');
		}
	}

	#ask({ standing }: HeldEvents): void {
		const { journal, self } = this.#options;
		const now = this.#now();
		const isDue = ([tag, { since }]: readonly [string, Standing]) =>
			now - since >= this.#scaled(ASK_AFTER_MS) && now >= (this.#heldUntil.get(tag) ?? 0);
		const tags = [...standing].filter(isDue).map(([tag]) => tag);
		const to = this.others;
		if (this.#question || to.length === 0 || (tags.length === 0 && now < this.#askAgainAt)) return;
		this.#askAgainAt = now + this.#scaled(STILL_THERE_MS);
		const id = randomUUID().slice(0, 8);
		this.#question = { id, tags, to, askedAt: now };
		journal.talk.ask(id);
		journal.note({ here: [self], asks: { [id]: tags } });
	}

	#scaled(ms: number): number {
		return ms * (this.#options.pace ?? 1);
	}

	#now(): number {
		return (this.#options.monotonic ?? (() => performance.now()))();
	}
}
