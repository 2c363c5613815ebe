import { evidenceOf } from './evidence';
import { groupedBy } from './groups';
import { presentFields } from './presentFields';
import { threadStateOf } from './thread';
import type {
	CopyRecord,
	MessageKind,
	PurgeBlocker,
	PurgeCandidate,
	PurgeVerdict,
	ReceiptEvidence,
} from './types';

/** What a user asks of a clean-up. */
export interface PurgeRequest {
	readonly candidates: readonly PurgeCandidate[];
	/** By pecKey: also of messages that left the mailbox, whose receipts still count as evidence. */
	readonly copies: ReadonlyMap<string, CopyRecord>;
	/** What was received later stays. */
	readonly olderThan: Date;
	/** Only these kinds are planned for; the others count as evidence all the same. Absent: all. */
	readonly kinds?: readonly MessageKind[];
	/** Received messages that nobody opened stay. */
	readonly keepUnread: boolean;
}

/** Received from somebody, so that an unread one was perhaps never seen. */
const RECEIVED: ReadonlySet<MessageKind> = new Set<MessageKind>([
	'transportEnvelope',
	'anomalyEnvelope',
]);

const PEC: ReadonlySet<MessageKind> = new Set<MessageKind>([
	'transportEnvelope',
	'anomalyEnvelope',
	'receipt',
]);

function isMarked(candidate: PurgeCandidate, flag: string): boolean {
	return candidate.flags.some((set) => set.toLowerCase() === flag);
}

/** All receipts known of each sending, by its Message-ID: those in the mailbox and those of which a copy stands. */
function threadsOf(request: PurgeRequest): Map<string, ReceiptEvidence[]> {
	const known = [
		...request.candidates.map(({ headers, pecKey }) => evidenceOf(headers, { pecKey })),
		...[...request.copies.values()].map(({ receipt }) => receipt),
	].filter((receipt) => receipt !== undefined);
	return groupedBy(known, ({ originalMessageId }) => originalMessageId);
}

function blockersOf(
	candidate: PurgeCandidate,
	request: PurgeRequest,
	threads: ReadonlyMap<string, readonly ReceiptEvidence[]>,
): PurgeBlocker[] {
	const { kind, receipt, envelope } = candidate.headers;
	const copy = request.copies.get(candidate.pecKey);
	const sending = receipt ? receipt.originalMessageId : envelope.messageId;
	const thread = sending === undefined ? undefined : threads.get(sending);
	const isSentCopy = kind === 'ordinary' && thread !== undefined;
	const belongsToSending = kind === 'receipt' || isSentCopy;
	const blocked: Readonly<Record<PurgeBlocker, boolean>> = {
		unreadable: kind === 'unreadable',
		notPec: kind !== 'unreadable' && !PEC.has(kind) && !isSentCopy,
		noCopy: copy === undefined,
		sizeDiffers: copy !== undefined && copy.size !== candidate.size,
		threadIncomplete: belongsToSending && threadStateOf(thread ?? []) !== 'complete',
		// A date that is none must not read as old.
		tooRecent: !(Date.parse(candidate.receivedAt) <= request.olderThan.getTime()),
		unread: request.keepUnread && RECEIVED.has(kind) && !isMarked(candidate, '\\seen'),
		flagged: isMarked(candidate, '\\flagged'),
	};
	return (Object.keys(blocked) as PurgeBlocker[]).filter((blocker) => blocked[blocker]);
}

/**
 * What a clean-up would delete, and why it keeps the rest. Deletes only what has a checked copy of the same size, and
 * no receipt or sent copy of a sending that is not wholly delivered. Carries nothing out.
 */
export function planPurge(request: PurgeRequest): PurgeVerdict[] {
	const threads = threadsOf(request);
	const wanted = request.kinds && new Set(request.kinds);
	return request.candidates
		.filter(({ headers }) => !wanted || wanted.has(headers.kind))
		.map((candidate) => {
			const { pecKey, folder, uid, uidValidity, size } = candidate;
			const copyRecord = request.copies.get(pecKey);
			const blockedBy = blockersOf(candidate, request, threads);
			return presentFields<PurgeVerdict>({
				message: { pecKey, folder, uid, uidValidity, size },
				verdict: blockedBy.length === 0 ? 'delete' : 'keep',
				blockedBy,
				copy: copyRecord?.level ?? 'none',
				copyRecord,
			});
		});
}
