import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { HOSTILE, envelope } from './letters.ts';
import { pecKeyOfBytes, tagOf } from './identity.ts';

const sha256 = (text: string) => createHash('sha256').update(text, 'latin1').digest('hex');

describe('the identity of a message', () => {
	it.each([
		['CRLF', 'A: b\r\nC: d\r\n\r\nbody', 'A: b\r\nC: d'],
		['LF', 'A: b\nC: d\n\nbody', 'A: b\nC: d'],
		['no body', 'A: b\r\n', 'A: b'],
		['no header', '\r\nbody', ''],
	])('is the hash of its header block and its size: %s', (_, message, header) => {
		expect(pecKeyOfBytes(Buffer.from(message))).toBe(`${sha256(header)}-${message.length}`);
	});

	it('names an event in the records by 16 digits of its hash', () => {
		expect(tagOf('a')).toBe('ca978112ca1bbdca');
	});

	it('tells all planted messages apart by their names', () => {
		const keys = [envelope, ...HOSTILE].flatMap((write) =>
			['one', 'two'].map((name) => pecKeyOfBytes(write(name))),
		);
		expect(new Set(keys).size).toBe(keys.length);
	});
});
