import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decodePart } from '../../nodes/mail/transferEncoding.ts';

const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array));

describe('a part of a message', () => {
	it('comes back from base64 as it was, however its lines are broken', () => {
		fc.assert(
			fc.property(bytes, fc.integer({ min: 1, max: 76 }), (content, width) => {
				const lines = content.toString('base64').match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
				const encoded = Buffer.from(lines.join('\r\n'));
				expect(decodePart(encoded, 'BASE64').equals(content)).toBe(true);
			}),
		);
	});

	it('comes back from quoted-printable as it was', () => {
		fc.assert(
			fc.property(bytes, (content) => {
				const encoded = encodeQuotedPrintable(content);
				expect(decodePart(encoded, 'quoted-printable').equals(content)).toBe(true);
			}),
		);
	});

	it.each([
		['soft line breaks join', 'a=\r\nb', 'ab'],
		['blanks at the end of a line are transport padding (RFC 2045 6.7)', 'a  \r\nb', 'a\r\nb'],
		['a broken escape stays', 'a=ZZ', 'a=ZZ'],
	])('%s', (_, encoded, expected) => {
		expect(decodePart(Buffer.from(encoded), 'quoted-printable').toString()).toBe(expected);
	});

	it.each([['7bit'], ['8bit'], ['binary'], [undefined], ['x-unheard-of']])(
		'in %s is left as it is',
		(encoding) => {
			expect(decodePart(Buffer.from('=41 SGk='), encoding).toString()).toBe('=41 SGk=');
		},
	);
});

/** RFC 2045 6.7: every byte escaped, a soft line break after each 24th. */
function encodeQuotedPrintable(content: Buffer): Buffer {
	const escaped = [...content].map(
		(byte, index) =>
			`=${byte.toString(16).toUpperCase().padStart(2, '0')}${index % 24 === 23 ? '=\r\n' : ''}`,
	);
	return Buffer.from(escaped.join(''));
}
