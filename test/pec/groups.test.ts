import { describe, expect, it } from 'vitest';
import { addTo, countsOf, groupedBy } from '../../nodes/pec/groups.ts';

describe('groups', () => {
	it('keep the order of the first of each key, and of the values of one key', () => {
		const words = ['due', 'uno', 'dieci', 'undici', 'duecento'];
		expect([...groupedBy(words, (word) => word.slice(0, 2))]).toEqual([
			['du', ['due', 'duecento']],
			['un', ['uno', 'undici']],
			['di', ['dieci']],
		]);
	});

	it('are none of no values', () => {
		expect(groupedBy([], String).size).toBe(0);
	});

	it('are counted in the order of the first of each', () => {
		expect([...countsOf(['b', 'a', 'b'])]).toEqual([
			['b', 2],
			['a', 1],
		]);
	});

	it('take one value under several keys', () => {
		const groups = new Map<string, number[]>([['a', [1]]]);
		for (const key of ['a', 'b']) addTo(groups, key, 2);
		expect([...groups]).toEqual([
			['a', [1, 2]],
			['b', [2]],
		]);
	});
});
