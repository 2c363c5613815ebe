import { AttemptRecord } from './attemptRecord';
import { rowOfMessageId } from './batch';
import { deadlinesOf } from './deadlines';
import { eventOf, outcomeKey, type SendingEvent } from './sendingEvent';
import { outcomeOf } from './outcome';
import { mergedEvidence } from './evidence';
import { isSingleMessage, recipientsOf } from './singleMessage';
import type { ReceiptEvidence, RecipientOutcome, Row, Submission } from './types';

export interface LedgerOptions {
	/** Only what was submitted from then on; all when absent. */
	readonly since?: Date;
	/** Whether the event of this key needs no telling any more. Asked each time; may change its answer to true. */
	readonly settled: (key: string) => boolean;
}

/** What one record says of submissions: those begun, and what came of others. */
export interface RecordedSubmissions {
	readonly mailing: string;
	readonly intents: readonly (RowOfMailing & {
		readonly at: string;
		readonly run?: string;
		readonly about?: { readonly subject?: string };
	})[];
	readonly results: readonly (RowOfMailing & { readonly submission: Submission })[];
}

interface RowOfMailing {
	readonly row: Row;
	readonly messageId: string;
}

interface Sending {
	mailing: string;
	record: AttemptRecord | undefined;
	/** By pecKey. */
	readonly receipts: Map<string, ReceiptEvidence>;
	/** Of its recipients, those with something to tell. */
	news: RecipientOutcome[];
	/** Nothing that may still come would be told. */
	complete: boolean;
	/** Milliseconds of the epoch; Infinity when nothing happens by itself. */
	dueAt: number;
	changed: boolean;
}

/**
 * The sendings of one account, as records and receipts become known, in any order and any number of times; and the events
 * that follow. What is settled for good is forgotten, but for its Message-ID.
 */
export class SendingLedger {
	readonly #since: number;
	readonly #settled: (key: string) => boolean;
	readonly #sendings = new Map<string, Sending>();
	readonly #closed = new Set<string>();

	constructor({ since, settled }: LedgerOptions) {
		this.#since = since?.getTime() ?? -Infinity;
		this.#settled = settled;
	}

	/** Sendings that are still followed. */
	get size(): number {
		return this.#sendings.size;
	}

	/** In the order of the records. One that is read again changes nothing. */
	addSubmissions({ mailing, intents, results }: RecordedSubmissions): void {
		for (const { submission, ...row } of results) {
			this.#recordOf(mailing, row, submission.at)?.addResult(submission);
		}
		for (const intent of intents) {
			this.#recordOf(mailing, intent, intent.at)?.addIntent(intent);
		}
	}

	#recordOf(
		mailing: string,
		{ row, messageId }: RowOfMailing,
		at: string,
	): AttemptRecord | undefined {
		if (Date.parse(at) < this.#since || this.#closed.has(messageId)) return undefined;
		const sending = this.#sendingOf(messageId);
		sending.mailing = mailing;
		sending.record ??= new AttemptRecord(row, messageId);
		sending.changed = true;
		return sending.record;
	}

	/** Any receipts; those about sendings that are not this package's are passed over. */
	addReceipt(receipt: ReceiptEvidence): void {
		const { originalMessageId } = receipt;
		if (!rowOfMessageId(originalMessageId) || this.#closed.has(originalMessageId)) return;
		const sending = this.#sendingOf(originalMessageId);
		const known = sending.receipts.get(receipt.pecKey);
		sending.receipts.set(receipt.pecKey, known ? mergedEvidence(known, receipt) : receipt);
		sending.changed = true;
	}

	/**
	 * The events that are not settled, each key once; the latest stage alone of several that passed. Lazily: what the
	 * caller settles meanwhile counts.
	 * @param now up to when the mailbox was looked at: silence after that proves nothing
	 */
	*events(now: Date): Generator<SendingEvent, void, undefined> {
		for (const [messageId, sending] of this.#sendings) {
			for (const outcome of this.#judged(messageId, sending, now).news) {
				const event = eventOf(outcome, this.#settled);
				if (event) yield event;
			}
			if (sending.complete && sending.news.every((outcome) => this.#isTold(outcome))) {
				this.#sendings.delete(messageId);
				this.#closed.add(messageId);
			}
		}
	}

	/** When the next event would come by silence alone; `undefined` when nothing is awaited. */
	nextDueAt(now: Date): Date | undefined {
		let next = Infinity;
		for (const [messageId, sending] of this.#sendings) {
			next = Math.min(next, this.#judged(messageId, sending, now).dueAt);
		}
		return next === Infinity ? undefined : new Date(next);
	}

	#isTold(outcome: RecipientOutcome): boolean {
		return this.#settled(outcomeKey(outcome, outcome.state));
	}

	#sendingOf(messageId: string): Sending {
		const known = this.#sendings.get(messageId);
		if (known) return known;
		const sending: Sending = {
			mailing: '',
			record: undefined,
			receipts: new Map(),
			news: [],
			complete: false,
			dueAt: Infinity,
			changed: true,
		};
		this.#sendings.set(messageId, sending);
		return sending;
	}

	#judged(messageId: string, sending: Sending, now: Date): Sending {
		if (!sending.changed && sending.dueAt > now.getTime()) return sending;
		const outcomes = outcomesOf(messageId, sending, now);
		sending.news = outcomes.filter(({ final, overdue }) => final || overdue);
		// A delivery is the one state that nothing can change.
		sending.complete = outcomes.length > 0 && outcomes.every(({ state }) => state === 'delivered');
		const begunAt = sending.record?.intents.at(-1);
		const deadlines = outcomes
			.flatMap(({ state, ...times }) => deadlinesOf(state, { ...times, begunAt }))
			.map(({ at }) => at)
			.filter((at) => at > now.getTime());
		sending.dueAt = Math.min(...deadlines, Infinity);
		sending.changed = false;
		return sending;
	}
}

/** None before its record is known. */
function outcomesOf(messageId: string, sending: Sending, now: Date): RecipientOutcome[] {
	const { mailing, record } = sending;
	if (!record) return [];
	const { row } = record;
	const receipts = [...sending.receipts.values()];
	const single = isSingleMessage(mailing);
	return recipientsOf(row, single, receipts).map((recipient) =>
		outcomeOf({
			row: { recipient, rowKey: single ? '' : row.rowKey, attempt: row.attempt },
			mailing: single ? undefined : mailing,
			messageId,
			record,
			receipts,
			now,
		}),
	);
}
