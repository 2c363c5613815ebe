import type { ImapSession } from '../mail/types';
import { subjectOf } from '../pec/evidence';
import { messageIdIn } from '../pec/header';
import { failuresIn, threadStateOf, closedSendings, type ThreadState } from '../pec/thread';
import type { Acknowledgement, ReceiptEvidence } from '../pec/types';
import { receiptsOf } from './evidence';
import type { Records } from './records';

export interface Closing {
	readonly messageId: string;
	/** Absent: all recipients. */
	readonly recipient?: string;
	readonly note: string;
	/** Also what is still awaited. */
	readonly closesAwaited: boolean;
}

/**
 * What came of it. closed: recorded now. wasClosed: an earlier record says all of it. nothing: there is no failure to close; `state`
 * is how the sending stands.
 */
export type ClosingOutcome =
	| {
			readonly result: 'closed' | 'wasClosed';
			readonly acknowledgement: Acknowledgement;
			/** The notices that it closes. */
			readonly failures: readonly ReceiptEvidence[];
			/** Afterwards. */
			readonly state: ThreadState;
	  }
	| { readonly result: 'nothing'; readonly state: ThreadState | 'unknown' };

/**
 * Records that a person looked at a sending that did not end well: Clean Up keeps it no more for that. Only the notices that are known
 * now are closed.
 * @throws MailError
 */
export async function acknowledge(
	imap: ImapSession,
	closing: Closing,
	{ account, records, now }: { account: string; records: Records; now: Date },
): Promise<ClosingOutcome> {
	const messageId = messageIdIn(closing.messageId) ?? closing.messageId;
	const recipient = closing.recipient?.toLowerCase();
	const receipts = await receiptsOf(imap, [messageId], { account });
	const known = (await records.cleanUps.readAcknowledgements()).filter(
		(each) => each.messageId === messageId,
	);
	const stateWith = (more: readonly Acknowledgement[]) =>
		threadStateOf(receipts, closedSendings([...known, ...more]).get(messageId));
	const failures = failuresIn(receipts).filter(
		(failure) => recipient === undefined || (subjectOf(failure) ?? recipient) === recipient,
	);
	const isNew = failures.some(
		({ pecKey }) => !known.some((each) => each.failures.includes(pecKey)),
	);
	const isAwaitedClosed = known.some(
		(each) => each.closesAwaited && (each.recipient ?? recipient) === recipient,
	);
	const closesMore = closing.closesAwaited && !isAwaitedClosed && stateWith([]) !== 'complete';
	if (!isNew && !closesMore) {
		const earlier = known.findLast((each) => (each.recipient ?? recipient) === recipient);
		if (!earlier) {
			return { result: 'nothing', state: receipts.length === 0 ? 'unknown' : stateWith([]) };
		}
		return { result: 'wasClosed', acknowledgement: earlier, failures, state: stateWith([]) };
	}
	const acknowledgement: Acknowledgement = {
		messageId,
		...(recipient === undefined ? {} : { recipient }),
		note: closing.note,
		at: now.toISOString(),
		failures: failures.map(({ pecKey }) => pecKey),
		closesAwaited: closing.closesAwaited,
	};
	await records.cleanUps.writeAcknowledgement(acknowledgement);
	return { result: 'closed', acknowledgement, failures, state: stateWith([acknowledgement]) };
}
