import libmime from 'libmime';
import { textInCharset } from './charset';
import { fieldOf, parametersOf } from './header';
import type { MimePart } from './mime';

const LF = 0x0a;
const CR = 0x0d;
const EQUALS = 0x3d;
const SPACE = 0x20;
const TAB = 0x09;

function hexDigit(byte: number | undefined): number {
	if (byte === undefined) return -1;
	if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
	const letter = byte | 0x20;
	return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** RFC 2045 6.7; an escape that is none stays as written. */
function decodeQuotedPrintable(encoded: Buffer): Buffer {
	const decoded = Buffer.allocUnsafe(encoded.length);
	let length = 0;
	/** Up to here white space counts: what follows may have been added in transport (rule 3). */
	let solid = 0;
	for (let at = 0; at < encoded.length; at += 1) {
		const byte = encoded[at] ?? 0;
		if (byte === EQUALS) {
			const high = hexDigit(encoded[at + 1]);
			const low = hexDigit(encoded[at + 2]);
			if (high >= 0 && low >= 0) {
				decoded[length++] = high * 16 + low;
				solid = length;
				at += 2;
				continue;
			}
			let lineEnd = at + 1;
			while (encoded[lineEnd] === SPACE || encoded[lineEnd] === TAB) lineEnd += 1;
			if (encoded[lineEnd] === CR && encoded[lineEnd + 1] === LF) lineEnd += 1;
			if (encoded[lineEnd] === LF || lineEnd >= encoded.length) {
				solid = length;
				at = lineEnd;
				continue;
			}
		}
		if (byte === LF || (byte === CR && encoded[at + 1] === LF)) length = solid;
		decoded[length++] = byte;
		if (byte !== SPACE && byte !== TAB) solid = length;
	}
	return decoded.subarray(0, length);
}

/** The bytes of a part's body, transfer encoding undone. A view where there is none, else a new buffer. */
export function contentOf(part: MimePart): Buffer {
	const body = part.raw.subarray(part.bodyStart, part.end);
	const field = fieldOf(part.header, 'content-transfer-encoding') ?? '';
	switch (parametersOf(field).value) {
		case 'base64':
			return Buffer.from(body.toString('latin1'), 'base64');
		case 'quoted-printable':
			return decodeQuotedPrintable(body);
		default:
			return body;
	}
}

/** A text part as text with LF line ends, by its charset; format=flowed (RFC 3676) is joined. */
export function textOf(part: MimePart): string {
	const charset = part.parameters.get('charset') ?? '';
	const text = textInCharset(contentOf(part), charset).replace(/\r\n/g, '\n');
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
