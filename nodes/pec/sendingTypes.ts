import type {
	MessageKind,
	PecRecipient,
	ReceiptContent,
	ReceiptError,
	ReceiptType,
} from './messageTypes';

/** The shapes of sendings and copies (docs/OUTPUT.md). */

/** One recipient of one sending: `attempt` counts from 1. */
export interface Row {
	/** Normalised: lower case, no display name. */
	readonly recipient: string;
	/** Empty text when the user gave none. */
	readonly rowKey: string;
	readonly attempt: number;
}

/** A receipt about one of our sendings, wherever it is now: in the mailbox, or only in a checked copy. */
export interface ReceiptEvidence {
	readonly type: ReceiptType;
	readonly originalMessageId: string;
	readonly deliveredTo?: string;
	readonly recipients: readonly PecRecipient[];
	readonly error?: ReceiptError;
	readonly final: boolean;
	readonly consistent: boolean;
	readonly verified: boolean;
	readonly at?: string;
	readonly providerId?: string;
	readonly pecKey: string;
	readonly folder?: string;
	readonly uid?: number;
	/** The receipt's own. */
	readonly messageId?: string;
	/** Where its checked copy is, when it left the mailbox. */
	readonly location?: string;
	readonly matchedBy?: MatchedBy;
}

/**
 * How a receipt was told to be about a message that it does not name: certification is by recipient, subject and time
 * (`certifiedMatch.ts`). Absent where it names the message.
 */
export type MatchedBy = 'certification';

/** A receipt that names no message: neither its header nor its certification data does. */
export interface UnnamedReceipt extends Omit<ReceiptEvidence, 'originalMessageId' | 'matchedBy'> {
	/** Of the message it is about, by the certification data. */
	readonly sender?: string;
	readonly subject?: string;
}

export interface SmtpReply {
	readonly code?: number;
	readonly response: string;
}

/**
 * What the submission of one message came to.
 * submitted: 250 after the final dot. rejected: a 5xx for this message. deferred: provably not accepted, may be
 * tried again. unclear: DATA was entered and no verdict was read.
 */
export type SubmissionVerdict = 'submitted' | 'rejected' | 'deferred' | 'unclear';

export interface Submission {
	readonly verdict: SubmissionVerdict;
	readonly at: string;
	readonly smtp?: SmtpReply;
	readonly message?: string;
	/** Recipients of a message `submitted` to others that the server refused; lower-case. */
	readonly refused?: readonly string[];
}

/** What the mailbox's records hold of one row and attempt, in the order it was written. */
export interface RowRecord {
	readonly row: Row;
	readonly messageId: string;
	/** When each intent was written; an intent without a later result makes the row unclear. */
	readonly intents: readonly string[];
	readonly results: readonly Submission[];
	/** Of the letter; records of earlier versions have none. */
	readonly subject?: string | undefined;
}

export type RecipientState =
	| 'queued'
	| 'submitted'
	| 'accepted'
	| 'delivered'
	| 'rejected'
	| 'inDoubt'
	| 'delayed'
	| 'notAccepted'
	| 'notDelivered'
	| 'infected'
	| 'notCertified';

export type RowAction = 'sent' | 'alreadySent' | 'skipped' | 'deferred' | 'planned';

/** What has not come in time: an acceptance within 30 minutes, an outcome within 12 or 24 hours. */
export type OverdueStage = 'acceptance' | 'delivery12h' | 'delivery24h';

/** One recipient of a sending as PEC Send puts it out. */
export interface RecipientOutcome {
	readonly recipient: string;
	readonly rowKey?: string;
	readonly mailing?: string;
	/** As it was sent; absent of what was never begun. */
	readonly subject?: string;
	readonly attempt: number;
	readonly messageId: string;
	/** The Message-ID of the attempt before; absent for a first attempt. */
	readonly retryOf?: string;
	readonly state: RecipientState;
	readonly final: boolean;
	readonly verified: boolean;
	readonly action?: RowAction;
	readonly retryAt?: string;
	/** Of what is in doubt: when its submission was begun. */
	readonly begunAt?: string;
	readonly submittedAt?: string;
	readonly acceptedAt?: string;
	readonly deliveredAt?: string;
	readonly smtp?: SmtpReply;
	readonly error?: {
		readonly reason: string;
		readonly message: string;
		readonly retry: 'never' | 'later' | 'now';
	};
	readonly overdue?: OverdueStage;
	/** What the state rests on names no message, and was told to be about this one otherwise. */
	readonly matchedBy?: MatchedBy;
	readonly receipts: readonly OutcomeReceipt[];
}

export interface OutcomeReceipt {
	readonly type: ReceiptType;
	readonly at?: string;
	readonly providerId?: string;
	readonly folder?: string;
	readonly uid?: number;
	readonly location?: string;
	readonly verified: boolean;
	readonly matchedBy?: MatchedBy;
}

/** A copy that was read back and compared with the server's bytes. */
export interface CopyRecord {
	readonly pecKey: string;
	readonly sha256: string;
	readonly size: number;
	readonly location: string;
	readonly checkedAt: string;
	readonly method: 'readBack';
	readonly level: 'checked' | 'handedOver';
	/** What the message was, so that it can be found and counted as evidence after it left the mailbox. */
	readonly kind: MessageKind;
	readonly messageId?: string;
	readonly subject?: string;
	readonly from?: string;
	/** A sent copy without its attachments. */
	readonly partialCopy?: true;
	/** What its provider's seal said when it was copied; absent in a record that does not tell. */
	readonly verified?: boolean;
	readonly receipt?: ReceiptEvidence;
	/** For reports that name files by it. Records of before have none. */
	readonly sha512?: string;
	/** Of a delivery receipt: whether the message is in it. Records of before do not say. */
	readonly receiptContent?: ReceiptContent;
	/** What raised it to `handedOver`. */
	readonly report?: HandOverReport;
}

/** A submission report of a preservation service (rapporto di versamento), as far as a copy's record keeps it. */
export interface HandOverReport {
	readonly id: string;
	/** The service's own time; ISO 8601. */
	readonly at?: string;
	readonly importedAt: string;
}
