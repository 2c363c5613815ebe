import { expect, it } from 'vitest';
import { dateOf } from '../../nodes/PecMailbox/operations/criteria.ts';

const rome = { timeZone: 'Europe/Rome' };

it('a day that a person enters begins at midnight where the workflow is, not where the machine is', () => {
	expect(dateOf('2026-03-31', 'Received After', rome)?.toISOString()).toBe(
		'2026-03-30T22:00:00.000Z',
	);
	expect(dateOf('2026-03-31T00:00:00Z', 'Received After', rome)?.toISOString()).toBe(
		'2026-03-31T00:00:00.000Z',
	);
});

it('what is no date is refused, and nothing is no criterion', () => {
	expect(() => dateOf('31 marzo', 'Received After', rome)).toThrow(
		'Received After cannot be read as a date',
	);
	expect(dateOf(undefined, 'Received After', rome)).toBeUndefined();
});
