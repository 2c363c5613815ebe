import { groupedBy } from './groups';
import { outcomeOf } from './outcome';
import { rowIdentity, rowOfMessageId } from './rowId';
import type { ReceiptEvidence, RecipientOutcome, RecipientState, Row, RowRecord } from './types';

/** One sending of a row, and what the mailbox knows of it. */
export interface Attempt {
	readonly row: Row;
	readonly messageId: string;
	readonly record: RowRecord | undefined;
	readonly receipts: readonly ReceiptEvidence[];
	readonly outcome: RecipientOutcome;
	readonly standing: Standing;
}

/**
 * What an attempt means for another one. unsent: provably not handed over. delivered: also when only a receipt that
 * contradicts itself says so. open: handed over, its end not known. inDoubt: handed over or not. failed: ended, and
 * nothing of it reached the recipient. ended: it may have reached the recipient, and no more will come (ordinary e-mail, or a
 * failure notice that does not name the message).
 */
export type Standing = 'unsent' | 'delivered' | 'open' | 'inDoubt' | 'failed' | 'ended';

const STANDINGS: Readonly<Record<RecipientState, Standing>> = {
	queued: 'unsent',
	submitted: 'open',
	accepted: 'open',
	delayed: 'open',
	delivered: 'delivered',
	rejected: 'failed',
	notAccepted: 'failed',
	notDelivered: 'failed',
	infected: 'failed',
	notCertified: 'ended',
	inDoubt: 'inDoubt',
};

function standingOf(
	{ state, matchedBy }: RecipientOutcome,
	receipts: readonly ReceiptEvidence[],
): Standing {
	// A delivery receipt that contradicts itself proves no delivery, but who would send again after it?
	if (receipts.some(({ type }) => type === 'delivery')) return 'delivered';
	const standing = STANDINGS[state];
	// A failure that may be another message's lets nothing be sent again.
	if (standing === 'failed' && matchedBy !== undefined) return 'ended';
	// Receipts that prove nothing still speak of a message that its provider had.
	const isUnproved = standing === 'unsent' || standing === 'inDoubt';
	return isUnproved && receipts.length > 0 ? 'open' : standing;
}

/** The attempts of one row, oldest first; at least one. */
export type RowHistory = readonly [Attempt, ...Attempt[]];

export function isHistory(attempts: readonly Attempt[]): attempts is RowHistory {
	return attempts.length > 0;
}

/**
 * Of a row's attempts the one that counts: the latest, unless an earlier one was delivered after all, or the latest was
 * put off while an earlier one is not ended.
 */
export function attemptThatCounts(history: RowHistory): Attempt {
	const latest = history.at(-1) ?? history[0];
	const delivered = history.findLast(({ outcome }) => outcome.state === 'delivered');
	if (delivered) return delivered;
	if (latest.standing !== 'unsent') return latest;
	return (
		history.findLast(({ standing }) => standing !== 'unsent' && standing !== 'failed') ?? latest
	);
}

export interface KnownOfRows {
	readonly mailing?: string;
	readonly records: readonly RowRecord[];
	readonly receipts: readonly ReceiptEvidence[];
	readonly now: Date;
}

/** What records and receipts know of each row of a mailing, by its identity (`rowIdentity`). */
export class RowHistories {
	readonly #known: KnownOfRows;
	readonly #records: ReadonlyMap<string, readonly RowRecord[]>;
	readonly #receipts: ReadonlyMap<string, readonly ReceiptEvidence[]>;
	readonly #attempts = new Map<string, Map<number, string>>();

	constructor(known: KnownOfRows) {
		this.#known = known;
		this.#records = groupedBy(known.records, ({ messageId }) => messageId);
		this.#receipts = groupedBy(known.receipts, (receipt) => receipt.originalMessageId);
		for (const messageId of [...this.#records.keys(), ...this.#receipts.keys()]) {
			const attempt = rowOfMessageId(messageId)?.attempt;
			if (attempt === undefined) continue;
			const identity = rowIdentity(messageId);
			const attempts = this.#attempts.get(identity) ?? new Map<number, string>();
			attempts.set(attempt, messageId);
			this.#attempts.set(identity, attempts);
		}
	}

	/** The attempts that records or receipts know of, oldest first; of a row whose attempts it is not told, none. */
	of(row: Row, identity: string): Attempt[] {
		const attempts = [...(this.#attempts.get(identity) ?? [])];
		return attempts
			.sort(([one], [other]) => one - other)
			.map(([attempt, messageId]) => this.attempt({ ...row, attempt }, messageId));
	}

	attempt(row: Row, messageId: string): Attempt {
		const { mailing, now } = this.#known;
		const record = joinRecords(this.#records.get(messageId) ?? []);
		const receipts = this.#receipts.get(messageId) ?? [];
		const outcome = outcomeOf({
			row,
			messageId,
			receipts,
			now,
			...(mailing === undefined ? {} : { mailing }),
			...(record === undefined ? {} : { record }),
		});
		return { row, messageId, record, receipts, outcome, standing: standingOf(outcome, receipts) };
	}
}

/** Records of one row that were read in pieces, as one. */
function joinRecords([first, ...others]: readonly RowRecord[]): RowRecord | undefined {
	return (
		first && {
			...first,
			intents: [first, ...others].flatMap(({ intents }) => intents),
			results: [first, ...others].flatMap(({ results }) => results),
		}
	);
}
