import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decoded, decodedPieces } from '../../nodes/pec/transferEncoding.ts';

const KB = 1024;

/** Node's own decoder at one go, as the second opinion. */
const fromBase64 = (encoded: Buffer) => Buffer.from(encoded.toString('latin1'), 'base64');
const inPieces = (encoded: Buffer, encoding: string) =>
	Buffer.concat([...decodedPieces(encoded, encoding)]);

function lines(content: Buffer, length: number, end: string): Buffer {
	const base64 = content.toString('base64');
	return Buffer.from(base64.replace(new RegExp(`.{1,${length}}`, 'g'), `$&${end}`));
}

describe('base64', () => {
	const content = Buffer.from(Array.from({ length: 300 * KB }, (_, n) => (n * n) >> 3));

	it.each([
		['lines of 76', lines(content, 76, '\r\n')],
		['lines of 64, LF', lines(content, 64, '\n')],
		['lines that cut groups of four', lines(content, 61, '\r\n')],
		['one line', lines(content, content.length * 2, '')],
		['lines of one character', lines(content, 1, '\n')],
		['an empty line in front', Buffer.concat([Buffer.from('\r\n'), lines(content, 76, '\r\n')])],
	])('is decoded over more than one piece: %s', (_, encoded) => {
		expect(decoded(encoded, 'base64').equals(content)).toBe(true);
		expect(inPieces(encoded, 'base64').equals(content)).toBe(true);
	});

	it('of any kind is decoded as at one go, wherever it is damaged', () => {
		const regular = lines(content, 76, '\r\n');
		const damage = fc.record({
			at: fc.nat({ max: regular.length }),
			remove: fc.nat({ max: 90 }),
			insert: fc.constantFrom('', '=', 'A', 'AB', ' ', '!!', '\r\n', '====', '\x00\xff', '-_'),
		});
		fc.assert(
			fc.property(fc.array(damage, { maxLength: 4 }), (damages) => {
				let encoded = regular;
				for (const { at, remove, insert } of damages) {
					const inserted = Buffer.from(insert, 'latin1');
					encoded = Buffer.concat([
						encoded.subarray(0, at),
						inserted,
						encoded.subarray(at + remove),
					]);
				}
				expect(decoded(encoded, 'base64').equals(fromBase64(encoded))).toBe(true);
			}),
			{ numRuns: 60 },
		);
	});

	it('is never in memory as a whole when read in pieces', () => {
		const pieces = [...decodedPieces(lines(content, 76, '\r\n'), 'base64')];
		expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(64 * KB);
	});
});

describe('quoted-printable', () => {
	it('cut into pieces is the same as line by line', () => {
		const line = fc.constantFrom('=\r\n', '= \r\n', 'a=20\r\n', 'b \t\r\n', '=E8=\n', '\n', 'c\r');
		fc.assert(
			fc.property(fc.array(line, { minLength: 1, maxLength: 20 }), (some) => {
				const text = some.join('').repeat(6000);
				const long = Buffer.from(text);
				const byLine = (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((each) =>
					decoded(Buffer.from(each), 'quoted-printable').toString('latin1'),
				);
				expect(inPieces(long, 'quoted-printable').toString('latin1')).toBe(byLine.join(''));
			}),
			{ numRuns: 20 },
		);
	});
});
