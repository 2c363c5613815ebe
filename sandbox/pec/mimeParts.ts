import { isAscii } from 'node:buffer';

/** MIME entities of a provider's message, as bytes. Lines end in CRLF, and so does every entity. */

/** Readable text in ISO-8859-1 and quoted-printable (RFC 6109 4.3.1). `text` has LF line ends. */
export function textPart(subtype: 'plain' | 'html', text: string): Buffer {
	return Buffer.from(
		`Content-Type: text/${subtype}; charset="iso-8859-1"\r\n` +
			'Content-Disposition: inline\r\n' +
			'Content-Transfer-Encoding: quoted-printable\r\n' +
			`\r\n${quotedPrintable(text)}`,
		'latin1',
	);
}

/** daticert.xml (RFC 6109 4.3.3, by the file name real providers use). */
export function certificationPart(
	xml: string,
	options: { disposition: 'inline' | 'attachment'; certificationType: string },
): Buffer {
	const { disposition, certificationType } = options;
	return Buffer.from(
		`Content-Type: ${certificationType}; name="daticert.xml"\r\n` +
			`Content-Disposition: ${disposition}; filename="daticert.xml"\r\n` +
			'Content-Transfer-Encoding: base64\r\n' +
			`\r\n${base64Lines(Buffer.from(xml, 'utf8'), 60)}`,
		'latin1',
	);
}

/** postacert.eml (RFC 6109 4.3.2): the bytes as they are. They end in CRLF, as all that came by DATA does. */
export function originalPart(original: Buffer, disposition: 'inline' | 'attachment'): Buffer {
	const header =
		'Content-Type: message/rfc822; name="postacert.eml"\r\n' +
		`Content-Disposition: ${disposition}; filename="postacert.eml"\r\n` +
		`Content-Transfer-Encoding: ${encodingOf(original)}\r\n\r\n`;
	return Buffer.concat([Buffer.from(header, 'latin1'), original]);
}

/** RFC 2045 2.7 to 2.9; a message/rfc822 may be encoded in no other way (RFC 2046 5.2.1). */
function encodingOf(bytes: Buffer): '7bit' | '8bit' | 'binary' {
	if (hasLongLine(bytes) || bytes.includes(0)) return 'binary';
	return isAscii(bytes) ? '7bit' : '8bit';
}

/** RFC 5322 2.1.1: more than 998 characters and CRLF. */
function hasLongLine(bytes: Buffer): boolean {
	for (let start = 0; bytes.length - start >= 1000;) {
		const end = bytes.lastIndexOf(0x0a, start + 999);
		if (end < start) return true;
		start = end + 1;
	}
	return false;
}

/** The parts between their boundary; a part's last line end is its own, the delimiter brings another. */
export function multipart(
	subtype: 'mixed' | 'alternative',
	boundary: string,
	parts: readonly Buffer[],
): Buffer {
	// real providers write MIME-Version into the entity they sign, and into no other
	const header =
		`Content-Type: multipart/${subtype};\r\n boundary="${boundary}"\r\n` +
		`Content-Transfer-Encoding: binary\r\n${subtype === 'mixed' ? 'MIME-Version: 1.0\r\n' : ''}`;
	return Buffer.concat([
		Buffer.from(header, 'latin1'),
		...parts.flatMap((part) => [Buffer.from(`\r\n--${boundary}\r\n`, 'latin1'), part]),
		Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1'),
	]);
}

export function base64Lines(bytes: Buffer, width: number): string {
	const text = bytes.toString('base64');
	let lines = '';
	for (let at = 0; at < text.length; at += width) lines += `${text.slice(at, at + width)}\r\n`;
	return lines;
}

/** Most lines of a receipt need no encoding at all. */
const PLAIN_LINE = /^(?:[\t\x20-\x3c\x3e-\x7e]{0,75}[\x21-\x3c\x3e-\x7e])?$/;

/** RFC 2045 6.7, lines of at most 76 characters. What ISO-8859-1 lacks becomes a question mark. */
export function quotedPrintable(text: string): string {
	return text
		.replace(/\n$/, '')
		.split('\n')
		.map((line) => (PLAIN_LINE.test(line) ? line : softWrapped(encodedLine(line))) + '\r\n')
		.join('');
}

function encodedLine(line: string): string[] {
	const characters = [...line];
	return characters.map((character, index) => {
		const code = character.codePointAt(0) ?? 0;
		if (code > 0xff) return '?';
		const trailingSpace = index === characters.length - 1 && (code === 0x20 || code === 0x09);
		const plain = code === 0x09 || (code >= 0x20 && code <= 0x7e && code !== 0x3d);
		if (plain && !trailingSpace) return character;
		return `=${code.toString(16).toUpperCase().padStart(2, '0')}`;
	});
}

function softWrapped(tokens: readonly string[]): string {
	let wrapped = '';
	let width = 0;
	for (const [index, token] of tokens.entries()) {
		const room = index === tokens.length - 1 ? 76 : 75;
		if (width + token.length > room) {
			wrapped += '=\r\n';
			width = 0;
		}
		wrapped += token;
		width += token.length;
	}
	return wrapped;
}
