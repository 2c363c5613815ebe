import type { ITriggerFunctions } from 'n8n-workflow';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { giveUp, heartbeat, missingOf, tellHealth } from '../../nodes/PecTrigger/notices.ts';
import type { TriggerSettings } from '../../nodes/PecTrigger/settings.ts';

const emitOfToday = (_data: unknown, _response: unknown, _done: unknown, _key: unknown) =>
	undefined;
const emitOfOld = (_data: unknown, _response: unknown, _done: unknown) => undefined;

const functionsOf = (changes: object) =>
	({
		emit: emitOfToday,
		saveFailedExecution: () => undefined,
		getWorkflowSettings: () => ({ errorWorkflow: 'E' }),
		getNode: () => ({ name: 'PEC Trigger' }),
		getTimezone: () => 'Europe/Rome',
		logger: { warn: () => undefined },
		...changes,
	}) as unknown as ITriggerFunctions;

describe('what a trigger cannot promise', () => {
	it('is nothing in an n8n of today with an error workflow', () => {
		expect(missingOf(functionsOf({}))).toEqual([]);
	});

	it.each([
		['a second run after a crash, where n8n knows no keys', { emit: emitOfOld }, /second one/],
		['notices, where n8n takes none', { saveFailedExecution: undefined }, /heartbeat/],
		['that somebody is told', { getWorkflowSettings: () => ({}) }, /error workflow/],
	])('is %s', (_, changes, expected) => {
		expect(missingOf(functionsOf(changes))).toEqual([expect.stringMatching(expected)]);
	});
});

describe('a notice', () => {
	const settings = { healthNotices: true } as TriggerSettings;
	let errors: Array<{ message: string; description?: string }>;
	let functions: ITriggerFunctions;
	beforeEach(() => {
		errors = [];
		functions = functionsOf({ saveFailedExecution: (error: Error) => errors.push(error) });
	});

	it('of an outage says since when, by the clock of the workflow, why, and what to do', () => {
		tellHealth(functions, settings, {
			account: 'studio@pec.example',
			state: 'unreachable',
			since: '2026-03-01T09:02:00.000Z',
			cause: 'The IMAP server refused the sign-in',
			whatToDo: 'Make a new application password',
		});
		expect(errors[0]?.message).toBe(
			'New messages start no runs since 1 Mar 2026, 10:02 (Europe/Rome). The IMAP server refused the sign-in',
		);
		expect(errors[0]?.description).toBe('Make a new application password');
	});

	it('is written also where the time zone is none', () => {
		const odd = functionsOf({
			getTimezone: () => 'DEFAULT',
			saveFailedExecution: (error: Error) => errors.push(error),
		});
		tellHealth(odd, settings, { state: 'reachable', since: '2026-03-01T09:02:00.000Z' });
		expect(errors[0]?.message).toContain('1 Mar 2026, 09:02 (UTC)');
	});

	it('of a message that is given up names it, and never an address', () => {
		const pecKey = `${'a'.repeat(64)}-7`;
		giveUp(functions, { failures: 3, crashes: 0 }, pecKey);
		giveUp(
			functions,
			{ failures: 3, crashes: 0 },
			'outcome:<m@pec.example>:rossi@pec.example:delivered',
		);
		expect(errors[0]?.message).toContain(pecKey);
		expect(errors[1]?.message).not.toContain('@');
	});
});

describe('a sign of life', () => {
	beforeEach(() => vi.useFakeTimers());
	afterEach(() => vi.useRealTimers());

	const beats = (heartbeatHours: number) => {
		const emitted: unknown[] = [];
		const functions = functionsOf({ emit: (data: unknown) => emitted.push(data) });
		const settings = { heartbeatHours } as TriggerSettings;
		const account = 'studio@pec.example';
		heartbeat(functions, settings, () => ({ account, state: 'reachable', since: 'now' }));
		return emitted;
	};

	it('comes at intervals', () => {
		const emitted = beats(1);
		vi.advanceTimersByTime(3 * 3_600_000);
		expect(emitted).toHaveLength(3);
	});

	it('of more hours than a timer can wait does not come all the time', () => {
		const emitted = beats(1_000);
		vi.advanceTimersByTime(24 * 3_600_000);
		expect(emitted).toEqual([]);
	});
});
