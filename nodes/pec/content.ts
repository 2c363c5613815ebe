import libmime from 'libmime';
import { textInCharset } from './charset';
import { fieldOf, parametersOf } from './header';
import type { MimePart } from './mime';
import { decoded, decodedPieces } from './transferEncoding';

const LF = 0x0a;
const CR = 0x0d;

function bodyOf(part: MimePart): { body: Buffer; encoding: string } {
	const field = fieldOf(part.header, 'content-transfer-encoding') ?? '';
	return {
		body: part.raw.subarray(part.bodyStart, part.end),
		encoding: parametersOf(field).value,
	};
}

/** The bytes of a part's body, transfer encoding undone. A view where there is none, else a new buffer. */
export function contentOf(part: MimePart): Buffer {
	const { body, encoding } = bodyOf(part);
	return decoded(body, encoding);
}

/** The same in pieces, for who needs them one after the other: never is all of it in memory. */
export function contentPiecesOf(part: MimePart): Iterable<Buffer> {
	const { body, encoding } = bodyOf(part);
	return decodedPieces(body, encoding);
}

/** CRLF to LF before the bytes become text: a search in a long text leaves many times its size behind. */
function withLf(bytes: Buffer): Buffer {
	if (!bytes.includes('\r\n')) return bytes;
	const result = Buffer.allocUnsafe(bytes.length);
	let length = 0;
	for (let at = 0; at < bytes.length; at += 1) {
		const byte = bytes[at] ?? 0;
		if (byte !== CR || bytes[at + 1] !== LF) result[length++] = byte;
	}
	return result.subarray(0, length);
}

/** Charsets of two or four bytes a character: there CR and LF are no two bytes in a row. */
const WIDE = /16|32|ucs|unicode/i;

/** A text part as text with LF line ends, by its charset; format=flowed (RFC 3676) is joined. */
export function textOf(part: MimePart): string {
	const charset = part.parameters.get('charset') ?? '';
	const bytes = contentOf(part);
	const text = WIDE.test(charset)
		? textInCharset(bytes, charset).replace(/\r\n/g, '\n')
		: textInCharset(withLf(bytes), charset);
	return part.type === 'text/plain' && part.parameters.get('format')?.toLowerCase() === 'flowed'
		? libmime.decodeFlowed(text, part.parameters.get('delsp')?.toLowerCase() === 'yes')
		: text;
}

/** inline, attachment, or what else is written; empty when nothing is (RFC 2183). */
export function dispositionOf(part: MimePart): string {
	return parametersOf(fieldOf(part.header, 'content-disposition')).value;
}

/**
 * A part's file name, decoded: Content-Disposition's before Content-Type's. Slashes and control characters,
 * also those that turn the direction of writing, become `_`: the name may end up in a path, and is shown to a person.
 */
export function fileNameOf(part: MimePart): string | undefined {
	const { parameters } = parametersOf(fieldOf(part.header, 'content-disposition'));
	const name = (parameters.get('filename') ?? part.parameters.get('name'))?.trim();
	return name
		? name.replace(/[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069/\\]/g, '_').replace(/^\.\.?$/, '_')
		: undefined;
}

/** Ways of writing a name by which it does not stand in the header as it reads. */
const WRITTEN_OTHERWISE = /=\?|[*\\]/;

/** Whether that is its file name, in any letters. @param name lower case */
export function hasFileName(part: MimePart, name: string): boolean {
	// Most parts do not name it at all, which costs less to see than to read their names.
	const { ascii } = part.header;
	if (ascii && !WRITTEN_OTHERWISE.test(ascii) && !ascii.toLowerCase().includes(name)) return false;
	return fileNameOf(part)?.toLowerCase() === name;
}
