import { evidenceOf } from './evidence';
import { addTo } from './groups';
import { presentFields } from './presentFields';
import { rowOfMessageId } from './rowId';
import { runningMailings } from './runningMailings';
import { isExchangeTraffic } from './sdi';
import { closedSendings, failuresIn, threadStateOf, type Closed } from './thread';
import type {
	Acknowledgement,
	CopyRecord,
	CopyRequired,
	MessageKind,
	PurgeBlocker,
	PurgeCandidate,
	PurgeVerdict,
	ReceiptEvidence,
	ReceiptType,
	RowRecord,
} from './types';

/** What a user asks of a clean-up. */
export interface PurgeCriteria {
	/** Only what lies there is planned for; everything else counts as evidence all the same. Absent: all. */
	readonly folders?: readonly string[];
	readonly kinds?: readonly MessageKind[];
	/** Of receipts, these alone. */
	readonly receiptTypes?: readonly ReceiptType[];
	/** What lies there stays. */
	readonly exceptedFolders?: readonly string[];
	/** What was received later stays. */
	readonly olderThan: Date;
	/** `checked` unless given. */
	readonly copyRequired?: CopyRequired;
	/** Received messages that nobody opened stay. */
	readonly keepUnread: boolean;
	/** What is known to have no sound seal stays; true unless given. */
	readonly keepUnverified?: boolean;
	/** Traffic of the invoice exchange stays (true unless given), or is all that is planned for. */
	readonly sdi?: 'keep' | 'include' | 'only';
}

export interface PurgeRequest extends PurgeCriteria {
	readonly candidates: readonly PurgeCandidate[];
	/** By pecKey: also of messages that left the mailbox, whose receipts still count as evidence. */
	readonly copies: ReadonlyMap<string, CopyRecord>;
	/** What the mailbox's records hold of all sendings. */
	readonly records?: readonly RowRecord[];
	readonly acknowledgements?: readonly Acknowledgement[];
	/** Whether a folder is one of our own. */
	readonly isProtected?: (folder: string) => boolean;
}

/** Received from somebody, so that an unread one was perhaps never seen. */
const RECEIVED: ReadonlySet<MessageKind> = new Set<MessageKind>([
	'transportEnvelope',
	'anomalyEnvelope',
]);

/** What a provider makes and seals. */
const PEC: ReadonlySet<MessageKind> = new Set<MessageKind>([
	'transportEnvelope',
	'anomalyEnvelope',
	'receipt',
]);

function isMarked(candidate: PurgeCandidate, flag: string): boolean {
	return candidate.flags.some((set) => set.toLowerCase() === flag);
}

/** Whether a receipt's copy, or the copy itself, tells that the seal does not hold, or tells nothing. */
function isUnverified({ headers }: PurgeCandidate, copy: CopyRecord | undefined): boolean {
	if (!PEC.has(headers.kind) || headers.verified || copy === undefined) return false;
	return !(copy.verified ?? copy.receipt?.verified ?? false);
}

/**
 * Says of each message whether a clean-up would delete it, and why it keeps the rest. Deletes only what has a copy as required,
 * and no receipt or sent copy of a sending that is not at its end. Carries nothing out.
 */
export class PurgePlanner {
	readonly #request: PurgeRequest;
	readonly #threads = new Map<string, ReceiptEvidence[]>();
	readonly #closed: ReadonlyMap<string, Closed>;
	readonly #sent: ReadonlySet<string>;
	readonly #running: ReadonlySet<string>;

	constructor(request: PurgeRequest) {
		const { candidates, copies, records = [], acknowledgements = [] } = request;
		this.#request = request;
		for (const { headers, pecKey } of candidates) this.#add(evidenceOf(headers, { pecKey }));
		for (const { receipt } of copies.values()) this.#add(receipt);
		this.#closed = closedSendings(acknowledgements);
		this.#sent = new Set(records.map(({ messageId }) => messageId));
		this.#running = runningMailings(records, this.#threads, this.#closed);
	}

	/** In the order of the candidates; of those that the criteria name. */
	verdicts(): PurgeVerdict[] {
		return this.#request.candidates
			.filter((candidate) => this.#isWanted(candidate))
			.map((candidate) => this.verdictOf(candidate));
	}

	/** @param copy when it is not the one among the request's copies */
	verdictOf(
		candidate: PurgeCandidate,
		copy: CopyRecord | undefined = this.#request.copies.get(candidate.pecKey),
	): PurgeVerdict {
		const { pecKey, folder, uid, uidValidity, size, receivedAt } = candidate;
		const blockedBy = this.#blockersOf(candidate, copy);
		return presentFields<PurgeVerdict>({
			message: { pecKey, folder, uid, uidValidity, size, receivedAt },
			verdict: blockedBy.length === 0 ? 'delete' : 'keep',
			blockedBy,
			copy: copy?.level ?? 'none',
			copyRecord: copy,
			sending: this.#sendingOf(candidate),
			seen: isMarked(candidate, '\\seen'),
		});
	}

	#add(receipt: ReceiptEvidence | undefined): void {
		if (receipt) addTo(this.#threads, receipt.originalMessageId, receipt);
	}

	#isWanted({ folder, headers }: PurgeCandidate): boolean {
		const { folders, kinds, receiptTypes, sdi = 'keep' } = this.#request;
		if (folders && !folders.includes(folder)) return false;
		if (kinds && !kinds.includes(headers.kind)) return false;
		if (receiptTypes && headers.receipt && !receiptTypes.includes(headers.receipt.type)) {
			return false;
		}
		return sdi !== 'only' || isExchangeTraffic(headers);
	}

	/** The sending whose receipt, or whose own copy, it is. */
	#sendingOf({ headers: { kind, receipt, envelope } }: PurgeCandidate): string | undefined {
		if (kind === 'receipt') return receipt?.originalMessageId;
		const { messageId } = envelope;
		if (kind !== 'ordinary' || messageId === undefined) return undefined;
		return this.#threads.has(messageId) || this.#sent.has(messageId) ? messageId : undefined;
	}

	#blockersOf(candidate: PurgeCandidate, copy: CopyRecord | undefined): PurgeBlocker[] {
		const request = this.#request;
		const { copyRequired = 'checked', exceptedFolders = [] } = request;
		const { kind } = candidate.headers;
		const sending = this.#sendingOf(candidate);
		const tag = sending === undefined ? undefined : rowOfMessageId(sending)?.mailingTag;
		const blocked: Readonly<Record<PurgeBlocker, boolean>> = {
			protected: request.isProtected?.(candidate.folder) ?? false,
			exceptedFolder: exceptedFolders.includes(candidate.folder),
			unreadable: kind === 'unreadable',
			notPec: kind !== 'unreadable' && !PEC.has(kind) && sending === undefined,
			sdi: (request.sdi ?? 'keep') === 'keep' && isExchangeTraffic(candidate.headers),
			noCopy: copyRequired !== 'none' && copy === undefined,
			sizeDiffers: copyRequired !== 'none' && copy !== undefined && copy.size !== candidate.size,
			notHandedOver: copyRequired === 'handedOver' && copy?.level === 'checked',
			unverified: (request.keepUnverified ?? true) && isUnverified(candidate, copy),
			...this.#threadBlockers(kind, sending),
			runningMailing: tag !== undefined && this.#running.has(tag),
			// A date that is none must not read as old.
			tooRecent: !(Date.parse(candidate.receivedAt) <= request.olderThan.getTime()),
			unread: request.keepUnread && RECEIVED.has(kind) && !isMarked(candidate, '\\seen'),
			flagged: isMarked(candidate, '\\flagged'),
		};
		return (Object.keys(blocked) as PurgeBlocker[]).filter((blocker) => blocked[blocker]);
	}

	#threadBlockers(
		kind: MessageKind,
		sending: string | undefined,
	): Record<'threadIncomplete' | 'failureNotAcknowledged', boolean> {
		if (sending === undefined) {
			return { threadIncomplete: kind === 'receipt', failureNotAcknowledged: false };
		}
		const receipts = this.#threads.get(sending) ?? [];
		const { failures = new Set<string>(), recipients = new Set<string>() } =
			this.#closed.get(sending) ?? {};
		const bad = failuresIn(receipts).map(({ pecKey }) => pecKey);
		return {
			threadIncomplete:
				threadStateOf(receipts, { failures: new Set(bad), recipients }) === 'pending',
			failureNotAcknowledged: bad.some((pecKey) => !failures.has(pecKey)),
		};
	}
}

/** What a clean-up would delete, and why it keeps the rest (`PurgePlanner`). */
export function planPurge(request: PurgeRequest): PurgeVerdict[] {
	return new PurgePlanner(request).verdicts();
}
