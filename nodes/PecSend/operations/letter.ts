import type { BinaryFile, FileHandle, Parameters } from '../../n8n/parameters';
import type { OperationTools } from '../../n8n/operations';
import type { ComposeLimits, EncodedAttachment, MessageDraft } from '../../pec/compose';
import type { AddressSource } from '../../pec/notice';
import { choiceOf, toList } from '../../n8n/parameters';
import { UserError } from '../../n8n/errors';
import { composeMessage, encodeAttachment } from '../../pec/compose';
import { certifiedAddress } from '../../pec/addresses';
import { AddressError } from '../../pec/errors';
import { emlNameOf } from '../../pec/emlName';
import { storeSentCopy } from '../../account/sentCopy';
import { asPartialCopy, withoutContent } from '../../pec/sentCopy';

const RECEIPT_CONTENTS = ['complete', 'brief', 'concise'] as const;
const SENT_COPIES = ['none', 'withoutAttachments', 'full'] as const;

/** One letter as a user filled it in; addresses normalised. */
export interface Letter {
	readonly to: readonly string[];
	readonly cc: readonly string[];
	readonly replyTo?: string;
	readonly subject: string;
	readonly text: string;
	readonly html?: string;
	readonly attachments: readonly FileHandle[];
	/** What delivery receipts shall hold. */
	readonly receiptContent: (typeof RECEIPT_CONTENTS)[number];
	/** What is put into the folder for sent messages. */
	readonly sentCopy: (typeof SENT_COPIES)[number];
	/** The exact bytes sent are put out as a file. */
	readonly keepsBytes: boolean;
	readonly inReplyTo?: string;
	readonly references?: readonly string[];
	/** Of a notice under L. 53/1994; kept with the record of the sending. */
	readonly addressSource?: AddressSource;
}

/** A letter as it goes out. */
export interface Outgoing {
	/** CRLF. */
	readonly raw: Buffer;
	/** To and Cc: the envelope. */
	readonly to: string[];
	/** For the folder for sent messages, if wanted. */
	readonly sentCopy?: Buffer;
	/** The exact bytes as a file to put out, if wanted. */
	readonly kept?: BinaryFile;
}

/**
 * @param toLabel how the form calls the field that `to` was read from
 * @throws UserError for an address that cannot be one, a missing attachment or an unknown choice; nothing is sent then
 */
export function readLetter(
	parameters: Parameters,
	to: readonly string[],
	attachmentFields: string,
	toLabel = 'Recipient PEC',
): Letter {
	const options = parameters.collection('options');
	const html = String(options.html ?? '');
	const replyTo = String(options.replyTo ?? '').trim();
	const receiptContent = choiceOf(options.receiptContent, 'Receipt Content', RECEIPT_CONTENTS);
	return {
		to: distinct(toLabel, to),
		cc: distinct('Cc', toList(options.cc)),
		...(replyTo ? { replyTo: addressIn('Reply To', replyTo) } : {}),
		subject: parameters.rawText('subject'),
		text: parameters.rawText('text'),
		...(html ? { html } : {}),
		attachments: parameters.fileHandles(attachmentFields),
		receiptContent,
		sentCopy: choiceOf(options.sentCopy, 'Sent Copy', SENT_COPIES),
		// RFC 6109 3.3.2.2: brief receipts hold hashes, which prove nothing without the bytes they were made of.
		keepsBytes: receiptContent === 'brief' || String(options.outputSentBytes) === 'true',
	};
}

function distinct(label: string, addresses: readonly string[]): string[] {
	return [...new Set(addresses.map((address) => addressIn(label, address)))];
}

function addressIn(label: string, text: string): string {
	try {
		return certifiedAddress(text);
	} catch (error) {
		throw addressProblem(label, error);
	}
}

/** Names the field, not the address. */
function addressProblem(label: string, error: unknown): unknown {
	if (!(error instanceof AddressError)) return error;
	return new UserError(
		`${label}: ${error.message}`,
		`Check the expression in ${label} for this item, and the address it gives.`,
	);
}

/** What is composed of a letter; the attachments stand for its files. */
export function draftOf(
	letter: Letter,
	messageId: string,
	attachments: MessageDraft['attachments'],
	tools: Pick<OperationTools, 'account' | 'now'>,
): MessageDraft {
	const { to, cc, replyTo, subject, text, html, receiptContent, inReplyTo, references } = letter;
	return {
		from: tools.account.settings.address,
		to,
		cc,
		...(replyTo === undefined ? {} : { replyTo }),
		subject,
		text,
		...(html === undefined ? {} : { html }),
		attachments,
		messageId,
		date: tools.now(),
		receiptContent,
		...(inReplyTo === undefined ? {} : { inReplyTo }),
		...(references === undefined ? {} : { references }),
	};
}

/**
 * The exact bytes of a letter, and what is kept of them.
 * @param encodedOf for attachments that several letters share
 * @throws ComposeError for what a PEC provider would refuse
 */
export async function outgoingOf(
	letter: Letter,
	messageId: string,
	tools: Pick<OperationTools, 'account' | 'now'>,
	encodedOf: (file: FileHandle) => Promise<EncodedAttachment> = encodeFile,
	limits: ComposeLimits = {},
): Promise<Outgoing> {
	const attachments = await Promise.all(letter.attachments.map(encodedOf));
	const draft = draftOf(letter, messageId, attachments, tools);
	const raw = await composeMessage(draft, limits);
	const sentCopy = await sentCopyOf(letter, draft, raw, attachments);
	return {
		raw,
		to: [...letter.to, ...letter.cc],
		...(sentCopy ? { sentCopy } : {}),
		...(letter.keepsBytes ? { kept: fileOf(letter, raw) } : {}),
	};
}

/** An attachment of one letter only. @throws ComposeError */
export async function encodeFile({
	fileName,
	mimeType,
	load,
}: FileHandle): Promise<EncodedAttachment> {
	return encodeAttachment({ fileName, mimeType, content: await load() });
}

async function sentCopyOf(
	{ sentCopy }: Letter,
	draft: MessageDraft,
	raw: Buffer,
	attachments: readonly EncodedAttachment[],
): Promise<Buffer | undefined> {
	if (sentCopy === 'none') return undefined;
	if (sentCopy === 'full' || attachments.length === 0) return raw;
	const named = attachments.map(withoutContent);
	return asPartialCopy(await composeMessage({ ...draft, attachments: named }));
}

function fileOf({ subject }: Letter, raw: Buffer): BinaryFile {
	return { fileName: emlNameOf(subject), mimeType: 'message/rfc822', content: raw };
}

/** A sent copy that cannot be kept is no failure of the sending: it is said, not thrown. */
export async function keepSentCopy(raw: Buffer, tools: OperationTools): Promise<void> {
	try {
		await storeSentCopy(await tools.account.imap(), raw, tools.now());
	} catch {
		tools.hint(
			'A message was sent, but its copy could not be put into the folder for sent messages. Its receipts come all the same.',
		);
	}
}
