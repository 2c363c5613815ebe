import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyStructureText, envelopeText } from '../../sandbox/imap/bodyStructure.ts';
import { MessageReader } from '../../sandbox/imap/messageReader.ts';
import { parseMessage } from '../../sandbox/imap/mimeTree.ts';
import type { MimePart } from '../../sandbox/imap/mimeTree.ts';
import { sectionBytes } from '../../sandbox/imap/section.ts';
import type { Section } from '../../sandbox/imap/section.ts';
import { heldBytes } from '../../sandbox/store/messageBytes.ts';

const value = fc.oneof(
	fc.constantFrom(
		'a@b',
		'"x y" <a@b>, c',
		'g: a@b, c@d;',
		'<@r:a@b>',
		'(c (d)) a@b',
		'"',
		'<"',
		'(',
	),
	fc.constantFrom(
		'=?utf-8?q?=c3?=',
		'\xff\xfe',
		'\0',
		'',
		' ',
		'\r\n x',
		'\\',
		'a;b="c\\"d"',
		';;',
	),
	fc.string({ maxLength: 10, unit: 'binary-ascii' }),
);
const contentType = fc.oneof(
	fc.constantFrom('text/plain', 'text/html; charset=utf-8', 'image/png', 'message/rfc822'),
	fc.constantFrom('text/', '/plain', 'a/b/c', 'text/plain; x', 'text; "', 'MULTIPART/Mixed'),
	fc
		.tuple(
			fc.constantFrom('mixed', 'digest', 'alternative', 'signed'),
			fc.constantFrom('b', 'c', ''),
		)
		.map(([subtype, boundary]) => `multipart/${subtype}; boundary="${boundary}"`),
);
const lineEnd = fc.constantFrom('\r\n', '\r\n', '\n', '\r', '');
const field = fc.oneof(
	fc
		.tuple(
			fc.constantFrom('From', 'To', 'Cc', 'Sender', 'Reply-To', 'Subject', 'Date', 'Message-ID'),
			value,
		)
		.map((pair) => pair.join(': ')),
	contentType.map((type) => `Content-Type: ${type}`),
	fc
		.tuple(
			fc.constantFrom('Disposition', 'ID', 'Language', 'Location', 'MD5', 'Transfer-Encoding'),
			value,
		)
		.map(([name, text]) => `Content-${name}: ${text}`),
	fc.constantFrom('no colon', ': no name', ' folded', 'X:'),
);
const line = fc.oneof(
	{ weight: 3, arbitrary: field },
	{ weight: 3, arbitrary: fc.constantFrom('--b', '--c', '--b--', '--c--', '--', '--b ', '--bx') },
	{ weight: 2, arbitrary: fc.constant('') },
	value,
);
const MULTIPART = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n';
const message = fc
	.tuple(
		fc.constantFrom('', MULTIPART, `${MULTIPART}--b\r\n${MULTIPART.replace('=b', '=c')}`),
		fc.array(fc.tuple(line, lineEnd), { maxLength: 40, size: 'max' }),
	)
	.map(([start, lines]) => Buffer.from(start + lines.flat().join(''), 'latin1'));

describe('a message of any bytes', () => {
	it('has a structure and an envelope as the grammar of IMAP has them', () => {
		let multiparts = 0;
		fc.assert(
			fc.property(message, (raw) => {
				const tree = parseMessage(raw);
				if (tree.children.length > 1) multiparts += 1;
				for (const text of [
					bodyStructureText(raw, tree, true),
					bodyStructureText(raw, tree, false),
					envelopeText(raw, tree),
				]) {
					const rest = afterList(text, 0);
					expect(rest, text).toBe(text.length);
				}
				expect(topLevelFields(envelopeText(raw, tree))).toBe(10);
			}),
			{ numRuns: 2000 },
		);
		expect(multiparts).toBeGreaterThan(50);
	});

	it('has parts that lie in each other, and sections that are those parts', () => {
		const sections: readonly Section['what'][] = ['ALL', 'MIME', 'HEADER', 'TEXT'];
		fc.assert(
			fc.property(message, (raw) => {
				const reader = new MessageReader(heldBytes(raw));
				const visit = (part: MimePart, path: number[]): void => {
					expect(part.header.start).toBeLessThanOrEqual(part.header.end);
					expect(part.header.end).toBe(part.body.start);
					expect(part.body.start).toBeLessThanOrEqual(part.body.end);
					for (const child of part.children) {
						expect(child.header.start).toBeGreaterThanOrEqual(part.body.start);
						expect(child.body.end).toBeLessThanOrEqual(part.body.end);
					}
					const whole = sectionBytes(reader, { path, what: 'ALL', fields: [] });
					expect(whole?.equals(raw.subarray(part.body.start, part.body.end))).toBe(true);
					for (const what of sections) sectionBytes(reader, { path, what, fields: [] });
					// Neither a leaf nor the last of several parts has one below or behind it.
					const behind = part.children.length + 1;
					if (part.message === undefined) {
						const none = { path: [...path, behind], what: 'ALL', fields: [] } as const;
						expect(sectionBytes(reader, none)).toBeUndefined();
					}
					if (part.message !== undefined) visitMessage(part.message, path);
					part.children.forEach((child, index) => visit(child, [...path, index + 1]));
				};
				// RFC 3501 6.4.5: a message that is no multipart has one part, its body.
				const visitMessage = (inner: MimePart, path: number[]): void => {
					if (inner.type !== 'multipart') visit(inner, [...path, 1]);
					inner.children.forEach((child, index) => visit(child, [...path, index + 1]));
				};
				visitMessage(reader.tree, []);
				const [header, text] = (['HEADER', 'TEXT'] as const).map((what) =>
					sectionBytes(reader, { path: [], what, fields: [] }),
				);
				expect(Buffer.concat([header ?? raw, text ?? raw])).toEqual(raw);
			}),
			{ numRuns: 1000 },
		);
	});
});

/** Where the list that opens at `start` ends; strings, literals, numbers and NIL are its atoms. Throws on anything else. */
function afterList(text: string, start: number): number {
	let position = start;
	let depth = 0;
	do {
		const token = tokenAt(text, position);
		if (token === '(') depth += 1;
		if (token === ')') depth -= 1;
		position += token.length;
		if (token === '(' && text[position] === ' ') throw new Error('a list that begins with nothing');
	} while (depth > 0);
	return position;
}

function topLevelFields(text: string): number {
	let fields = 0;
	for (let position = 1; text[position] !== ')';) {
		const token = tokenAt(text, position);
		if (token !== ' ') fields += 1;
		position = token === '(' ? afterList(text, position) : position + token.length;
	}
	return fields;
}

function tokenAt(text: string, position: number): string {
	const token = /[() ]|"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"|\{\d+\}\r\n|\d+|NIL/y;
	token.lastIndex = position;
	const found = token.exec(text)?.[0];
	if (found === undefined) throw new Error(`no token at ${position} of ${JSON.stringify(text)}`);
	if (!found.startsWith('{')) return found;
	return (
		found +
		text.slice(
			position + found.length,
			position + found.length + Number.parseInt(found.slice(1), 10),
		)
	);
}
