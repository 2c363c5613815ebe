/**
 * The shapes of the PEC domain, as they leave the nodes (docs/OUTPUT.md is the contract).
 * A field that does not apply is absent, never null. Times ending in `At` are ISO 8601 in UTC.
 */

export type MessageKind =
	| 'transportEnvelope'
	| 'anomalyEnvelope'
	| 'receipt'
	| 'rem'
	| 'deliveryStatus'
	| 'ordinary'
	| 'unreadable';

export type ReceiptType =
	| 'acceptance'
	| 'nonAcceptance'
	| 'takenInCharge'
	| 'delivery'
	| 'nonDelivery'
	| 'deliveryDelay'
	| 'virusDetected'
	| 'unknown';

export type ReceiptContent = 'complete' | 'brief' | 'concise' | 'unknown';

export type RecipientType = 'certified' | 'external' | 'unknown';

export type FailureReason =
	| 'addressUnknown'
	| 'mailboxFull'
	| 'mailboxDisabled'
	| 'domainUnknown'
	| 'timeout12h'
	| 'timeout24h'
	| 'virus'
	| 'refused'
	| 'other';

export interface PecRecipient {
	readonly address: string;
	readonly type: RecipientType;
}

export interface ReceiptError {
	/** `postacert@errore` as an English name: none, noRecipient, noDomain, virus, other, unknown. */
	readonly code: string;
	/** `errore-esteso` to the letter. */
	readonly extended?: string;
	/** The enhanced status found in it, e.g. 5.1.1 (RFC 3463). */
	readonly status?: string;
	readonly reason?: FailureReason;
}

export interface Receipt {
	readonly type: ReceiptType;
	/** X-Ricevuta as written. */
	readonly wireType: string;
	readonly content?: ReceiptContent;
	readonly originalMessageId?: string;
	readonly deliveredTo?: string;
	readonly recipients: readonly PecRecipient[];
	readonly error?: ReceiptError;
	readonly final: boolean;
}

/** daticert.xml (RFC 6109 4.4). */
export interface Certification {
	readonly type?: ReceiptType | 'transportEnvelope';
	readonly wireType?: string;
	readonly error?: string;
	readonly sender?: string;
	readonly recipients: readonly PecRecipient[];
	readonly replyTo?: string;
	readonly subject?: string;
	readonly provider?: string;
	readonly at?: string;
	/** Date, time and zone as written: `2026-02-01 00:30:12 +0100`. */
	readonly local?: string;
	readonly providerId?: string;
	readonly originalMessageId?: string;
	readonly receiptContent?: ReceiptContent;
	readonly deliveredTo?: string;
	readonly receivedBy: readonly string[];
	readonly extendedError?: string;
}

export interface Finding {
	readonly code: string;
	readonly message: string;
}

export interface Envelope {
	readonly from?: string;
	readonly sender?: string;
	readonly to: readonly string[];
	readonly cc: readonly string[];
	readonly replyTo?: string;
	readonly subject?: string;
	readonly messageId?: string;
	readonly date?: string;
}

export interface Mailaddress {
	readonly address: string;
	readonly name?: string;
}

export interface Attachment {
	readonly fileName: string;
	readonly mimeType: string;
	/** Bytes, decoded. */
	readonly size: number;
	readonly sha256: string;
	/** Decoded bytes; never part of the JSON that leaves a node. */
	readonly content: Buffer;
}

/** The message a user wrote: postacert.eml, the mail wrapped by an anomaly, or ordinary mail itself. */
export interface Original {
	readonly from?: Mailaddress;
	readonly to: readonly Mailaddress[];
	readonly cc: readonly Mailaddress[];
	readonly replyTo: readonly Mailaddress[];
	readonly subject?: string;
	readonly date?: string;
	readonly messageId?: string;
	readonly inReplyTo?: string;
	readonly text?: string;
	readonly html?: string;
	readonly attachments: readonly Attachment[];
	/** The original's own bytes, a view into the message read. */
	readonly raw: Buffer;
}

/** What can be said of a message of which only headers (and certification data) were read. */
export interface PecHeaders {
	readonly kind: MessageKind;
	readonly receipt?: Receipt;
	readonly certification?: Certification;
	/** Header and certification data tell the same story. */
	readonly consistent: boolean;
	/** Consistent, and the provider's signature intact, trusted and matching: false also when not checked. */
	readonly verified: boolean;
	readonly findings: readonly Finding[];
	readonly envelope: Envelope;
}

/** What the provider's signature says. Revocation is not looked at. */
export interface SignatureReport {
	/** `absent`: the message as a whole is not signed. `unreadable`: it cannot be checked. */
	readonly integrity: 'intact' | 'altered' | 'absent' | 'unreadable';
	/** `trusted`: certified by a CA that issues PEC signers, valid at the time of signing. */
	readonly signer: 'trusted' | 'untrusted' | 'unknown';
	/** The signer's certificate names the address in From. */
	readonly signerMatchesFrom?: boolean;
	readonly signedBy?: string;
	/** Common name of the CA. */
	readonly issuer?: string;
	/** The signer's own claim. */
	readonly signedAt?: string;
	/** Whether the signer would be trusted today as well. */
	readonly validNow?: boolean;
	/** sha1, sha256… */
	readonly digest?: string;
	/** Why it is not intact, or not trusted. */
	readonly reason?: string;
}

/**
 * Files of the invoice exchange. Its message files by their code, to the letter: RC delivery receipt, NS rejection, MC
 * failed delivery, NE outcome told to the seller, MT data that go with an invoice handed over, EC outcome stated by the
 * customer, SE rejection of that outcome, DT term expired, AT attestation that delivery is impossible. The
 * specifications give the two other kinds of file no code: `invoice` (file FatturaPA), `archive` (file archivio).
 */
export type SdiType =
	'RC' | 'NS' | 'MC' | 'NE' | 'MT' | 'EC' | 'SE' | 'DT' | 'AT' | 'invoice' | 'archive';

/** See `sdi.ts`. */
export interface SdiFile {
	readonly type: SdiType;
	/** As written. */
	readonly fileName: string;
}

/** What identifies a registration in a protocol (Identificatore, DPR 445/2000 art. 55). Texts as written. */
export interface RegistrationId {
	/** Code of the administration in the index of administrations (IPA). */
	readonly administration?: string;
	/** Code of its organisational area (AOO): numbers count within it. */
	readonly area?: string;
	readonly register?: string;
	/** Leading zeros kept. */
	readonly number?: string;
	/** YYYY-MM-DD; absent when what is written is no day. */
	readonly date?: string;
	readonly wireDate?: string;
}

/** An attached Segnatura.xml (`sent`) or Conferma.xml (`received`), see `registration.ts`. */
export interface Registration extends RegistrationId {
	/** `sent`: the administration registered this message as its own. `received`: it registered the one it confirms. */
	readonly type: 'sent' | 'received';
	readonly administrationName?: string;
	/** Of `received`: how the sender had registered the message, or what describes one that was not registered. */
	readonly confirms?: RegistrationId & { readonly description?: string };
}

export interface PecMessage extends PecHeaders {
	/** See `pecKey.ts`. */
	readonly pecKey: string;
	/** SHA-256 of the whole message, hexadecimal. */
	readonly sha256: string;
	/** Bytes. */
	readonly size: number;
	/** Absent when the message could not be read. */
	readonly signature?: SignatureReport;
	readonly original?: Original;
	/** Traffic of the invoice exchange; its failures are no failures of PEC. */
	readonly sdi?: SdiFile;
	readonly registration?: Registration;
}

/** CAs whose signature on a receipt counts. PEM texts; the built-in PEC issuing CAs always count. */
export interface Trust {
	readonly issuers: readonly string[];
}

export interface ReadOptions {
	readonly trust: Trust;
	readonly now: Date;
	/** The server's INTERNALDATE. */
	readonly receivedAt?: Date;
}

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
	/** Where its checked copy is, when it left the mailbox. */
	readonly location?: string;
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
}

/** What the mailbox's records hold of one row and attempt, in the order it was written. */
export interface RowRecord {
	readonly row: Row;
	readonly messageId: string;
	/** When each intent was written; an intent without a later result makes the row unclear. */
	readonly intents: readonly string[];
	readonly results: readonly Submission[];
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

/** One recipient of a sending as PEC Send puts it out. */
export interface RecipientOutcome {
	readonly recipient: string;
	readonly rowKey?: string;
	readonly mailing?: string;
	readonly attempt: number;
	readonly messageId: string;
	readonly state: RecipientState;
	readonly final: boolean;
	readonly verified: boolean;
	readonly action?: RowAction;
	readonly retryAt?: string;
	readonly submittedAt?: string;
	readonly acceptedAt?: string;
	readonly deliveredAt?: string;
	readonly smtp?: SmtpReply;
	readonly error?: {
		readonly reason: string;
		readonly message: string;
		readonly retry: 'never' | 'later' | 'now';
	};
	readonly overdue?: 'acceptance' | 'delivery12h' | 'delivery24h';
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
	readonly receipt?: ReceiptEvidence;
}

/** One message a clean-up looked at. */
export interface PurgeCandidate {
	readonly pecKey: string;
	readonly folder: string;
	readonly uid: number;
	readonly uidValidity: string;
	readonly size: number;
	readonly receivedAt: string;
	readonly flags: readonly string[];
	readonly headers: PecHeaders;
}

export type PurgeBlocker =
	| 'noCopy'
	| 'sizeDiffers'
	| 'threadIncomplete'
	| 'unreadable'
	| 'notPec'
	| 'tooRecent'
	| 'unread'
	| 'flagged';

export interface PurgeVerdict {
	readonly message: {
		readonly pecKey: string;
		readonly folder: string;
		readonly uid: number;
		readonly uidValidity: string;
		readonly size: number;
	};
	readonly verdict: 'delete' | 'keep';
	readonly blockedBy: readonly PurgeBlocker[];
	readonly copy: 'none' | 'checked' | 'handedOver';
	readonly copyRecord?: CopyRecord;
}
