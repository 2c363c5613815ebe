/** The shapes of one message, as they leave the nodes (docs/OUTPUT.md). */

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
	/** What providers take over from the original, some of them. */
	readonly inReplyTo?: string;
	readonly references?: readonly string[];
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
	/** Decoded bytes, decoded each time they are asked for; never part of the JSON that leaves a node. */
	readonly content: Buffer;
}

/** The message a user wrote: postacert.eml, the mail wrapped by an anomaly, or ordinary mail itself. */
export interface Original {
	readonly from?: Mailaddress;
	readonly to: readonly Mailaddress[];
	readonly cc: readonly Mailaddress[];
	/** Of a draft alone; absent when there are none. */
	readonly bcc?: readonly Mailaddress[];
	readonly replyTo: readonly Mailaddress[];
	readonly subject?: string;
	readonly date?: string;
	readonly messageId?: string;
	readonly inReplyTo?: string;
	/** The thread so far, oldest first (RFC 5322 3.6.4). */
	readonly references?: readonly string[];
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
	/** A sent copy of PEC Send without its attachments: it is not the message that was sent. */
	readonly partialCopy?: true;
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

/** Whose sending a received message answers, see `replyIndex.ts`. */
export interface Answer {
	/** Of the sending. */
	readonly messageId: string;
	/** Absent when it was a single message. */
	readonly mailing?: string;
	/** Absent when the row had none. */
	readonly rowKey?: string;
	/** Of a single message that was sent with one. */
	readonly sendKey?: string;
	/** Absent when the sending had several and none of them wrote. */
	readonly recipient?: string;
	/** Who wrote, when it was not the recipient: people answer from another mailbox. */
	readonly answeredBy?: string;
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
