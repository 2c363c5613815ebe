import type {
	MessageKind,
	PecHeaders,
	PecRecipient,
	ReceiptContent,
	ReceiptType,
} from './messageTypes';
import type { CopyRecord, MatchedBy, ReceiptEvidence, RowRecord } from './sendingTypes';
import type { ThreadState } from './thread';

/** Where a message lies in the mailbox. */
export interface PartPlace {
	readonly folder: string;
	readonly uid: number;
	readonly uidValidity: string;
	/** Bytes. */
	readonly size: number;
	/** ISO 8601. */
	readonly receivedAt: string;
}

/** `sent`: the message as its sender wrote it. `received`: the envelope in which one came. Others: receipts about a sending. */
export type PartRole = 'sent' | 'received' | ReceiptType;

/** One message of a thread. It lies in the mailbox (`place`), or has left it (`copy` alone). */
export interface ThreadPart {
	readonly role: PartRole;
	readonly pecKey: string;
	readonly kind: MessageKind;
	readonly messageId?: string;
	/** Certified, else when it came; ISO 8601. */
	readonly at?: string;
	/** Of a receipt about one recipient. */
	readonly recipient?: string;
	/** Of a delivery receipt. */
	readonly content?: ReceiptContent;
	/** Of a sent copy without its attachments: it is not the message. */
	readonly partialCopy?: true;
	/** Bytes. */
	readonly size: number;
	/** Header and certification data tell the same story: a receipt that contradicts itself proves nothing. */
	readonly consistent: boolean;
	/** Of a receipt that names no message. */
	readonly matchedBy?: MatchedBy;
	readonly place?: PartPlace;
	readonly copy?: Pick<CopyRecord, 'location' | 'level' | 'sha256' | 'checkedAt'>;
	/** Of what lies in the mailbox. */
	readonly headers?: PecHeaders;
}

/**
 * acceptance: neither an acceptance nor a refusal came. outcome: neither a delivery nor a final failure of this recipient.
 * sentMessage: the receipts do not hold the message, and the whole of it is not in the mailbox either.
 */
export type MissingPart =
	| { readonly part: 'acceptance' }
	| { readonly part: 'outcome'; readonly recipient: string }
	| { readonly part: 'sentMessage' };

/** A sending or a received message with all that belongs to it. */
export interface Thread {
	readonly direction: 'sent' | 'received';
	/** Of the sending; of a received message its author's own, where the provider tells it. */
	readonly messageId?: string;
	readonly mailing?: string;
	readonly rowKey?: string;
	/** Of a single message that was sent with one. */
	readonly sendKey?: string;
	readonly subject?: string;
	readonly sender?: string;
	readonly recipients: readonly PecRecipient[];
	/** The first certified time, else when the first part came; ISO 8601. */
	readonly at?: string;
	/** Of a sending. */
	readonly state?: ThreadState;
	/** Nothing is missing; also of a sending that failed for good. */
	readonly complete: boolean;
	readonly missing: readonly MissingPart[];
	/** The message first, then in the order of time. */
	readonly parts: readonly ThreadPart[];
	/** What the state of a sending rests on; like `record` never put out. */
	readonly receipts: readonly ReceiptEvidence[];
	/** Of a sending that records tell of. */
	readonly record?: RowRecord;
}
