import { subjectOf } from './evidence';
import { messageIdIn } from './header';
import type { Thread } from './threadTypes';
import type { Acknowledgement, ReceiptEvidence, ReceiptType } from './types';

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

/** What a person closed of one sending. */
export interface Closed {
	/** Failure notices, by pecKey. */
	readonly failures: ReadonlySet<string>;
	/** Recipients from whom nothing is awaited any more; `all`: nothing at all is. */
	readonly recipients: ReadonlySet<string> | 'all';
}

const NOTHING: Closed = { failures: new Set(), recipients: new Set() };

/** By the Message-ID of the sending. */
export function closedSendings(
	acknowledgements: readonly Acknowledgement[],
): ReadonlyMap<string, Closed> {
	const closed = new Map<string, Closed>();
	for (const { messageId, recipient, failures, closesAwaited } of acknowledgements) {
		const id = messageIdIn(messageId) ?? messageId;
		const known = closed.get(id) ?? NOTHING;
		const closesAll = closesAwaited && recipient === undefined;
		const more = closesAwaited && recipient !== undefined ? [recipient.toLowerCase()] : [];
		closed.set(id, {
			failures: new Set([...known.failures, ...failures]),
			recipients:
				closesAll || known.recipients === 'all' ? 'all' : new Set([...known.recipients, ...more]),
		});
	}
	return closed;
}

/** The bad news among the receipts of one sending, closed by a person or not. */
export function failuresIn(receipts: readonly ReceiptEvidence[]): ReceiptEvidence[] {
	const isLate = new Set(undeliveredDelays(receipts, new Set()).filter(({ final }) => final));
	return receipts.filter((receipt) => FAILURES.has(receipt.type) || isLate.has(receipt));
}

/**
 * The state of one sending; `receipts` are all of that Message-ID, in any order, repeated or not.
 * @param closed by a person: a failure that is, is the end of its recipient
 */
export function threadStateOf(
	receipts: readonly ReceiptEvidence[],
	closed: Closed = NOTHING,
): ThreadState {
	const failures = failuresIn(receipts);
	if (failures.some(({ pecKey }) => !closed.failures.has(pecKey))) return 'failed';
	if (closed.recipients === 'all' || failures.some(isAboutAll)) return 'complete';
	const ended = new Set([
		...closed.recipients,
		...failures.flatMap((each) => subjectOf(each) ?? []),
	]);
	const awaited = [...awaitedIn(receipts)].filter((address) => !ended.has(address));
	const accepted = receipts.some(
		({ type, consistent, recipients }) =>
			type === 'acceptance' && consistent && recipients.length > 0,
	);
	const sound = receipts.every(({ type, consistent }) => consistent && type !== 'unknown');
	const delays = undeliveredDelays(receipts, ended).filter(
		({ pecKey }) => !closed.failures.has(pecKey),
	);
	return accepted && sound && awaited.length === 0 && delays.length === 0 ? 'complete' : 'pending';
}

/** Nothing of the message went to anybody (RFC 6109 3.1.4, 3.2.4). */
function isAboutAll(failure: ReceiptEvidence): boolean {
	if (failure.type === 'nonAcceptance') return true;
	return failure.type === 'virusDetected' && subjectOf(failure) === undefined;
}

function deliveredIn(receipts: readonly ReceiptEvidence[]): Set<string | undefined> {
	return new Set(
		receipts.filter(({ type, consistent }) => type === 'delivery' && consistent).map(subjectOf),
	);
}

/** Recipients whose delivery receipt has not come. */
function awaitedIn(receipts: readonly ReceiptEvidence[]): Set<string> {
	const delivered = deliveredIn(receipts);
	return new Set(
		receipts
			.filter(({ type, consistent }) => type === 'acceptance' && consistent)
			.flatMap(({ recipients }) => recipients)
			// RFC 6109 3.3.2: no delivery receipt comes from outside PEC.
			.filter(({ type }) => type !== 'external')
			.map(({ address }) => address.toLowerCase())
			.filter((address) => !delivered.has(address)),
	);
}

function undeliveredDelays(
	receipts: readonly ReceiptEvidence[],
	ended: ReadonlySet<string>,
): ReceiptEvidence[] {
	const delivered = deliveredIn(receipts);
	const awaited = [...awaitedIn(receipts)].filter((address) => !ended.has(address));
	return receipts.filter((receipt) => {
		if (receipt.type !== 'deliveryDelay') return false;
		const recipient = subjectOf(receipt);
		if (recipient === undefined) return awaited.length > 0;
		return !delivered.has(recipient) && !ended.has(recipient);
	});
}

/** A thread without its messages, as it is put out. */
export function threadFacts(thread: Thread): object {
	const { parts: _parts, receipts: _receipts, record: _record, ...facts } = thread;
	return facts;
}
