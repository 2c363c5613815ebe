import { describe, expect, it } from 'vitest';
import { sizeWindows } from '../../nodes/account/sizeWindows.ts';

describe('windows by size', () => {
	it.each<[number[], { bytes: number; values?: number }, number[][]]>([
		[[], { bytes: 10 }, []],
		[[4, 6, 1], { bytes: 10 }, [[4, 6], [1]]],
		[[20, 1, 20], { bytes: 10 }, [[20], [1], [20]]],
		[[1, 1, 1], { bytes: 10, values: 2 }, [[1, 1], [1]]],
	])('cut %j, at most %j, into %j', (sizes, most, windows) => {
		expect([...sizeWindows(sizes, (size) => size, most)]).toEqual(windows);
	});
});
