import MimeNode from 'nodemailer/lib/mime-node';
import { ComposeError } from './errors';
import { sha256Of } from './sha256';

export interface DraftAttachment {
	readonly fileName: string;
	readonly mimeType: string;
	readonly content: Buffer;
}

/** An attachment as it stands in a message: what several messages carry is encoded once. */
export interface EncodedAttachment {
	readonly fileName: string;
	readonly mimeType: string;
	/** Bytes of the file. */
	readonly size: number;
	/** Of the file, hexadecimal. */
	readonly sha256: string;
	/** The finished MIME part: header, empty line and body, CRLF, without the line end that belongs to the next boundary. */
	readonly part: Buffer;
}

const CRLF = Buffer.from('\r\n');
const LINE_LENGTH = 76;
/** RFC 5322 2.1.1 */
const LINE_LIMIT = 998;
const LF = 0x0a;
const CR = 0x0d;

/** @throws ComposeError for a line break or another control character */
export function refuseControls(field: string, value: string | undefined): void {
	if (value !== undefined && /[\x00-\x08\x0a-\x1f\x7f]/.test(value)) {
		throw new ComposeError(
			'badHeader',
			field,
			`${field} contains a line break or another control character. Remove it.`,
		);
	}
}

/**
 * Encodes a file as part of a message, every byte kept. A message that would not arrive as it is, since it has other
 * line ends than CRLF, long lines or 8-bit characters, goes as a file of no type: base64 round a `message/rfc822` is
 * forbidden (RFC 2046 5.2.1), and a provider that signs has to turn 8-bit content into something else (RFC 1847 2.1).
 * @param field how an error names it
 * @throws ComposeError for a file name or a MIME type that cannot stand in a header
 */
export function encodeAttachment(
	{ fileName, mimeType, content }: DraftAttachment,
	field = 'attachment',
): EncodedAttachment {
	refuseControls(`${field}.fileName`, fileName);
	refuseControls(`${field}.mimeType`, mimeType);
	// RFC 2045 5.1, parameters allowed.
	if (!/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s*;.*)?$/.test(mimeType)) {
		throw new ComposeError('badHeader', `${field}.mimeType`, `${field}.mimeType is no MIME type.`);
	}
	const isComposite = /^(?:message|multipart)\//i.test(mimeType);
	const asItIs = /^message\//i.test(mimeType) && content.length > 0 && travelsUnchanged(content);
	const encoded = {
		fileName,
		mimeType: isComposite && !asItIs ? 'application/octet-stream' : mimeType,
		size: content.length,
		sha256: sha256Of(content),
	};
	const body = asItIs ? content : base64Lines(content);
	const header = headerOf(encoded, asItIs ? '7bit' : 'base64');
	return { ...encoded, part: Buffer.concat([header, CRLF, CRLF, body]) };
}

function headerOf(file: { fileName: string; mimeType: string }, encoding: string): Buffer {
	// A node of its own would get a date and a Message-ID.
	const node = new MimeNode('multipart/mixed').createChild(file.mimeType, {
		filename: file.fileName,
		newline: 'win',
	});
	node.setHeader('Content-Transfer-Encoding', encoding);
	node.setHeader('Content-Disposition', 'attachment');
	return Buffer.from(node.buildHeaders());
}

/** RFC 2045 6.8, without a line end after the last line. The libraries' own way, over texts, takes twenty times as long. */
function base64Lines(content: Buffer): Buffer {
	const encoded = Buffer.from(content.toString('base64'), 'latin1');
	const breaks = Math.max(Math.ceil(encoded.length / LINE_LENGTH) - 1, 0);
	const body = Buffer.allocUnsafe(encoded.length + breaks * CRLF.length);
	let at = 0;
	for (let from = 0; from < encoded.length; from += LINE_LENGTH) {
		if (from > 0) at += CRLF.copy(body, at);
		at += encoded.copy(body, at, from, from + LINE_LENGTH);
	}
	return body;
}

/** Whether it is 7-bit by RFC 2045 2.7: lines that end in CRLF and are short enough, no NUL, nothing but ASCII. */
function travelsUnchanged(content: Buffer): boolean {
	let lineLength = 0;
	for (let at = 0; at < content.length; at += 1) {
		const byte = content[at] ?? 0;
		if (byte === CR && content[at + 1] === LF) {
			at += 1;
			lineLength = 0;
			continue;
		}
		lineLength += 1;
		if (byte === 0 || byte > 0x7f || byte === CR || byte === LF || lineLength > LINE_LIMIT) {
			return false;
		}
	}
	return true;
}
