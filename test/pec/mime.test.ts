import { describe, expect, it } from 'vitest';
import { contentOf, fileNameOf, textOf } from '../../nodes/pec/content.ts';
import {
	decodedFieldOf,
	fieldOf,
	fieldsOf,
	messageIdIn,
	parametersOf,
} from '../../nodes/pec/header.ts';
import { readMime } from '../../nodes/pec/mime.ts';
import type { MimePart } from '../../nodes/pec/mime.ts';
import { withLf, writeEnvelope, writeOrdinary } from './pecWriter.ts';

const tree = (text: string): MimePart => readMime(Buffer.from(text)).root;
const shape = (part: MimePart): unknown =>
	part.parts.length === 0 ? part.type : { [part.type]: part.parts.map(shape) };
const bodyOf = (part: MimePart | undefined) =>
	part && part.raw.toString('latin1', part.bodyStart, part.end);

describe('header fields', () => {
	const { header } = tree(
		'Subject: one\r\n\ttwo\r\nX-A: 1\r\nno field here\r\n lost\r\nx-a : 2\r\nSUBJECT: other\r\n\r\n',
	);

	it('are unfolded, found by name in any case, in the order of the message', () => {
		expect(fieldOf(header, 'subject')).toBe('one\ttwo');
		expect(fieldsOf(header, 'x-a')).toEqual(['1', '2']);
		expect(fieldsOf(header, 'subject')).toEqual(['one\ttwo', 'other']);
		expect(fieldOf(header, 'missing')).toBeUndefined();
	});

	it.each([
		['=?utf-8?Q?citt=C3=A0?=', 'città'],
		['=?iso-8859-1?B?Y2l0dOA=?=', 'città'],
		['=?utf-8?Q?a?= =?utf-8?Q?b?=', 'ab'],
		['città', 'città'],
	])('are decoded: %s', (written, read) => {
		expect(decodedFieldOf(tree(`Subject: ${written}\r\n\r\n`).header, 'subject')).toBe(read);
	});

	it('of more than 256 kB are cut', () => {
		expect(fieldOf(tree(`Cc: ${'x'.repeat(300_000)}\r\n\r\n`).header, 'cc')).toHaveLength(262_143);
	});

	it('in 8 bits without being UTF-8 are read as Latin-1', () => {
		const { root } = readMime(Buffer.from('Subject: citt\xe0\r\n\r\n', 'latin1'));
		expect(fieldOf(root.header, 'subject')).toBe('città');
	});

	it.each([
		['<a@b>', '<a@b>'],
		['a@b', '<a@b>'],
		['<long\r\n -part@b>', '<long-part@b>'],
		['', undefined],
		['<>', undefined],
	])('hold Message-IDs in one form: %j', (written, read) => {
		expect(messageIdIn(written)).toBe(read);
	});
});

describe('fields of one name', () => {
	it('are counted to the last, and read as far as the first alone would be', () => {
		const long = `To: ${'a@b.it, '.repeat(30_000)}c@d.it\r\n`;
		const { header } = readMime(Buffer.from(`${long}${long}${long}To: last@d.it\r\n\r\n`)).root;
		const values = fieldsOf(header, 'to');
		expect(values).toHaveLength(4);
		expect(values.join('').length).toBeLessThanOrEqual(256 * 1024);
		expect(values[0]?.endsWith('c@d.it')).toBe(true);
	});
});

describe('parameters', () => {
	it.each([
		['a/b; name="x;y.pdf"', 'x;y.pdf'],
		['a/b; NAME=IT1_MT_002.xml', 'IT1_MT_002.xml'],
		['a/b; name="=?utf-8?B?Y2l0dMOgLnBkZg==?="', 'città.pdf'],
		["a/b; name*0*=utf-8''citt%C3%A0%20; name*1=due.pdf", 'città due.pdf'],
		["a/b; name*1*=%E0.pdf; name*0*=iso-8859-1''citt", 'città.pdf'],
		["a/b; name=plain.pdf; name*=utf-8''citt%C3%A0.pdf", 'città.pdf'],
		["a/b; name*=utf-8''%3D%3Futf-8%3FQ%3Fx%3F%3D", '=?utf-8?Q?x?='],
	])('decodes %s', (field, name) => {
		expect(parametersOf(field).parameters.get('name')).toBe(name);
	});

	it('leaves a boundary alone that looks like an encoded word', () => {
		expect(
			parametersOf('multipart/mixed; boundary="=?utf-8?Q?x?="').parameters.get('boundary'),
		).toBe('=?utf-8?Q?x?=');
	});

	it('takes the value without case or comment', () => {
		expect(parametersOf('Text/PLAIN (why not)').value).toBe('text/plain');
	});
});

describe('part tree', () => {
	const nested =
		'Content-Type: multipart/mixed; boundary=out\r\n\r\npreamble\r\n--out\r\n' +
		'Content-Type: multipart/alternative; boundary="out-in"\r\n\r\n--out-in\r\n\r\nplain\r\n--out-in\r\n' +
		'Content-Type: text/html\r\n\r\n<p>\r\n--out-in--\r\nepilogue\r\n--out \t\r\n' +
		'Content-Type: message/rfc822\r\n\r\nSubject: inner\r\nContent-Type: multipart/mixed; boundary=deep\r\n\r\n' +
		'--deep\r\n\r\nx\r\n--deep--\r\n\r\n--out--\r\n--out\r\n\r\nafter the end\r\n';
	const expected = {
		'multipart/mixed': [
			{ 'multipart/alternative': ['text/plain', 'text/html'] },
			{ 'message/rfc822': [{ 'multipart/mixed': ['text/plain'] }] },
		],
	};

	it.each([
		['CRLF', nested],
		['LF', nested.replace(/\r\n/g, '\n')],
	])('follows boundaries and messages inside messages: %s', (_, text) => {
		expect(shape(tree(text))).toEqual(expected);
	});

	it('gives the line end before a boundary to the boundary', () => {
		const root = tree(
			'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n\r\n--b\r\n\r\n--b--',
		);
		expect(root.parts.map(bodyOf)).toEqual(['one\r\n', '']);
	});

	it('takes no line for a boundary that only begins like it', () => {
		const root = tree(
			'Content-Type: multipart/mixed; boundary=b\n\n--b\n\n--bc\n-- b\n--b-\n--b--\n',
		);
		expect(root.parts.map(bodyOf)).toEqual(['--bc\n-- b\n--b-']);
	});

	it('takes a boundary for one at the beginning of a line alone', () => {
		const text = 'before --b\r\n----b\r\n-- --b--\r\n--b--';
		const { parts } = tree(`Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n${text}`);
		expect(parts.map(bodyOf)).toEqual(['before --b\r\n----b\r\n-- --b--']);
	});

	it('ends unclosed inner parts where the outer boundary stands', () => {
		const root = tree(
			'Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\nin\n--o\n\nout\n--o--\n',
		);
		expect(bodyOf(root.parts[0]?.parts[0])).toBe('in');
		expect(bodyOf(root.parts[1])).toBe('out');
	});

	it('ends a header at a boundary when its empty line is missing', () => {
		const root = tree(
			'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n--b\n\nx\n--b--\n',
		);
		expect(root.parts.map(({ type }) => type)).toEqual(['text/html', 'text/plain']);
		expect(root.parts.map(bodyOf)).toEqual(['', 'x']);
	});

	it('reads a truncated multipart as far as it goes', () => {
		expect(shape(tree('Content-Type: multipart/mixed; boundary=b\n\n--b\n\ncut off he'))).toEqual({
			'multipart/mixed': ['text/plain'],
		});
	});

	it.each([
		['none', 'Content-Type: multipart/mixed\n\n--b\n\nx\n--b--\n'],
		['empty', 'Content-Type: multipart/mixed; boundary=""\n\n--\n\nx\n----\n'],
	])('leaves a multipart without a boundary whole: %s', (_, text) => {
		expect(tree(text).parts).toEqual([]);
	});

	it('does not open an encoded message', () => {
		const root = tree(
			'Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQTogMQoKeA==\n',
		);
		expect(root.parts).toEqual([]);
		expect(contentOf(root).toString()).toBe('A: 1\n\nx');
	});

	it('covers with start and end exactly what a signature covers', () => {
		const raw = writeEnvelope(writeOrdinary());
		const { root } = readMime(raw);
		const boundary = `--${root.parameters.get('boundary')}\r\n`;
		const from = raw.indexOf(boundary) + boundary.length;
		const signed = root.parts[0];
		expect([signed?.start, signed?.end]).toEqual([from, raw.indexOf(`\r\n${boundary}`, from)]);
	});

	it('gives a boundary used twice to the outer part, so that nothing inside can reach out', () => {
		const root = tree(
			'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n',
		);
		expect(shape(root)).toEqual({ 'multipart/mixed': ['multipart/mixed', 'text/plain'] });
	});

	it('is the same for LF', () => {
		const raw = writeEnvelope(writeOrdinary());
		expect(shape(readMime(withLf(raw)).root)).toEqual(shape(readMime(raw).root));
	});
});

describe('content', () => {
	const part = (headers: string, body: string | Buffer) =>
		readMime(Buffer.concat([Buffer.from(`${headers}\r\n\r\n`), Buffer.from(body)])).root;

	it.each([
		['soft line breaks', 'a=\r\nb=\nc=  \r\nd', 'abcd'],
		['escapes in either case', '=e8=E8', '\xe8\xe8'],
		['escapes that are none', '=XY=4', '=XY=4'],
		['blanks at line ends', 'a \t\r\nb  ', 'a\r\nb  '],
		['an encoded blank at a line end', 'a=20\r\nb', 'a \r\nb'],
		['a break at the very end', 'a=', 'a'],
	])('undoes quoted-printable: %s', (_, encoded, decoded) => {
		const bytes = contentOf(part('Content-Transfer-Encoding: Quoted-Printable', encoded));
		expect(bytes.toString('latin1')).toBe(decoded);
	});

	it('undoes base64 whatever its lines', () => {
		expect(
			contentOf(part('Content-Transfer-Encoding: BASE64', 'Y2l\r\nhb w==\r\n')).toString(),
		).toBe('ciao');
	});

	it('is a view where nothing is encoded', () => {
		const plain = part('Content-Transfer-Encoding: 8bit', 'x');
		expect(contentOf(plain).buffer).toBe(plain.raw.buffer);
	});

	it.each([
		['iso-8859-1', Buffer.from('citt\xe0', 'latin1'), 'città'],
		['"UTF-8"', Buffer.from('città'), 'città'],
		['windows-1252', Buffer.from([0x80]), '€'],
		['us-ascii', Buffer.from('città'), 'città'],
		['iso-8859-1', Buffer.from([0x80, 0x93]), '€“'],
		['utf-8', Buffer.from([0x61, 0xe0, 0xc3, 0xa0]), 'a\ufffdà'],
		['koi8-r', Buffer.from([0xc1]), 'а'],
		['iso-2022-jp', Buffer.from('\x1b$B$"\x1b(B'), 'あ'],
		['x-unheard-of', Buffer.from('citt\xe0', 'latin1'), 'città'],
		['utf-16le', Buffer.from('à', 'utf16le'), 'à'],
	])('reads text by its charset: %s', (charset, bytes, text) => {
		expect(textOf(part(`Content-Type: text/plain; charset=${charset}`, bytes))).toBe(text);
	});

	it('joins flowed lines', () => {
		expect(textOf(part('Content-Type: text/plain; format=flowed', 'one \r\ntwo\r\nthree'))).toBe(
			'one two\nthree',
		);
	});

	it.each([
		[
			'Content-Disposition: attachment; filename="a.pdf.p7m"\r\nContent-Type: x/y; name="b"',
			'a.pdf.p7m',
		],
		['Content-Type: x/y; name=b.pdf', 'b.pdf'],
		['Content-Disposition: attachment; filename="../../etc/passwd"', '.._.._etc_passwd'],
		["Content-Disposition: attachment; filename*=utf-8''a%0D%0Ab", 'a__b'],
		['Content-Disposition: attachment; filename=""', undefined],
	])('names files so that no path comes of it: %s', (headers, name) => {
		expect(fileNameOf(part(headers, ''))).toBe(name);
	});
});
