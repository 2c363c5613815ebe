import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFlatted } from '../../scripts/editor/flatted.ts';

type Entry = string | number | boolean | null | (string | number | boolean | null)[] | object;

/** The format's other half, as its documentation tells it: strings and objects become entries, all else stays in place. */
function writeFlatted(value: unknown): string {
	const entries: Entry[] = [];
	const known = new Map<unknown, string>();
	const reference = (member: unknown): string | number | boolean | null => {
		if (typeof member !== 'string' && (typeof member !== 'object' || member === null)) {
			return member as number | boolean | null;
		}
		const seen = known.get(member);
		if (seen !== undefined) return seen;
		const index = entries.push(0) - 1;
		known.set(member, String(index));
		entries[index] = entryOf(member);
		return String(index);
	};
	const entryOf = (member: unknown): Entry => {
		if (Array.isArray(member)) return member.map(reference);
		if (typeof member !== 'object' || member === null) return member as string;
		return Object.fromEntries(Object.entries(member).map(([key, of]) => [key, reference(of)]));
	};
	if (typeof value === 'object' && value !== null) reference(value);
	else entries.push(value as string);
	return JSON.stringify(entries);
}

describe('flatted run data', () => {
	it.each([
		['a text that looks like an index', '["1","0"]', '1'],
		['a repeated text', '[{"a":"1","b":"1"},"x"]', { a: 'x', b: 'x' }],
		['numbers, booleans and null in place', '[[1,true,null]]', [1, true, null]],
		[
			'a key that is special in JavaScript',
			'[{"__proto__":"1"},{}]',
			JSON.parse('{"__proto__":{}}'),
		],
		['nothing inside', '[{"a":"1","b":"2"},{},[]]', { a: {}, b: [] }],
	])('reads %s', (_, text, value) => {
		expect(parseFlatted(text)).toEqual(value);
	});

	it('reads any JSON value back', () => {
		fc.assert(
			fc.property(fc.jsonValue(), (value) => {
				const plain: unknown = JSON.parse(JSON.stringify(value));
				expect(JSON.stringify(parseFlatted(writeFlatted(plain)))).toBe(JSON.stringify(plain));
			}),
		);
	});

	it('keeps a circle a circle', () => {
		const read = parseFlatted('[{"self":"0","list":"1"},["0"]]') as {
			self: unknown;
			list: unknown[];
		};
		expect(read.self).toBe(read);
		expect(read.list[0]).toBe(read);
	});

	it('refuses a text that refers to an entry that is not there', () => {
		expect(() => parseFlatted('[{"a":"7"}]')).toThrow('No entry 7');
	});
});
