import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headerBlockOf, pecKeyOf } from '../../nodes/pec/pecKey.ts';

const keyOf = (block: string, size: number) =>
	`${createHash('sha256').update(block).digest('hex')}-${size}`;

describe('pecKey', () => {
	it.each([
		['CRLF', 'A: 1\r\nB: 2\r\n\r\nbody', 'A: 1\r\nB: 2'],
		['LF', 'A: 1\nB: 2\n\nbody\n\n', 'A: 1\nB: 2'],
		['no body', 'A: 1\r\n\r\n', 'A: 1'],
		['no empty line', 'A: 1\r\n', 'A: 1'],
		['no line end at all', 'A: 1', 'A: 1'],
		['mixed line ends', 'A: 1\n\r\nbody', 'A: 1'],
		['a line of blanks is no empty line', 'A: 1\r\n \r\nB: 2\r\n\r\nx', 'A: 1\r\n \r\nB: 2'],
		['no header', '\r\nbody', ''],
		['nothing', '', ''],
	])('takes the header block without its last line end: %s', (_, raw, block) => {
		expect(headerBlockOf(Buffer.from(raw)).toString()).toBe(block);
		expect(pecKeyOf(Buffer.from(raw), raw.length)).toBe(keyOf(block, raw.length));
	});

	it('is the same from BODY[HEADER], with or without its empty line, and from the whole message', () => {
		const eol = fc.constantFrom('\n', '\r\n');
		const line = fc.stringMatching(/^[ -~]{0,20}$/).map((text) => `X${text}`);
		fc.assert(
			fc.property(
				fc.array(line, { minLength: 1, maxLength: 6 }),
				eol,
				fc.uint8Array({ maxLength: 60 }),
				(lines, end, body) => {
					const block = lines.join(end);
					const whole = Buffer.concat([Buffer.from(block + end + end), Buffer.from(body)]);
					const expected = keyOf(block, whole.length);
					expect(pecKeyOf(whole, whole.length)).toBe(expected);
					expect(pecKeyOf(Buffer.from(block + end + end), whole.length)).toBe(expected);
					expect(pecKeyOf(Buffer.from(block + end), whole.length)).toBe(expected);
					expect(pecKeyOf(headerBlockOf(whole), whole.length)).toBe(expected);
				},
			),
		);
	});

	it('tells any two messages apart that differ in header or size', () => {
		expect(pecKeyOf(Buffer.from('A: 1\r\n\r\n'), 8)).not.toBe(
			pecKeyOf(Buffer.from('A: 2\r\n\r\n'), 8),
		);
		expect(pecKeyOf(Buffer.from('A: 1\r\n\r\n'), 8)).not.toBe(
			pecKeyOf(Buffer.from('A: 1\r\n\r\n'), 9),
		);
	});

	it('of any bytes, is the same for the whole and for its own header block', () => {
		fc.assert(
			fc.property(fc.array(fc.constantFrom(10, 13, 65, 58), { maxLength: 12 }), (bytes) => {
				const raw = Buffer.from(bytes);
				expect(pecKeyOf(headerBlockOf(raw), raw.length)).toBe(pecKeyOf(raw, raw.length));
			}),
			{ numRuns: 2000 },
		);
	});
});
