import { isDeepStrictEqual } from 'node:util';
import { presentFields } from './presentFields';
import { groupedBy } from './groups';
import { messageIdIn } from './header';
import type {
	OutcomeReceipt,
	PecHeaders,
	ReceiptEvidence,
	ReceiptType,
	UnnamedReceipt,
} from './types';

/** Types that speak of one recipient (RFC 6109 3.1.6, 3.2.4, 3.3.2, 3.3.3); the others speak of the whole message. */
const ABOUT_ONE_RECIPIENT: ReadonlySet<ReceiptType> = new Set<ReceiptType>([
	'delivery',
	'nonDelivery',
	'deliveryDelay',
	'virusDetected',
]);

interface Place {
	/** As `pecKeyOf` gives it. */
	readonly pecKey: string;
	readonly folder?: string;
	readonly uid?: number;
}

/**
 * What a receipt proves, and where it lies. `undefined` when the message is no receipt, or refers to no original.
 * @param place where the message was read
 * @param told which message it is about, where it names none itself
 */
export function evidenceOf(
	headers: PecHeaders,
	place: Place,
	told?: Pick<ReceiptEvidence, 'originalMessageId' | 'matchedBy'>,
): ReceiptEvidence | undefined {
	const facts = factsOf(headers, place);
	const named = headers.receipt?.originalMessageId;
	const about = named
		? { originalMessageId: named }
		: told && { originalMessageId: told.originalMessageId, matchedBy: told.matchedBy };
	return facts && about && detached(presentFields({ ...facts, ...about }));
}

/** A text that was cut out of a header or a document keeps all of it in memory, as long as it lives itself. */
function detached<T>(value: T): T {
	return JSON.parse(JSON.stringify(value)) as T;
}

/** The same of a receipt that names no message; `undefined` for any other. */
export function unnamedReceiptOf(headers: PecHeaders, place: Place): UnnamedReceipt | undefined {
	const facts = factsOf(headers, place);
	if (!facts || headers.receipt?.originalMessageId) return undefined;
	const { sender, subject } = headers.certification ?? {};
	return detached(presentFields({ ...facts, sender, subject }));
}

function factsOf(headers: PecHeaders, { pecKey, folder, uid }: Place) {
	const { receipt, certification, consistent, verified } = headers;
	if (headers.kind !== 'receipt' || !receipt) return undefined;
	return {
		type: receipt.type,
		deliveredTo: receipt.deliveredTo,
		recipients: receipt.recipients,
		error: receipt.error,
		final: receipt.final,
		consistent,
		verified,
		at: certification?.at,
		providerId: certification?.providerId,
		messageId: headers.envelope.messageId,
		pecKey,
		folder,
		uid,
	};
}

/**
 * The same receipt as it was read twice: the latest place counts, and what either reading found wrong with it. Of what both
 * say the first reading's texts are kept: thousands of receipts are read twice, and the second texts need not grow old.
 */
export function mergedEvidence(known: ReceiptEvidence, again: ReceiptEvidence): ReceiptEvidence {
	const consistent = known.consistent && again.consistent;
	const verified = consistent && (known.verified || again.verified);
	const news = Object.entries(again).filter(
		([name, value]) => !isDeepStrictEqual(value, known[name as keyof ReceiptEvidence]),
	);
	return { ...known, ...Object.fromEntries(news), consistent, verified };
}

/**
 * The one recipient a receipt speaks of; `undefined` when it speaks of all, or does not say of which of several.
 * A single recipient needs no naming: delay notices carry no `consegna` (daticert.dtd).
 */
export function subjectOf(receipt: ReceiptEvidence): string | undefined {
	if (!ABOUT_ONE_RECIPIENT.has(receipt.type)) return undefined;
	if (receipt.deliveredTo) return receipt.deliveredTo.toLowerCase();
	return receipt.recipients.length === 1 ? receipt.recipients[0]?.address : undefined;
}

/** Whether a receipt is about one recipient of a message. One that names nobody counts where nobody else can be meant. */
export function concerns(receipt: ReceiptEvidence, messageId: string, recipient: string): boolean {
	if (messageIdIn(receipt.originalMessageId) !== messageIdIn(messageId)) return false;
	if (!ABOUT_ONE_RECIPIENT.has(receipt.type)) return true;
	const subject = subjectOf(receipt);
	return subject === undefined ? receipt.recipients.length === 0 : subject === recipient;
}

/** Best first: what is consistent, verified and still in the mailbox; then any order, as long as it is always the same. */
function preferenceOf(receipt: ReceiptEvidence): string {
	const flags = [!receipt.consistent, !receipt.verified, receipt.folder === undefined];
	return flags.map(Number).join('') + JSON.stringify(receipt);
}

function compare(left: string, right: string): number {
	return left < right ? -1 : left > right ? 1 : 0;
}

/** Oldest first, in an order that does not depend on the one given. */
export function inOrder(receipts: readonly ReceiptEvidence[]): ReceiptEvidence[] {
	return receipts
		.map((receipt) => ({ receipt, key: (receipt.at ?? '') + preferenceOf(receipt) }))
		.sort((left, right) => compare(left.key, right.key))
		.map(({ receipt }) => receipt);
}

/** What a provider repeats when it sends a receipt twice. The notices of 12 and 24 hours differ in finality alone. */
function identityOf(receipt: ReceiptEvidence): string {
	const { type, deliveredTo, at, final } = receipt;
	return JSON.stringify([type, receipt.providerId ?? receipt.pecKey, deliveredTo, at, final]);
}

/** Each receipt once, with all its places, in the order given. For showing: what is proved is told by all. */
export function distinctReceipts(receipts: readonly ReceiptEvidence[]): ReceiptEvidence[] {
	return [...groupedBy(receipts, identityOf).values()].map((group) => {
		const ranked = group
			.map((receipt) => ({ receipt, preference: preferenceOf(receipt) }))
			.sort((left, right) => compare(left.preference, right.preference))
			.map(({ receipt }) => receipt) as [ReceiptEvidence, ...ReceiptEvidence[]];
		const location = ranked.find((receipt) => receipt.location !== undefined)?.location;
		return presentFields({ ...ranked[0], location });
	});
}

/** A receipt as an outcome lists it. */
export function listedReceipt(receipt: ReceiptEvidence): OutcomeReceipt {
	const { type, at, providerId, folder, uid, location, verified, matchedBy } = receipt;
	return presentFields({ type, at, providerId, folder, uid, location, verified, matchedBy });
}
