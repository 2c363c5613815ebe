import { describe, expect, it } from 'vitest';
import { readRequest } from '../../nodes/PecMailbox/operations/cleanUp.ts';
import { Parameters } from '../../nodes/n8n/parameters.ts';
import { executeFunctions } from './executeFunctions.ts';

function cleanUpOf(parameters: Readonly<Record<string, unknown>>) {
	const functions = executeFunctions({
		credential: {},
		parameters: { folders: '', olderThanDays: 30, keepUnread: true, ...parameters },
	});
	return () => readRequest(new Parameters(functions, 0));
}

describe('parameters that an expression fills', () => {
	it.each([
		[30, 30],
		['7', 7],
		[0, 0],
	])('takes %j days as %j', (given, days) => {
		expect(cleanUpOf({ olderThanDays: given })().olderThanDays).toBe(days);
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
		expect(cleanUpOf({ keepUnread: given })().keepUnread).toBe(keepUnread);
	});

	it('refuses what is neither true nor false', () => {
		expect(cleanUpOf({ keepUnread: 'no' })).toThrow(/neither true nor false/);
	});
});
