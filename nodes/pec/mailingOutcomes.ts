import { presentFields } from './presentFields';
import { attemptThatCounts, isHistory, RowHistories, type Attempt } from './rowHistory';
import { rowIdentity } from './rowId';
import { outcomeOf } from './outcome';
import { isSingleMessage, recipientsOf } from './singleMessage';
import type { ReceiptEvidence, RecipientOutcome, RowRecord } from './types';

/** A mailing's row with all its attempts, and the outcome of each recipient: one, but for a single message. */
export interface RowOutcome {
	/** Of all its Message-IDs: `rowIdentity`. */
	readonly identity: string;
	/** Oldest first. */
	readonly attempts: readonly Attempt[];
	readonly outcomes: readonly RecipientOutcome[];
}

/** What is known of a mailing, or of a single message by the name under which it was recorded. */
export interface KnownMailing {
	readonly mailing: string;
	/** In the order of their first record. */
	readonly records: readonly RowRecord[];
	/** Any: those about other mailings are passed over. */
	readonly receipts: readonly ReceiptEvidence[];
}

/** Each row once, in the order in which it was first begun; of its attempts the one that counts. */
export function rowOutcomes(known: KnownMailing, now: Date): RowOutcome[] {
	const single = isSingleMessage(known.mailing);
	const histories = new RowHistories({
		records: known.records,
		receipts: known.receipts,
		now,
		...(single ? {} : { mailing: known.mailing }),
	});
	const rows = new Map(known.records.map(({ row, messageId }) => [rowIdentity(messageId), row]));
	return [...rows].flatMap(([identity, row]) => {
		const attempts = histories.of(row, identity);
		if (!isHistory(attempts)) return [];
		const counts = attemptThatCounts(attempts);
		const outcomes = single ? outcomesOfSingle(counts, now) : [counts.outcome];
		return [{ identity, attempts, outcomes }];
	});
}

function outcomesOfSingle(attempt: Attempt, now: Date): RecipientOutcome[] {
	const { row, messageId, record, receipts } = attempt;
	return recipientsOf(row, true, receipts).map((recipient) =>
		outcomeOf(
			presentFields({
				row: { recipient, rowKey: '', attempt: row.attempt },
				messageId,
				record,
				receipts,
				now,
			}),
		),
	);
}
