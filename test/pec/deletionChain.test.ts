import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalForm, chained, endsOf, hashOf } from '../../nodes/pec/deletionChain.ts';

const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');

describe('the canonical form', () => {
	it('is JSON with sorted names and no blanks, as written by hand', () => {
		const entry = {
			uid: 7,
			folder: 'INBOX/Città "A"\n',
			deletedAt: 'x',
			joins: ['b', 'a'],
			none: undefined,
		};
		expect(canonicalForm(entry)).toBe(
			'{"deletedAt":"x","folder":"INBOX/Città \\"A\\"\\n","joins":["b","a"],"uid":7}',
		);
	});

	it('does not depend on the order in which fields were set, and can be read as JSON', () => {
		const values = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean()));
		fc.assert(
			fc.property(values, (entry) => {
				const reversed = Object.fromEntries(Object.entries(entry).reverse());
				expect(canonicalForm(reversed)).toBe(canonicalForm(entry));
				expect(JSON.parse(canonicalForm(entry))).toEqual({ ...entry });
			}),
		);
	});
});

describe('a chain', () => {
	it('names in each entry the hash of the one before', () => {
		const [one, two] = chained([{ n: 1 }, { n: 2 }], []);
		expect(one).toEqual({ n: 1, hash: sha256('{"n":1}') });
		expect(two).toEqual({
			n: 2,
			previous: one?.hash,
			hash: sha256(`{"n":2,"previous":"${one?.hash}"}`),
		});
		expect(hashOf(two ?? {})).toBe(two?.hash);
	});

	it('goes on after its end, and joins what ran beside', () => {
		const first = chained([{ n: 1 }], []);
		const beside = chained([{ n: 2 }, { n: 3 }], endsOf(first));
		const other = chained([{ n: 4 }], endsOf(first));
		const all = [...first, ...beside, ...other];
		expect(endsOf(all)).toEqual([beside[1]?.hash, other[0]?.hash]);
		const [next] = chained([{ n: 5 }], endsOf(all));
		expect(next).toMatchObject({ previous: other[0]?.hash, joins: [beside[1]?.hash] });
		expect(endsOf([...all, next ?? { hash: '' }])).toEqual([next?.hash]);
	});

	it('begins without one before, and has no end when it is empty', () => {
		expect(endsOf([])).toEqual([]);
		expect(chained([], ['x'])).toEqual([]);
	});
});
