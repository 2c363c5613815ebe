import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, ResponseCutter, type RawResponse } from '../../nodes/mail/responseCutter.ts';
import { piecesOf } from './pieces.ts';

const MEGABYTE = 1024 * 1024;

/** What a server may send in one response: lines, literals of any bytes, and what only looks like one of them. */
const responses = fc
	.array(
		fc.record({
			lines: fc.array(
				fc.record({
					before: fc.constantFrom('* 1 FETCH (BODY[] ', ' x', '{3', '{a}', '"{2}" '),
					literal: fc.uint8Array({ maxLength: 40 }),
				}),
				{ maxLength: 3 },
			),
			last: fc.constantFrom(')', '', 'a OK {3} done', '{', '}', '{x}', '\u00e8'),
		}),
		{ maxLength: 6 },
	)
	.map((given) =>
		given.map(({ lines, last }) => {
			const opened = lines.map(({ before, literal }) => `${before}{${literal.length}}\r\n`);
			return {
				text: [...opened, `${last}\r\n`].join(''),
				literals: lines.map(({ literal }) => Buffer.from(literal)),
			};
		}),
	);

function fed(cutter: ResponseCutter, pieces: readonly Buffer[]): RawResponse[] {
	const found: RawResponse[] = [];
	for (const piece of pieces) {
		expect(cutter.feed(piece, (response) => found.push(response))).toBeUndefined();
		// Whoever gives a piece may use its memory again.
		piece.fill(0);
	}
	return found;
}

describe('what a server sends', () => {
	it('is cut into its responses, whatever pieces it comes in', () => {
		const lengths = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
		fc.assert(
			fc.property(responses, lengths, (sent, cut) => {
				const stream = Buffer.concat(sent.map(bytesOf));
				const cutter = new ResponseCutter();
				expect(fed(cutter, piecesOf(stream, cut))).toEqual(sent);
				expect(cutter.release()).toHaveLength(0);
			}),
		);
	});

	it('is given back to the byte where a response is not complete', () => {
		fc.assert(
			fc.property(responses, fc.nat(), fc.integer({ min: 1, max: 50 }), (sent, where, length) => {
				const stream = Buffer.concat(sent.map(bytesOf));
				const begun = stream.subarray(0, where % (stream.length + 1));
				const cutter = new ResponseCutter();
				const found = fed(cutter, piecesOf(begun, [length]));
				expect(Buffer.concat([...found.map(bytesOf), cutter.release()])).toEqual(begun);
				const anew = fed(cutter, [Buffer.from('* 1 EXISTS\r\n')]);
				expect(anew).toEqual([{ text: '* 1 EXISTS\r\n', literals: [] }]);
			}),
		);
	});

	it('took seconds to cut where it has many literals: the text before was gone through for each', () => {
		const text = `* 1 FETCH (${'{0}\r\n'.repeat(200_000)})\r\n`;
		const [response] = fed(new ResponseCutter(), piecesOf(Buffer.from(text), [16 * 1024]));
		expect(response?.text === text).toBe(true);
		expect(response?.literals).toHaveLength(200_000);
	});

	it.each([
		['a line', `* 1 FETCH (${'x'.repeat(2 * MEGABYTE)}`],
		['a literal', '* 1 FETCH (BODY[] {9000000}\r\nabc'],
		['a number without an end', `* 1 FETCH (BODY[] {${'1'.repeat(400)}}\r\nabc`],
		['all lines together', `* 1 FETCH (${`${'x'.repeat(900_000)} {0}\r\n`.repeat(20)})\r\n`],
		[
			'all literals together',
			`${`x {7000000}\r\n${'a'.repeat(7_000_000)}`.repeat(2)} {7000000}\r\nabc`,
		],
	])('is left to somebody else where %s is too large, to the byte', (_, text) => {
		const sent = Buffer.from(`* 2 EXISTS\r\n${text}`);
		const cutter = new ResponseCutter();
		const found: RawResponse[] = [];
		const given: Buffer[] = [];
		for (const piece of piecesOf(sent, [MEGABYTE])) {
			const tooMuch = given.length > 0 ? piece : cutter.feed(piece, (each) => found.push(each));
			if (tooMuch) given.push(tooMuch);
		}
		expect(found).toHaveLength(1);
		expect(given.length).toBeGreaterThan(0);
		expect(Buffer.concat([...found.map(bytesOf), ...given]).equals(sent)).toBe(true);
		expect(cutter.release()).toHaveLength(0);
	});
});
