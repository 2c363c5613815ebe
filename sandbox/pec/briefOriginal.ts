import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';

import libmime from 'libmime';

import { valueOf } from '../imap/headerBlock.ts';
import { parseMessage, type MimePart } from '../imap/mimeTree.ts';

const OWN_FIELDS = new Set(['content-type', 'content-transfer-encoding', 'content-disposition']);

/**
 * postacert.eml of a brief receipt (RFC 6109 3.3.2.2): each part with a file name, and each attached message, gives
 * way to its SHA-1 over the part as transmitted, 40 hexadecimal digits in `<name>.hash`; all else stays byte for byte.
 * An opaque S/MIME message is left whole; of a signed one the signature is.
 */
export function briefOriginal(original: Buffer): Buffer {
	const pieces: Buffer[] = [];
	let position = 0;
	for (const part of replaceable(original, parseMessage(original), true)) {
		pieces.push(original.subarray(position, part.header.start), hashPart(original, part));
		position = part.body.end;
		if (position === original.length) pieces.push(Buffer.from('\r\n'));
	}
	pieces.push(original.subarray(position));
	return Buffer.concat(pieces);
}

function replaceable(raw: Buffer, part: MimePart, isTop: boolean): MimePart[] {
	if (part.type === 'multipart') {
		const signed = isTop && part.subtype === 'signed';
		const children = signed ? part.children.slice(0, 1) : part.children;
		return children.flatMap((child) => replaceable(raw, child, false));
	}
	if (isTop && part.type === 'application' && /^(?:x-)?pkcs7-mime$/.test(part.subtype)) return [];
	return part.message !== undefined || fileName(raw, part) !== undefined ? [part] : [];
}

function hashPart(raw: Buffer, part: MimePart): Buffer {
	const digest = createHash('sha1').update(raw.subarray(part.body.start, part.body.end));
	const name = writtenName(`${fileName(raw, part) ?? 'message'}.hash`);
	const kept = part.fields
		.filter((field) => !OWN_FIELDS.has(field.name))
		.map((field) => raw.toString('latin1', field.start, field.end));
	const header =
		`Content-Type: text/plain;${name.fold}name="${name.text}"\r\n` +
		`Content-Disposition: attachment;${name.fold}filename="${name.text}"\r\n` +
		'Content-Transfer-Encoding: 7bit\r\n';
	return Buffer.from(`${kept.join('')}${header}\r\n${digest.digest('hex')}`, 'latin1');
}

/** As mailers write it: plain, or as encoded words, one a line so that no line grows beyond 998 (RFC 5322 2.1.1). */
function writtenName(name: string): { fold: string; text: string } {
	if (/^[\x20-\x7e]{1,250}$/.test(name)) return { fold: ' ', text: name };
	return { fold: '\r\n ', text: libmime.encodeWord(name, 'Q', 60).replaceAll(' ', '\r\n ') };
}

/** Without what could not stand between quotation marks; bytes beyond ASCII are UTF-8 where they can be. */
function fileName(raw: Buffer, part: MimePart): string | undefined {
	const parameter = (field: string, name: string): string | undefined =>
		libmime.parseHeaderValue(utf8Where(valueOf(raw, part.fields, field) ?? '')).params[name];
	const written = parameter('content-disposition', 'filename') ?? parameter('content-type', 'name');
	if (written === undefined) return undefined;
	return libmime.decodeWords(written).replace(/[\p{Cc}"\\]/gu, '_');
}

function utf8Where(latin1: string): string {
	const bytes = Buffer.from(latin1, 'latin1');
	return isUtf8(bytes) ? bytes.toString('utf8') : latin1;
}
