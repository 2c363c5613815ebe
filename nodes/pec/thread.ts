import { subjectOf } from './evidence';
import type { ReceiptEvidence, ReceiptType } from './types';

/** Bad news a person must have seen; a delivery does not undo them, as it undoes a delay. */
const FAILURES: ReadonlySet<ReceiptType> = new Set<ReceiptType>([
	'nonAcceptance',
	'nonDelivery',
	'virusDetected',
]);

/**
 * How a sending stands by all receipts of its Message-ID.
 * complete: accepted, and delivered to every recipient who can have a delivery receipt. failed: some bad news stands.
 * pending: more may come, or what there is contradicts itself.
 */
export type ThreadState = 'complete' | 'failed' | 'pending';

/** The state of one sending; `receipts` are all of that Message-ID, in any order, repeated or not. */
export function threadStateOf(receipts: readonly ReceiptEvidence[]): ThreadState {
	if (receipts.some(({ type }) => FAILURES.has(type))) return 'failed';
	const ofType = (type: ReceiptType) => receipts.filter((receipt) => receipt.type === type);
	const delivered = new Set(
		ofType('delivery')
			.filter(({ consistent }) => consistent)
			.map(subjectOf),
	);
	const awaited = new Set(
		ofType('acceptance')
			.filter(({ consistent }) => consistent)
			.flatMap(({ recipients }) => recipients)
			// RFC 6109 3.3.2: no delivery receipt comes from outside PEC.
			.filter(({ type }) => type !== 'external')
			.map(({ address }) => address.toLowerCase()),
	);
	const all = [...awaited].every((address) => delivered.has(address));
	const undelivered = ofType('deliveryDelay').filter((delay) => {
		const recipient = subjectOf(delay);
		return recipient === undefined ? !all : !delivered.has(recipient);
	});
	if (undelivered.some(({ final }) => final)) return 'failed';
	const accepted = receipts.some(
		({ type, consistent, recipients }) =>
			type === 'acceptance' && consistent && recipients.length > 0,
	);
	const sound = receipts.every(({ type, consistent }) => consistent && type !== 'unknown');
	return accepted && sound && all && undelivered.length === 0 ? 'complete' : 'pending';
}
