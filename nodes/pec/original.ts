import { createHash } from 'node:crypto';
import libmime from 'libmime';
import { mailboxesOf } from './addresses';
import {
	contentOf,
	contentPiecesOf,
	dispositionOf,
	fileNameOf,
	hasFileName,
	textOf,
} from './content';
import { decodedFieldOf, fieldOf, fieldsOf, messageIdIn, referencesOf } from './header';
import { ownParts, readMime } from './mime';
import type { MimeLimit, MimePart, MimeTree } from './mime';
import { presentFields } from './presentFields';
import type { Attachment, MessageKind, Original, Receipt } from './types';

const POSTACERT = 'postacert.eml';

/** A multipart whose parts cannot be told apart, for want of a boundary, is the text it is seen as. */
function kindOf(part: MimePart): string {
	return part.type.startsWith('multipart/') ? 'text/plain' : part.type;
}

/** What holds content of its own. */
function isLeaf(part: MimePart): boolean {
	return (
		!part.type.startsWith('multipart/') || (part.parts.length === 0 && part.bodyStart < part.end)
	);
}

/**
 * Bytes of all texts of a message. Larger ones are nothing to show, and are given as files: a library may need twenty
 * times the size of a text to decode it.
 */
const TEXT_LIMIT = 4 * 1024 * 1024;

/** `exceeded` says what was left unread of it, or given as a file. */
export interface OpenedOriginal {
	readonly original: Original;
	readonly exceeded: ReadonlySet<MimeLimit | 'text'>;
}

/** A text shown in the message itself: neither a file (RFC 2183) nor a part with a name. */
function isBody(part: MimePart): boolean {
	const kind = kindOf(part);
	return (
		(kind === 'text/plain' || kind === 'text/html') &&
		dispositionOf(part) !== 'attachment' &&
		fileNameOf(part) === undefined
	);
}

function attachmentOf(part: MimePart, number: number): Attachment {
	const hash = createHash('sha256');
	let size = 0;
	for (const piece of contentPiecesOf(part)) {
		hash.update(piece);
		size += piece.length;
	}
	const extension = part.type === 'message/rfc822' ? 'eml' : libmime.detectExtension(part.type);
	return {
		fileName: fileNameOf(part) ?? `attachment-${number}.${extension}`,
		mimeType: part.type,
		size,
		sha256: hash.digest('hex'),
		get content() {
			return contentOf(part);
		},
	};
}

/** Texts to show, as many as the limit allows, and the files. */
function sorted(leaves: readonly MimePart[]): {
	bodies: MimePart[];
	files: MimePart[];
	complete: boolean;
} {
	const bodies: MimePart[] = [];
	const files: MimePart[] = [];
	let complete = true;
	let left = TEXT_LIMIT;
	for (const part of leaves) {
		const size = part.end - part.bodyStart;
		const isText = isBody(part);
		if (isText && size <= left) {
			bodies.push(part);
			left -= size;
		} else {
			files.push(part);
			complete &&= !isText;
		}
	}
	return { bodies, files, complete };
}

/** Texts of one kind are joined as mail programs show them, one below the other. */
function joined(parts: readonly MimePart[], type: string): string | undefined {
	const texts = parts.filter((part) => kindOf(part) === type).map(textOf);
	return texts.length === 0 ? undefined : texts.join('\n');
}

/**
 * What a user wrote, from the root part of that message. Messages and signatures inside are attachments like others:
 * nothing is taken out of them.
 */
function opened({ root: message, exceeded }: MimeTree): OpenedOriginal {
	const { header } = message;
	const { bodies, files, complete } = sorted(ownParts(message).filter(isLeaf));
	const mailboxes = (name: string) => fieldsOf(header, name).flatMap(mailboxesOf);
	const bcc = mailboxes('bcc');
	const original: Original = presentFields({
		from: mailboxes('from')[0],
		to: mailboxes('to'),
		cc: mailboxes('cc'),
		bcc: bcc.length > 0 ? bcc : undefined,
		replyTo: mailboxes('reply-to'),
		subject: decodedFieldOf(header, 'subject'),
		date: fieldOf(header, 'date'),
		messageId: messageIdIn(fieldOf(header, 'message-id')),
		inReplyTo: messageIdIn(fieldOf(header, 'in-reply-to')),
		references: referencesOf(header),
		text: joined(bodies, 'text/plain'),
		html: joined(bodies, 'text/html'),
		attachments: files.map((part, index) => attachmentOf(part, index + 1)),
		raw: message.raw.subarray(message.start, message.end),
	});
	return { original, exceeded: complete ? exceeded : new Set([...exceeded, 'text']) };
}

/** The message that a part holds; where the part is encoded, its decoded copy. */
function messageIn(part: MimePart, exceeded: MimeTree['exceeded']): MimeTree {
	const inside = part.type === 'message/rfc822' ? part.parts[0] : undefined;
	return inside ? { root: inside, exceeded } : readMime(contentOf(part));
}

/** The part that holds the original, by kind (RFC 6109 3.1, 3.2): by its name, else the first message inside. */
function holderOf(vouched: MimePart): MimePart | undefined {
	let unnamed: MimePart | undefined;
	for (const part of ownParts(vouched)) {
		if (part.type.startsWith('multipart/')) continue;
		if (hasFileName(part, POSTACERT)) return part;
		if (part.type === 'message/rfc822') unnamed ??= part;
	}
	return unnamed;
}

/**
 * Opens the original of a message: what an envelope or receipt carries in the part its provider vouches for, or the
 * mail itself when it is no PEC.
 */
export function openOriginal(
	{ root, exceeded }: MimeTree,
	vouched: MimePart,
	kind: MessageKind,
): OpenedOriginal | undefined {
	switch (kind) {
		case 'unreadable':
			return undefined;
		case 'transportEnvelope':
		case 'anomalyEnvelope':
		case 'receipt': {
			const holder = holderOf(vouched);
			return holder && opened(messageIn(holder, exceeded));
		}
		default:
			return opened({ root, exceeded });
	}
}

/** Whether the rules (RFC 6109 3.1.4, 3.2, 3.3.2) put the original into such a message. */
export function carriesOriginal(kind: MessageKind, receipt: Receipt | undefined): boolean {
	if (kind === 'transportEnvelope' || kind === 'anomalyEnvelope') return true;
	return (
		receipt?.type === 'delivery' && (receipt.content === 'complete' || receipt.content === 'brief')
	);
}
