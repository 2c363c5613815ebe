import { deadlinesOf } from './deadlines';
import { concerns, distinctReceipts, inOrder, listedReceipt } from './evidence';
import { DEFERRED, failureOf, NOT_CERTIFIED, partlyRefused, REJECTED, UNCLEAR } from './failure';
import { presentFields } from './presentFields';
import { attemptBefore } from './rowId';
import { readSubmission } from './submission';
import type { RecordedSubmission } from './submission';
import type {
	ReceiptEvidence,
	ReceiptType,
	RecipientOutcome,
	RecipientState,
	Row,
	RowRecord,
} from './types';

const FINAL: ReadonlySet<RecipientState> = new Set<RecipientState>([
	'delivered',
	'rejected',
	'notAccepted',
	'notDelivered',
	'infected',
	'notCertified',
]);

interface Verdict {
	readonly state: RecipientState;
	/** What proves it; empty when no receipt does. */
	readonly proofs: readonly ReceiptEvidence[];
	readonly error?: RecipientOutcome['error'];
}

function failureState(receipt: ReceiptEvidence): RecipientState | undefined {
	const virus = receipt.error?.reason === 'virus';
	switch (receipt.type) {
		case 'nonAcceptance':
			return virus ? 'infected' : 'notAccepted';
		case 'nonDelivery':
			return virus ? 'infected' : 'notDelivered';
		case 'virusDetected':
			return 'infected';
		case 'deliveryDelay':
			return receipt.final ? 'notDelivered' : 'delayed';
		default:
			return undefined;
	}
}

/** Strongest first: pec-format "Precedence of what is known of a recipient". */
const FAILURE_PRECEDENCE = ['notDelivered', 'infected', 'notAccepted'] as const;

function byReceipts(receipts: readonly ReceiptEvidence[], recipient: string): Verdict | undefined {
	if (receipts.length === 0) return undefined;
	const ofType = (type: ReceiptType) => receipts.filter((receipt) => receipt.type === type);
	const deliveries = ofType('delivery');
	if (deliveries.length > 0) return { state: 'delivered', proofs: deliveries };
	const inState = (state: RecipientState): Verdict | undefined => {
		const proofs = receipts.filter((receipt) => failureState(receipt) === state);
		const latest = proofs.at(-1);
		return latest && { state, proofs, error: failureOf(latest) };
	};
	for (const state of FAILURE_PRECEDENCE) {
		const verdict = inState(state);
		if (verdict) return verdict;
	}
	const acceptances = ofType('acceptance');
	const external = acceptances.filter((receipt) =>
		receipt.recipients.some(
			({ address, type }) => type === 'external' && address.toLowerCase() === recipient,
		),
	);
	if (external.length > 0) return { state: 'notCertified', proofs: external, error: NOT_CERTIFIED };
	const delayed = inState('delayed');
	if (delayed) return delayed;
	return acceptances.length > 0 ? { state: 'accepted', proofs: acceptances } : undefined;
}

function bySubmission(submission: RecordedSubmission): Verdict {
	switch (submission.verdict) {
		case 'rejected':
			return { state: 'rejected', proofs: [], error: REJECTED };
		case 'submitted':
			return { state: 'submitted', proofs: [] };
		case 'unclear':
			return { state: 'inDoubt', proofs: [], error: UNCLEAR };
		case 'deferred':
			return { state: 'queued', proofs: [], error: DEFERRED };
		case 'none':
			return { state: 'queued', proofs: [] };
	}
}

/** Whether the message was taken for others, but not for this recipient. */
function refuses(submission: RecordedSubmission, recipient: string): boolean {
	if (submission.verdict !== 'submitted') return false;
	return submission.result.refused?.includes(recipient.toLowerCase()) ?? false;
}

/** Whether nothing that names the message proves it. */
function isMatched(proofs: readonly ReceiptEvidence[]): boolean {
	return proofs.length > 0 && proofs.every(({ matchedBy }) => matchedBy !== undefined);
}

function firstAt(receipts: readonly ReceiptEvidence[], type: ReceiptType): string | undefined {
	return receipts.find((receipt) => receipt.type === type && receipt.at !== undefined)?.at;
}

/**
 * What is known of one recipient of one sending. The order and number of the receipts do not matter. A receipt that
 * contradicts itself (not `consistent`) is listed, but proves nothing.
 * @param args.receipts any receipts: those about other messages or recipients are passed over
 * @param args.record what the mailbox's records hold of this row and attempt
 */
export function outcomeOf(args: {
	row: Row;
	mailing?: string;
	messageId: string;
	record?: RowRecord;
	receipts: readonly ReceiptEvidence[];
	now: Date;
}): RecipientOutcome {
	const { row, messageId } = args;
	const submission = readSubmission(args.record);
	const isRefused = refuses(submission, row.recipient);
	const receipts = inOrder(
		args.receipts.filter(
			(receipt) =>
				concerns(receipt, messageId, row.recipient) &&
				// The others' acceptance, in which this one is not.
				!(isRefused && receipt.type === 'acceptance'),
		),
	);
	const proving = receipts.filter((receipt) => receipt.consistent);
	const { state, proofs, error } =
		byReceipts(proving, row.recipient) ??
		(isRefused ? { state: 'rejected', proofs: [], error: undefined } : bySubmission(submission));
	const refused = submission.verdict === 'submitted' ? submission.result.message : undefined;
	const result = submission.verdict === 'none' ? undefined : submission.result;
	const times = {
		submittedAt:
			submission.verdict === 'submitted' && !isRefused ? submission.result.at : undefined,
		acceptedAt: firstAt(proving, 'acceptance'),
		deliveredAt: firstAt(proving, 'delivery'),
	};
	const begunAt = args.record?.intents.at(-1);
	const overdue = deadlinesOf(state, { ...times, begunAt }).findLast(
		({ at }) => at <= args.now.getTime(),
	);
	// In the order of n8n's table, which shows few columns: whose it is, what became of it, why.
	return presentFields({
		recipient: row.recipient,
		rowKey: row.rowKey || undefined,
		state,
		error: error ?? (refused === undefined ? undefined : partlyRefused(refused)),
		mailing: args.mailing,
		subject: args.record?.subject,
		attempt: row.attempt,
		messageId,
		retryOf: attemptBefore(messageId),
		final: FINAL.has(state),
		verified: proofs.some((receipt) => receipt.verified),
		begunAt: state === 'inDoubt' ? begunAt : undefined,
		...times,
		smtp: result?.smtp,
		overdue: overdue?.stage,
		matchedBy: isMatched(proofs) ? ('certification' as const) : undefined,
		receipts: distinctReceipts(receipts).map(listedReceipt),
	});
}
