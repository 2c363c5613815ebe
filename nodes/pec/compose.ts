import { normalizeAddress } from './addresses';
import { encodeAttachment, refuseControls } from './encodedAttachment';
import type { DraftAttachment, EncodedAttachment } from './encodedAttachment';
import { AddressError, ComposeError } from './errors';
import { presentFields } from './presentFields';
import { sha256Of } from './sha256';
import type { ReceiptContent } from './types';
import { RECEIPT_CONTENTS, wireOf } from './vocabulary';
import { writeMessage } from './writeMessage';

export { encodeAttachment } from './encodedAttachment';
export type { DraftAttachment, EncodedAttachment } from './encodedAttachment';

/** A message to write. Addresses are plain: `name@domain.it`. */
export interface MessageDraft {
	readonly from: string;
	readonly to: readonly string[];
	readonly cc: readonly string[];
	/** Refused when not empty (RFC 6109 3.1.1): here so that a caller learns it before sending. */
	readonly bcc?: readonly string[];
	readonly replyTo?: string;
	readonly subject?: string;
	readonly text?: string;
	readonly html?: string;
	/** What several messages carry is encoded once, by `encodeAttachment`. */
	readonly attachments: ReadonlyArray<DraftAttachment | EncodedAttachment>;
	/** With its angle brackets. */
	readonly messageId: string;
	/** The message that this one answers, with its angle brackets (RFC 5322 3.6.4). */
	readonly inReplyTo?: string;
	/** The thread so far, oldest first, with angle brackets. */
	readonly references?: readonly string[];
	readonly date: Date;
	/** What delivery receipts shall hold; absent means complete (RFC 6109 2.1). */
	readonly receiptContent?: Exclude<ReceiptContent, 'unknown'>;
}

/** In bytes of the whole message as sent; absent means no limit. */
export interface ComposeLimits {
	readonly size?: number;
	/** Size times the number of recipients (DM 2/11/2005 art. 12: providers grant at least 30 MB). */
	readonly sizeTimesRecipients?: number;
}

function refuseAddress(field: string, cause: unknown): never {
	const reason = cause instanceof AddressError ? cause.message : 'This is no e-mail address.';
	throw new ComposeError('badAddress', field, `${field}: ${reason}`, cause);
}

function addressOf(field: string, text: string): string {
	try {
		return normalizeAddress(text);
	} catch (cause) {
		return refuseAddress(field, cause);
	}
}

function addressesOf(field: string, texts: readonly string[]): string[] {
	return texts.map((text, index) => addressOf(`${field}[${index}]`, text));
}

function refuseBadHeaders(draft: MessageDraft): void {
	refuseControls('subject', draft.subject);
	if (!/^<[^\s<>@]+@[^\s<>@]+>$/.test(draft.messageId)) {
		throw new ComposeError('badHeader', 'messageId', 'The Message-ID is malformed.');
	}
	if (Number.isNaN(draft.date.getTime())) {
		throw new ComposeError('badHeader', 'date', 'The date of the message is no date.');
	}
	[draft.inReplyTo ?? [], draft.references ?? []].flat().forEach((id) => {
		if (!/^<[^\s<>\x00-\x20\x7f-\uffff]+>$/.test(id)) {
			throw new ComposeError('badHeader', 'references', 'A Message-ID referred to is malformed.');
		}
	});
}

/**
 * What boundaries are made of, so that no content can hold one: it depends on all of it. From the Message-ID alone, who
 * knows it could write the boundary into a text and add parts.
 */
function fingerprintOf(draft: MessageDraft, attachments: readonly EncodedAttachment[]): string {
	const files = attachments.map(({ fileName, mimeType, sha256 }) => [fileName, mimeType, sha256]);
	return sha256Of(JSON.stringify([draft.messageId, draft.text, draft.html, files])).slice(0, 32);
}

function refuseTooLarge(size: number, recipients: number, limits: ComposeLimits): void {
	const fits = (value: number, limit: number | undefined) => limit === undefined || value <= limit;
	if (fits(size, limits.size) && fits(size * recipients, limits.sizeTimesRecipients)) return;
	throw new ComposeError(
		'tooLarge',
		'attachments',
		`The message of ${size} bytes to ${recipients} recipient(s) is larger than the provider accepts. Send smaller attachments, or to fewer recipients at a time.`,
	);
}

/**
 * Writes a message for submission to a PEC provider: exact RFC 5322 bytes, CRLF, the same for the same draft.
 * Throws ComposeError for what a provider would refuse (RFC 6109 3.1.1): no To, any Bcc, bad addresses, line breaks in
 * a header value, a size above `limits`. An empty subject is allowed.
 */
export async function composeMessage(
	draft: MessageDraft,
	limits: ComposeLimits = {},
): Promise<Buffer> {
	if (draft.to.length === 0) {
		throw new ComposeError('noRecipient', 'to', 'A PEC needs at least one recipient in To.');
	}
	if (draft.bcc && draft.bcc.length > 0) {
		throw new ComposeError('bccNotAllowed', 'bcc', 'PEC does not allow blind copies (Bcc).');
	}
	refuseBadHeaders(draft);
	const attachments = draft.attachments.map((attachment, index) =>
		'part' in attachment ? attachment : encodeAttachment(attachment, `attachments[${index}]`),
	);
	const recipients = draft.to.length + draft.cc.length;
	const partsSize = attachments.reduce((sum, { part }) => sum + part.length, 0);
	refuseTooLarge(partsSize, recipients, limits);
	const content = draft.receiptContent ?? 'complete';
	const raw = await writeMessage(
		{
			...presentFields({
				from: addressOf('from', draft.from),
				to: addressesOf('to', draft.to),
				cc: addressesOf('cc', draft.cc),
				replyTo: draft.replyTo === undefined ? undefined : addressOf('replyTo', draft.replyTo),
				subject: draft.subject,
				html: draft.html,
				inReplyTo: draft.inReplyTo,
				references: draft.references === undefined ? undefined : [...draft.references],
			}),
			text: draft.text ?? (draft.html === undefined ? '' : undefined),
			messageId: draft.messageId,
			date: draft.date,
			headers:
				content === 'complete' ? {} : { 'X-TipoRicevuta': wireOf(RECEIPT_CONTENTS, content) },
		},
		attachments,
		fingerprintOf(draft, attachments),
	);
	refuseTooLarge(raw.length, recipients, limits);
	return raw;
}
