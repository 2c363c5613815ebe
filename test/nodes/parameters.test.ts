import { describe, expect, it } from 'vitest';
import { requestOf } from '../../nodes/PecMailbox/operations/cleanUp.ts';
import { Parameters } from '../../nodes/n8n/parameters.ts';
import { executeFunctions } from './executeFunctions.ts';

const NOW = new Date('2026-06-30T12:00:00.000Z');
const DAY_MS = 86_400_000;

function cleanUpOf(parameters: Readonly<Record<string, unknown>>) {
	const functions = executeFunctions({
		credential: {},
		parameters: { folders: '', olderThanDays: 30, keepUnread: true, ...parameters },
	});
	return () => requestOf(new Parameters(functions, 0), NOW);
}

describe('parameters that an expression fills', () => {
	it.each([
		[30, 30],
		['7', 7],
		[0, 0],
	])('takes %j days as %j', (given, days) => {
		const { olderThan } = cleanUpOf({ olderThanDays: given })().criteria;
		expect((NOW.getTime() - olderThan.getTime()) / DAY_MS).toBe(days);
	});

	// Number('') and Number(null) are 0: a clean-up would have had no age limit at all.
	it.each(['', ' ', null, 'soon', Number.NaN])('refuses %j as a number of days', (given) => {
		expect(cleanUpOf({ olderThanDays: given ?? '' })).toThrow(/Older Than is no number/);
	});

	it.each([
		[true, true],
		['true', true],
		[false, false],
		['false', false],
	])('takes %j for Keep Unread as %j', (given, keepUnread) => {
		expect(cleanUpOf({ keepUnread: given })().criteria.keepUnread).toBe(keepUnread);
	});

	it('refuses what is neither true nor false', () => {
		expect(cleanUpOf({ keepUnread: 'no' })).toThrow(/neither true nor false/);
	});

	it('lets messages go without a copy only when the word is typed', () => {
		expect(cleanUpOf({ copyRequired: 'none' })).toThrow(/not confirmed/);
		expect(cleanUpOf({ copyRequired: 'none', confirmation: 'elimina' })).toThrow(/not confirmed/);
		const { criteria } = cleanUpOf({ copyRequired: 'none', confirmation: ' ELIMINA ' })();
		expect(criteria.copyRequired).toBe('none');
		expect(cleanUpOf({})().criteria.copyRequired).toBe('checked');
	});

	it.each([
		[[], {}],
		[['transportEnvelope'], { kinds: ['transportEnvelope'] }],
		[['sentCopy', 'delivery'], { kinds: ['ordinary', 'receipt'], receiptTypes: ['delivery'] }],
	])('takes %j as what to clean up', (kinds, expected) => {
		const { criteria } = cleanUpOf({ kinds: [kinds] })();
		const { kinds: found, receiptTypes } = criteria;
		expect({ kinds: found, receiptTypes }).toEqual({
			kinds: undefined,
			receiptTypes: undefined,
			...expected,
		});
	});

	it('takes no limit for one that is empty, and refuses one that is none', () => {
		expect(cleanUpOf({ options: { maxMessages: '', maxMinutes: 0 } })().budget).toEqual({});
		const options = { maxMessages: 5, maxMegabytes: 2, maxMinutes: 3 };
		expect(cleanUpOf({ options })().budget).toEqual({
			maxMessages: 5,
			maxBytes: 2 * 1024 * 1024,
			maxMs: 180_000,
		});
		expect(cleanUpOf({ options: { maxMessages: 'many' } })).toThrow(/Max Messages/);
	});
});
