import { describe, expect, it } from 'vitest';
import { readSpaceLimits } from '../../nodes/PecMailbox/operations/spaceLimits.ts';
import { readAsked } from '../../nodes/PecMailbox/operations/spaceReport.ts';
import { Parameters } from '../../nodes/n8n/parameters.ts';
import { executeFunctions } from './executeFunctions.ts';

function itemWith(parameters: Readonly<Record<string, unknown>>): Parameters {
	const functions = executeFunctions({
		credential: {},
		parameters: { threshold: 80, options: {}, language: 'it', olderThanDays: '', ...parameters },
	});
	return new Parameters(functions, 0);
}

describe('what is asked of the space', () => {
	it.each([
		[undefined, undefined],
		[0, undefined],
		['', undefined],
		[1024, 1024 ** 3],
		['2048', 2 * 1024 ** 3],
	])('takes a mailbox size of %j MB for %j bytes', (mailboxSize, givenLimit) => {
		expect(readSpaceLimits(itemWith({ options: { mailboxSize } })).givenLimit).toBe(givenLimit);
	});

	it.each(['1 GB', -1, Number.NaN])('refuses %j as a mailbox size', (mailboxSize) => {
		const item = itemWith({ options: { mailboxSize } });
		expect(() => readSpaceLimits(item)).toThrow(/Mailbox Size is no number/);
	});

	it('takes ages in any order, each once, and none for none', () => {
		expect(readAsked(itemWith({ olderThanDays: '90, 30,90 ,365' })).olderThanDays).toEqual([
			30, 90, 365,
		]);
		expect(readAsked(itemWith({ olderThanDays: ' ' })).olderThanDays).toEqual([]);
	});

	it.each(['30 days', '-1', '1.5', '1,2,3,4,5,6,7,8,9'])('refuses %j as ages', (olderThanDays) => {
		expect(() => readAsked(itemWith({ olderThanDays }))).toThrow(/Clean-Up Ages/);
	});

	it('puts the page into the field that is named, or into report', () => {
		expect(readAsked(itemWith({})).field).toBe('report');
		expect(readAsked(itemWith({ options: { outputField: ' pagina ' } })).field).toBe('pagina');
	});
});
