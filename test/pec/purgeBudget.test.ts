import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oldestFirst, withinBudget } from '../../nodes/pec/purgeBudget.ts';
import type { PurgeVerdict } from '../../nodes/pec/types.ts';

const verdict = (
	uid: number,
	day: number | string,
	size = 100,
	sending?: string,
): PurgeVerdict => ({
	message: {
		pecKey: String(uid),
		folder: 'INBOX',
		uid,
		uidValidity: '1',
		size,
		receivedAt: typeof day === 'string' ? day : new Date(Date.UTC(2026, 0, day)).toISOString(),
	},
	verdict: 'delete',
	blockedBy: [],
	copy: 'checked',
	seen: true,
	...(sending === undefined ? {} : { sending }),
});
const uids = (verdicts: readonly PurgeVerdict[]) => verdicts.map(({ message }) => message.uid);

describe('what goes first', () => {
	it('is the oldest; what has no date comes last', () => {
		const given = [verdict(1, 9), verdict(2, 'never'), verdict(3, 4), verdict(4, 6)];
		expect(uids(oldestFirst(given))).toEqual([3, 4, 1, 2]);
	});

	it('is what belongs to one sending together, by its oldest message', () => {
		const given = [
			verdict(1, 2),
			verdict(2, 9, 1, '<a>'),
			verdict(3, 3),
			verdict(4, 1, 1, '<a>'),
			verdict(5, 1, 1, '<b>'),
			verdict(6, 5, 1, '<b>'),
		];
		expect(uids(oldestFirst(given))).toEqual([2, 4, 5, 6, 1, 3]);
	});
});

describe('a budget', () => {
	const three = [verdict(1, 1, 100), verdict(2, 2, 300), verdict(3, 3, 50)];

	it.each([
		['none bears all', {}, [1, 2, 3]],
		['of messages', { maxMessages: 2 }, [1, 2]],
		['of bytes', { maxBytes: 400 }, [1, 2]],
		['of bytes, without passing one by', { maxBytes: 399 }, [1]],
		['of less than one message bears one, or it would never go', { maxBytes: 10 }, [1]],
		['of no messages bears none', { maxMessages: 0 }, []],
	])('%s', (_, budget, expected) => {
		const { now, later } = withinBudget(three, budget);
		expect(uids(now)).toEqual(expected);
		expect(uids([...now, ...later])).toEqual([1, 2, 3]);
	});

	it('loses none and doubles none, in whatever order they come', () => {
		const any = fc.array(
			fc.record({
				day: fc.integer({ min: 1, max: 9 }),
				size: fc.integer({ min: 0, max: 99 }),
				sending: fc.option(fc.constantFrom('<a>', '<b>'), { nil: undefined }),
			}),
		);
		fc.assert(
			fc.property(any, fc.nat(9), fc.nat(300), (given, maxMessages, maxBytes) => {
				const verdicts = given.map(({ day, size, sending }, uid) =>
					verdict(uid, day, size, sending),
				);
				const { now, later } = withinBudget(oldestFirst(verdicts), { maxMessages, maxBytes });
				expect(uids([...now, ...later]).sort((a, b) => a - b)).toEqual(uids(verdicts));
				expect(now.length).toBeLessThanOrEqual(maxMessages);
				const bytes = now.reduce((sum, { message }) => sum + message.size, 0);
				expect(now.length <= 1 || bytes <= maxBytes).toBe(true);
			}),
		);
	});
});
