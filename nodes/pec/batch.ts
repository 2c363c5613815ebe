import { normalizeAddress } from './addresses';
import { MailingError } from './errors';
import { groupedBy } from './groups';
import { presentFields } from './presentFields';
import {
	planRetryFailed,
	planResendUnclear,
	planSend,
	type Decision,
	type PlanMode,
	type PlanReason,
} from './planModes';
import { RowHistories, type Attempt } from './rowHistory';
import { messageIdsOf, rowIdentity, type Mailing } from './rowId';
import type { ReceiptEvidence, RecipientOutcome, Row, RowRecord } from './types';

export { normalizeAddress } from './addresses';
export {
	mailingMark,
	mailingTag,
	messageIdOf,
	messageIdsOf,
	OUR_MARK,
	rowOfMessageId,
	type Mailing,
} from './rowId';
export type { PlanMode, PlanReason } from './planModes';

export interface PlannedRow {
	readonly row: Row;
	readonly messageId: string;
	/** planned: nothing is done, it is only shown. */
	readonly decision: 'send' | 'alreadySent' | 'skipped' | 'planned';
	readonly why: PlanReason;
	readonly outcome: RecipientOutcome;
}

function refuseDuplicates(identities: readonly string[]): void {
	const indexes = groupedBy(identities.keys(), (index) => identities[index]);
	const repeated = [...indexes.values()].filter((group) => group.length > 1);
	if (repeated.length === 0) return;
	const listed = repeated.map((group) => group.join(' = ')).join('; ');
	throw new MailingError(
		'duplicateRows',
		`The same recipient with the same row key appears more than once (items ${listed}): nothing was sent. Remove the repetition, or give the rows different row keys.`,
		repeated,
	);
}

function decide(history: readonly Attempt[], mode: PlanMode, now: Date): Decision {
	switch (mode.kind) {
		case 'send':
			return planSend(history);
		case 'retryFailed':
			return planRetryFailed(history, mode.reasons);
		case 'resendUnclear':
			return planResendUnclear(history, mode.rows, now);
	}
}

const SEND: PlanMode = { kind: 'send' };

/**
 * What a run of a mailing does with each row, in the order of the rows (docs/ARCHITECTURE.md, Records). A row is its
 * mailing, address and row key; of its attempts the latest known counts, unless an earlier one was delivered after all.
 * Throws MailingError, before anything is sent, when a row appears twice, and AddressError.
 */
export function planMailing(
	args: Mailing & {
		rows: readonly Row[];
		records: readonly RowRecord[];
		receipts: readonly ReceiptEvidence[];
		now: Date;
		/** Sends what was not sent yet unless given. */
		mode?: PlanMode;
	},
): PlannedRow[] {
	const { account, mailing, mode = SEND, now } = args;
	const idOf = messageIdsOf({ account, mailing });
	const asked = args.rows.map(idOf);
	const identities = asked.map(rowIdentity);
	refuseDuplicates(identities);
	const histories = new RowHistories(args);
	return args.rows.map((given, index) => {
		const row = { ...given, recipient: normalizeAddress(given.recipient) };
		const givenId = asked[index] ?? '';
		const known = histories.of(row, identities[index] ?? '');
		const { decision, why, attempt: shown, next, retryAt } = decide(known, mode, now);
		if (shown && next === undefined) {
			const outcome = presentFields({ ...shown.outcome, retryAt });
			return { row: shown.row, messageId: shown.messageId, decision, why, outcome };
		}
		const attempt = Math.max(next ?? 1, row.attempt);
		const of = { ...row, attempt };
		const messageId = attempt === given.attempt ? givenId : idOf(of);
		const { outcome } = histories.attempt(of, messageId);
		return { row: of, messageId, decision, why, outcome };
	});
}
