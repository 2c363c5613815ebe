import type { OperationTools, Operation } from '../../n8n/operations';
import type { ReceiptEvidence, ReceiptType } from '../../pec/types';
import type { RetryReason } from '../../pec/planModes';
import { UserError } from '../../n8n/errors';
import { mergedEvidence } from '../../pec/evidence';
import { overRows } from './overRows';
import { ReceiptVerifier } from '../../account/receiptVerifier';
import { outputsOf, sendLetters } from './sendLetters';

/** As the field Reasons offers them. A virus is none: the same files would carry it again. */
const REASONS: ReadonlySet<RetryReason> = new Set<RetryReason>([
	'addressUnknown',
	'mailboxFull',
	'mailboxDisabled',
	'domainUnknown',
	'timeout24h',
	'refused',
	'rejected',
	'other',
]);

/** What tells that a message was not delivered. */
const FAILURES: ReadonlySet<ReceiptType> = new Set<ReceiptType>([
	'nonAcceptance',
	'nonDelivery',
	'deliveryDelay',
	'virusDetected',
]);

/** A further attempt of the rows that ended without delivery for one of the chosen reasons; nothing else is sent. */
export const mailingRetryFailed: Operation = overRows(
	(first) => readReasons(first.list('reasons')),
	async function* (letters, tools, reasons) {
		const receipts = async () => await failuresVerified(await letters.receipts(), tools);
		const mode = { kind: 'retryFailed', reasons } as const;
		const further = { ...letters, receipts, mode };
		yield* outputsOf(sendLetters(further, tools));
	},
);

function readReasons(values: readonly string[]): ReadonlySet<RetryReason> {
	const chosen = values.map((value) => {
		if (isReason(value)) return value;
		throw new UserError(
			'Reasons holds a value that is none',
			'Choose the reasons from the list, or use the values that outcomes have in error.reason.',
		);
	});
	if (chosen.length > 0) return new Set(chosen);
	throw new UserError('Reasons is empty', 'Choose for which failures to send once more.');
}

function isReason(value: string): value is RetryReason {
	return REASONS.has(value as RetryReason);
}

/** Nobody sends twice on the word of a failure notice that its provider did not sign so. */
async function failuresVerified(
	receipts: readonly ReceiptEvidence[],
	tools: OperationTools,
): Promise<ReceiptEvidence[]> {
	const known = new Map(receipts.map((receipt) => [receipt.pecKey, receipt]));
	const { trust, now, signal } = tools;
	// A failure notice may hold the original.
	const verifier = new ReceiptVerifier({ trust, now, large: true });
	await verifier.verify(
		await tools.account.imap(),
		receipts.filter(({ type }) => FAILURES.has(type)),
		(receipt) => {
			const before = known.get(receipt.pecKey);
			known.set(receipt.pecKey, before ? mergedEvidence(before, receipt) : receipt);
		},
		signal,
	);
	return [...known.values()];
}
