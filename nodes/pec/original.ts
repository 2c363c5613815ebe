import { createHash } from 'node:crypto';
import libmime from 'libmime';
import { mailboxesOf } from './addresses';
import { contentOf, dispositionOf, fileNameOf, textOf } from './content';
import { decodedFieldOf, fieldOf, fieldsOf, messageIdIn } from './header';
import { ownParts, readMime } from './mime';
import type { MimePart } from './mime';
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
	const content = contentOf(part);
	const extension = part.type === 'message/rfc822' ? 'eml' : libmime.detectExtension(part.type);
	return {
		fileName: fileNameOf(part) ?? `attachment-${number}.${extension}`,
		mimeType: part.type,
		size: content.length,
		sha256: createHash('sha256').update(content).digest('hex'),
		content,
	};
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
export function originalOf(message: MimePart): Original {
	const { header } = message;
	const leaves = [...ownParts(message)].filter(isLeaf);
	const bodies = leaves.filter(isBody);
	const mailboxes = (name: string) => fieldsOf(header, name).flatMap(mailboxesOf);
	return presentFields({
		from: mailboxes('from')[0],
		to: mailboxes('to'),
		cc: mailboxes('cc'),
		replyTo: mailboxes('reply-to'),
		subject: decodedFieldOf(header, 'subject'),
		date: fieldOf(header, 'date'),
		messageId: messageIdIn(fieldOf(header, 'message-id')),
		inReplyTo: messageIdIn(fieldOf(header, 'in-reply-to')),
		text: joined(bodies, 'text/plain'),
		html: joined(bodies, 'text/html'),
		attachments: leaves
			.filter((part) => !isBody(part))
			.map((part, index) => attachmentOf(part, index + 1)),
		raw: message.raw.subarray(message.start, message.end),
	});
}

/** The root of the message that a part holds; where the part is encoded, of its decoded copy. */
function messageIn(part: MimePart): MimePart {
	return (part.type === 'message/rfc822' && part.parts[0]) || readMime(contentOf(part)).root;
}

/** The part that holds the original, by kind (RFC 6109 3.1, 3.2): by its name, else the first message inside. */
function holderOf(vouched: MimePart): MimePart | undefined {
	let unnamed: MimePart | undefined;
	for (const part of ownParts(vouched)) {
		if (part.type.startsWith('multipart/')) continue;
		if (fileNameOf(part)?.toLowerCase() === POSTACERT) return part;
		if (part.type === 'message/rfc822') unnamed ??= part;
	}
	return unnamed;
}

/**
 * Opens the original of a message: what an envelope or receipt carries in the part its provider vouches for, or the
 * mail itself when it is no PEC.
 */
export function openOriginal(
	root: MimePart,
	vouched: MimePart,
	kind: MessageKind,
): Original | undefined {
	switch (kind) {
		case 'unreadable':
			return undefined;
		case 'transportEnvelope':
		case 'anomalyEnvelope':
		case 'receipt': {
			const holder = holderOf(vouched);
			return holder && originalOf(messageIn(holder));
		}
		default:
			return originalOf(root);
	}
}

/** Whether the rules (RFC 6109 3.1.4, 3.2, 3.3.2) put the original into such a message. */
export function carriesOriginal(kind: MessageKind, receipt: Receipt | undefined): boolean {
	if (kind === 'transportEnvelope' || kind === 'anomalyEnvelope') return true;
	return (
		receipt?.type === 'delivery' && (receipt.content === 'complete' || receipt.content === 'brief')
	);
}
