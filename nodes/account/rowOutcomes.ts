import type { PlannedRow } from '../pec/batch';
import { outcomeOf } from '../pec/outcome';
import type { RecipientOutcome, RowAction, Submission } from '../pec/types';
import { submissionOf, type HandedRow } from './handOver';

const ACTIONS: Readonly<Record<Submission['verdict'], RowAction>> = {
	submitted: 'sent',
	deferred: 'deferred',
	rejected: 'skipped',
	unclear: 'skipped',
};

/** What the server's answer makes of a row. */
export function handedOutcome(
	{ built: { row: planned, about }, answer, at }: HandedRow,
	{ mailing, now, retryAt }: { mailing: string; now: Date; retryAt: Date },
): RecipientOutcome {
	const { row, messageId } = planned;
	const results = [submissionOf(answer, at)];
	const record = { row, messageId, intents: [at], results, subject: about?.subject };
	const known = outcomeOf({ row, mailing, messageId, record, receipts: [], now });
	const outcome = { ...known, action: ACTIONS[answer.verdict] };
	return answer.verdict === 'deferred' ? { ...outcome, retryAt: retryAt.toISOString() } : outcome;
}

/** A row whose message cannot be made. */
export function notComposedOutcome(row: PlannedRow, cause: unknown): RecipientOutcome {
	const message = cause instanceof Error ? cause.message : 'The message cannot be composed';
	return {
		...row.outcome,
		action: 'skipped',
		error: { reason: 'notComposed', message, retry: 'never' },
	};
}
