import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { setNames, uidWindows } from '../../nodes/mail/uidWindows.ts';

const uids = fc.array(fc.integer({ min: 1, max: 2 ** 32 - 1 }), { maxLength: 200 });

describe('windows of UIDs', () => {
	it('hold every UID once, ascending, and no other', () => {
		fc.assert(
			fc.property(uids, fc.integer({ min: 1, max: 50 }), (given, size) => {
				const windows = uidWindows(given, size);
				const all = windows.flatMap((window) => window.uids);
				expect(all).toEqual([...new Set(given)].sort((a, b) => a - b));
				expect(windows.every((window) => window.uids.length <= size)).toBe(true);
			}),
		);
	});

	it('name in their set exactly the UIDs they hold', () => {
		const near = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
		fc.assert(
			fc.property(near, (given) => {
				const [window] = uidWindows(given, 40);
				for (let uid = 1; uid <= 41; uid += 1) {
					expect(setNames(window?.set ?? '', uid)).toBe(given.includes(uid));
				}
			}),
		);
	});

	it('stay within the length of a command line', () => {
		const sparse = Array.from({ length: 500 }, (_, n) => 4_000_000_000 + 2 * n);
		expect(uidWindows(sparse, 500)[0]?.set.length).toBeLessThan(8_000);
	});

	it('write runs of UIDs as ranges', () => {
		expect(uidWindows([7, 3, 1, 2], 10)).toEqual([{ uids: [1, 2, 3, 7], set: '1:3,7' }]);
	});
});

describe('a set of UIDs', () => {
	it.each([
		['5', 5, true],
		['5', 6, false],
		['5:*', 4, false],
		['5:*', 5, true],
		['*:5', 9, true],
		['9:5', 7, true],
		['1,5:6', 6, true],
		['*', 3, true],
	])('%s names %i: %s', (set, uid, expected) => {
		expect(setNames(set, uid)).toBe(expected);
	});
});
