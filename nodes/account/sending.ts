import { cancelled } from '../mail/connectionError';
import { MailError } from '../mail/errors';
import type { PlannedRow } from '../pec/batch';
import { ChunkSize } from './chunkSize';
import { handOver, resultOf, type BuiltRow, type HandedRow } from './handOver';
import { SendingLease } from './lease';
import { Pace } from './pace';
import { recordsInTurn } from './recordsInTurn';
import { handedOutcome, notComposedOutcome } from './rowOutcomes';
import type { RowOutcome, SendingOptions } from './sendingOptions';
import { deferredOutcome, type Stop } from './sendingStop';
import { nextOpening } from './sendingWindow';
import { SubmissionLog } from './submissionLog';

export type { RowOutcome, SendingOptions } from './sendingOptions';

/** Servers that put a message off expect it back after some minutes (RFC 5321 4.5.4.1: 30 minutes for mail servers). */
const RETRY_AFTER_MS = 15 * 60_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const CHUNK_BYTES = 8 * 1024 * 1024;

/** While one chunk is on its way the next is begun, where messages are quick: no connection waits for the records. */
const CHUNKS_AT_ONCE = 2;

/** How long the acceptance of the first message is waited for, and how often it is looked for. */
const CANARY_MS = 5 * 60_000;
const CANARY_LOOK_MS = 3_000;

/** A message that was put off so often is left to the next run: it may be the only one that is. */
const TRIES_OF_ROW = 2;

/**
 * Sends the rows that the plan says are to be sent, as the only run of this account, and yields what became of each row as it
 * is known. Before a message is handed to SMTP its intent is on the server; results follow with the next intents, and the last
 * ones when the run ends, however it ends (also when the caller stops iterating).
 *
 * `action` is `sent` for a message that was taken over, `deferred` for one that a new run sends, and `skipped` for one that
 * neither this run sent nor a new run will (refused, unclear, or not to be composed).
 * @throws MailError when nothing was sent and nothing can be: signing in fails, or no record can be kept; `cancelled`
 */
export async function* sendMailing(
	options: SendingOptions,
): AsyncGenerator<RowOutcome, void, undefined> {
	const run = new SendingRun(options);
	try {
		yield* run.rows();
	} finally {
		await run.end();
	}
}

interface ChunkUnderWay {
	readonly begunAt: number;
	/** Never rejects. */
	readonly handing: Promise<HandedRow[]>;
}

class SendingRun {
	readonly #options: SendingOptions;
	readonly #records: ReturnType<typeof recordsInTurn>;
	readonly #log: SubmissionLog;
	readonly #endsAt: number;
	#planned: readonly PlannedRow[] = [];
	/** Indexes of the rows to be sent; of all rows until there is a plan. */
	#queue: number[] | undefined;
	/** The one begun first in front. */
	readonly #underWay: ChunkUnderWay[] = [];
	readonly #putOff = new Map<number, number>();
	#lease: SendingLease | undefined;
	#nonce = '';
	#pace = new Pace({ perMinute: 1 }, []);
	/** Of the last record of its own. */
	#lastUid = 0;
	#isConfirmed = false;
	readonly #chunkSize = new ChunkSize();
	/** When the chunk that ended last did. */
	#doneAt = 0;
	#handedOver = 0;
	#submitted = 0;
	#stop: Stop | undefined;
	#needsProof: boolean;
	#proofUntil: number | undefined;

	constructor(options: SendingOptions) {
		this.#options = options;
		this.#records = recordsInTurn(options.records);
		this.#log = new SubmissionLog({ ...options, records: this.#records });
		this.#endsAt = options.clock.monotonic() + options.maxDurationMs;
		this.#needsProof = options.canary !== undefined;
	}

	async *rows(): AsyncGenerator<RowOutcome, void, undefined> {
		yield* this.#begin();
		for (;;) {
			const queue = this.#queue ?? [];
			while (this.#underWay.length > 0) {
				if (this.#mayFollow(queue)) yield* this.#beginChunk(queue);
				else yield* this.#endChunk(queue);
			}
			if (queue.length === 0) return;
			this.#throwIfCancelled();
			this.#stop ??= this.#limit();
			if (this.#stop) return yield* this.#defer(queue, this.#stop);
			if (this.#lease?.othersWait) yield* this.#letOthers();
			else if (await this.#isReady()) yield* this.#beginChunk(queue);
		}
	}

	async end(): Promise<void> {
		for (const { handing } of this.#underWay) this.#log.note((await handing).map(resultOf));
		await this.#log.flush().catch((error: unknown) => {
			if (this.#handedOver > 0) this.#options.onUnrecorded?.(error);
		});
		await this.#lease?.release();
	}

	/** Gets the account, and plans with what is known then. */
	async *#begin(): AsyncGenerator<RowOutcome, void, undefined> {
		const { clock, records, nonce, signal, onInLine, plan, pace } = this.#options;
		this.#nonce = nonce();
		this.#lease = await SendingLease.acquire({
			records: async () => (await this.#records()).leases,
			clock,
			nonce: this.#nonce,
			waitMs: Math.max(0, this.#endsAt - clock.monotonic()),
			...(signal ? { signal } : {}),
			...(onInLine ? { onInLine } : {}),
		});
		this.#throwIfCancelled();
		const open = this.#queue && new Set(this.#queue);
		this.#planned = await plan();
		this.#queue = [];
		for (const [index, row] of this.#planned.entries()) {
			if (open && !open.has(index)) continue;
			if (row.decision === 'send') this.#queue.push(index);
			else yield { index, outcome: { ...row.outcome, action: row.decision } };
		}
		if (this.#lease) {
			const counts = pace.perDay === undefined ? 2 * MINUTE_MS : 24 * HOUR_MS;
			const since = new Date(clock.now().getTime() - counts);
			this.#pace = new Pace(pace, await (await records()).readSentSince(since));
		} else this.#stop = { reason: 'otherRun', retryAt: this.#later() };
	}

	/** To the end of the line, so that those who wait get their turn. */
	async *#letOthers(): AsyncGenerator<RowOutcome, void, undefined> {
		this.#isConfirmed = false;
		await this.#log.flush();
		await this.#lease?.release();
		yield* this.#begin();
	}

	#limit(): Stop | undefined {
		const { clock, maxMessages = Infinity, window } = this.#options;
		const now = clock.now();
		if (this.#handedOver >= maxMessages) return { reason: 'maxMessages', retryAt: now };
		if (clock.monotonic() >= this.#endsAt) return { reason: 'maxDuration', retryAt: now };
		const opening = window ? nextOpening(window, now) : now;
		if (opening?.getTime() === now.getTime()) return undefined;
		return { reason: 'outsideWindow', retryAt: opening ?? this.#later(24 * HOUR_MS) };
	}

	/** Waits for what has to be waited for. @returns whether to send now; otherwise everything is to be asked anew */
	async #isReady(): Promise<boolean> {
		const { clock } = this.#options;
		try {
			await this.#lease?.keep();
			const now = clock.now().getTime();
			if (this.#pace.room(now) > 0) {
				if (!(await this.#isProven())) return false;
				// Asked for before a message is made: nothing is wrong with a message that nobody can sign in to send.
				await this.#options.smtp();
				return true;
			}
			const at = this.#pace.nextAt(now);
			// A run that ends while it waits leaves nothing unclear.
			await this.#log.flush();
			const isTooLate = clock.monotonic() + (at - now) > this.#endsAt;
			if (!isTooLate) await this.#pass(at - now);
			else this.#stop = { reason: this.#pace.whyClosed(now), retryAt: new Date(at) };
		} catch (error) {
			this.#fail(error);
		}
		return false;
	}

	/** The first message of a first mailing goes alone, until a receipt shows that receipts can be told. */
	async #isProven(): Promise<boolean> {
		const { canary, clock } = this.#options;
		if (!canary || !this.#needsProof) return true;
		this.#proofUntil ??= Math.min(clock.monotonic() + CANARY_MS, this.#endsAt);
		while (!(await canary())) {
			const isOnItsWay =
				this.#submitted > 0 || this.#planned.some(({ why }) => why === 'submitted');
			if (!isOnItsWay) return true;
			await this.#log.flush();
			if (clock.monotonic() >= this.#proofUntil) {
				this.#stop = { reason: 'firstAcceptance', retryAt: this.#later() };
				return false;
			}
			await this.#pass(CANARY_LOOK_MS);
			this.#throwIfCancelled();
			if (this.#lease?.othersWait) return false;
		}
		this.#needsProof = false;
		return true;
	}

	/** Waits, and stays the account's sender; not on when others stand in line. */
	async #pass(ms: number): Promise<void> {
		const { clock, signal } = this.#options;
		const until = clock.monotonic() + ms;
		for (;;) {
			const left = until - clock.monotonic();
			if (left <= 0 || signal?.aborted || this.#lease?.othersWait) return;
			await clock.sleep(Math.min(left, Math.max(1, this.#lease?.dueInMs ?? left)), signal);
			await this.#lease?.keep();
		}
	}

	/** Whether the next chunk may begin although one is on its way: nothing is to be asked or waited for first. */
	#mayFollow(queue: readonly number[]): boolean {
		const { clock, signal } = this.#options;
		if (queue.length === 0 || this.#underWay.length >= CHUNKS_AT_ONCE) return false;
		if (this.#chunkSize.rows === 1 || this.#needsProof || signal?.aborted) return false;
		if (this.#stop || this.#limit() || this.#lease?.othersWait) return false;
		return this.#pace.room(clock.now().getTime()) > 0;
	}

	async *#beginChunk(queue: number[]): AsyncGenerator<RowOutcome, void, undefined> {
		const { clock, maxMessages = Infinity, build } = this.#options;
		const limit = Math.min(
			this.#pace.room(clock.now().getTime()),
			maxMessages - this.#handedOver,
			this.#needsProof ? 1 : this.#chunkSize.rows,
		);
		const chunk: BuiltRow[] = [];
		for (let bytes = 0; chunk.length < limit && bytes < CHUNK_BYTES && queue.length > 0;) {
			const index = queue.shift() ?? 0;
			const row = this.#planned[index]!;
			try {
				const built = await build(row, index);
				chunk.push({ ...built, index, row });
				bytes += built.raw.length;
			} catch (error) {
				yield { index, outcome: notComposedOutcome(row, error) };
			}
		}
		if (chunk.length > 0 && !(await this.#handOver(chunk))) {
			queue.unshift(...chunk.map(({ index }) => index));
		}
	}

	/** @returns `false` when nothing of it was handed over */
	async #handOver(chunk: readonly BuiltRow[]): Promise<boolean> {
		const { account, clock } = this.#options;
		const lease = this.#lease!;
		const begunAt = clock.monotonic();
		const at = clock.now();
		try {
			const smtp = await this.#options.smtp();
			const uid = await this.#log.begin(
				chunk.map(({ row: { row, messageId }, about }) => ({
					row,
					messageId,
					at: at.toISOString(),
					run: this.#nonce,
					...(about ? { about } : {}),
				})),
			);
			await this.#requireAlone(lease, uid, chunk);
			this.#pace.sending(chunk.length, at.getTime());
			this.#handedOver += chunk.length;
			this.#underWay.push({ begunAt, handing: handOver(chunk, { account, smtp, lease, clock }) });
			return true;
		} catch (error) {
			this.#fail(error);
			return false;
		}
	}

	/** Waits for the chunk that was begun first. */
	async *#endChunk(queue: number[]): AsyncGenerator<RowOutcome, void, undefined> {
		const { begunAt, handing } = this.#underWay[0]!;
		const handed = await handing;
		this.#underWay.shift();
		this.#log.note(handed.map(resultOf));
		const now = this.#options.clock.monotonic();
		this.#chunkSize.learn(handed.length, now - Math.max(begunAt, this.#doneAt));
		this.#doneAt = now;
		this.#learn(handed);
		for (const done of handed) if (!this.#comesAgain(queue, done)) yield this.#told(done);
	}

	/**
	 * A record that does not follow one's own last one comes after somebody else's: who that is, is looked at before anything is
	 * handed over, and so it is before the first message. A clock that stood still is found out by it too.
	 */
	async #requireAlone(lease: SendingLease, uid: number, chunk: readonly BuiltRow[]): Promise<void> {
		const isNext = uid === Math.max(this.#lastUid, lease.seenUid) + 1;
		this.#lastUid = uid;
		if (isNext && this.#isConfirmed) return;
		try {
			await lease.confirm(uid);
			this.#isConfirmed = true;
		} catch (error) {
			const at = this.#options.clock.now().toISOString();
			const answer = { verdict: 'deferred' as const };
			this.#log.note(chunk.map((built) => resultOf({ built, answer, at })));
			return await Promise.reject(error);
		}
	}

	/** What the answers say of what is to come. */
	#learn(handed: readonly HandedRow[]): void {
		const answers = handed.map(({ answer }) => answer);
		const submitted = answers.filter(({ verdict }) => verdict === 'submitted').length;
		this.#submitted += submitted;
		if (submitted > 0) this.#pace.taken();
		const now = this.#options.clock.now().getTime();
		if (answers.some(({ isTooMuch }) => isTooMuch) && !this.#pace.tooMuch(now)) {
			this.#stop = { reason: 'tooMuch', retryAt: new Date(this.#pace.nextAt(now)) };
		}
		const faulty = answers.find(({ fault }) => fault !== undefined);
		if (!faulty) return;
		// Nothing of a chunk that met the fault as a whole was handed over.
		if (answers.every(({ fault }) => fault !== undefined)) this.#handedOver -= handed.length;
		this.#fail(faulty.fault);
	}

	/** A message of which the provider takes no more now is tried again in this run, after the others. */
	#comesAgain(queue: number[], { built: { index }, answer }: HandedRow): boolean {
		const tries = (this.#putOff.get(index) ?? 0) + 1;
		if (!answer.isTooMuch || this.#stop || tries >= TRIES_OF_ROW) return false;
		this.#putOff.set(index, tries);
		queue.push(index);
		return true;
	}

	#told(handed: HandedRow): RowOutcome {
		const { mailing, clock } = this.#options;
		const retryAt = this.#stop?.retryAt ?? this.#later();
		const outcome = handedOutcome(handed, { mailing, now: clock.now(), retryAt });
		return { index: handed.built.index, outcome };
	}

	*#defer(queue: readonly number[], stop: Stop): Generator<RowOutcome, void, undefined> {
		for (const index of queue)
			yield { index, outcome: deferredOutcome(this.#planned[index]!, stop) };
	}

	/** Ends the run; what it did so far is told. @throws the fault, when there is nothing to be told */
	#fail(fault: unknown): void {
		if (this.#handedOver === 0) throw fault;
		const message = fault instanceof MailError ? `Not sent yet: ${fault.message}` : undefined;
		this.#stop ??= { reason: 'fault', retryAt: this.#later(), ...(message ? { message } : {}) };
	}

	#throwIfCancelled(): void {
		if (this.#options.signal?.aborted) throw cancelled();
	}

	#later(ms = RETRY_AFTER_MS): Date {
		return new Date(this.#options.clock.now().getTime() + ms);
	}
}
