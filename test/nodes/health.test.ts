import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MailError } from '../../nodes/mail/errors.ts';
import { Health, type HealthReport } from '../../nodes/PecTrigger/health.ts';

const MINUTE = 60_000;

describe('the health of a trigger', () => {
	let told: HealthReport[];
	let health: Health;

	beforeEach(() => {
		vi.useFakeTimers({ now: new Date('2026-03-01T10:00:00Z') });
		told = [];
		health = new Health({
			now: () => new Date(),
			tell: (report) => told.push(report),
		});
		health.account = 'studio@pec.example';
	});
	afterEach(() => vi.useRealTimers());

	const refused = new MailError('authRefused', 'The server refuses the password', {
		whatToDo: 'Make a new application password',
		retry: 'never',
	});

	it('is told after 15 minutes without a connection, once, with the cause of last and what to do', () => {
		health.down(new Error('x'));
		vi.advanceTimersByTime(5 * MINUTE);
		health.down(refused);
		vi.advanceTimersByTime(9 * MINUTE);
		expect(told).toEqual([]);
		vi.advanceTimersByTime(60 * MINUTE);
		expect(told).toEqual([
			{
				account: 'studio@pec.example',
				state: 'unreachable',
				since: '2026-03-01T10:00:00.000Z',
				cause: 'The server refuses the password',
				whatToDo: 'Make a new application password',
			},
		]);
	});

	it('is told when the connection is back, if it was told that it was gone', () => {
		health.down(refused);
		vi.advanceTimersByTime(20 * MINUTE);
		health.up();
		health.up();
		expect(told.slice(1)).toEqual([
			{ account: 'studio@pec.example', state: 'reachable', since: '2026-03-01T10:20:00.000Z' },
		]);
	});

	it('says nothing of an outage of minutes', () => {
		health.down(refused);
		vi.advanceTimersByTime(14 * MINUTE);
		health.up();
		vi.advanceTimersByTime(60 * MINUTE);
		expect(told).toEqual([]);
	});

	it('says nothing after it was stopped', () => {
		health.down(refused);
		health.stop();
		health.inLine();
		health.started(false);
		health.full(1);
		health.folder(refused);
		vi.advanceTimersByTime(60 * MINUTE);
		expect(told).toEqual([]);
	});

	it('says so when runs that do not end keep all places for 15 minutes, and when one is free again', () => {
		health.up();
		health.full(5);
		vi.advanceTimersByTime(16 * MINUTE);
		expect(told).toMatchObject([{ state: 'blocked', since: '2026-03-01T10:00:00.000Z' }]);
		expect(told[0]?.cause).toMatch(/^5 runs of this workflow do not end/);
		expect(health.report().state).toBe('blocked');
		health.free();
		health.free();
		expect(told.slice(1)).toMatchObject([
			{ state: 'reachable', since: '2026-03-01T10:16:00.000Z' },
		]);
		expect(health.report()).toMatchObject({
			state: 'reachable',
			since: '2026-03-01T10:00:00.000Z',
		});
	});

	it('says nothing of places that become free in time', () => {
		health.up();
		for (let round = 0; round < 10; round += 1) {
			health.full(1);
			vi.advanceTimersByTime(10 * MINUTE);
			health.free();
		}
		expect(told).toEqual([]);
	});

	it('is unreachable until the mailbox was looked at, however long the line for a connection is', () => {
		expect(health.report()).toMatchObject({ state: 'unreachable' });
		health.inLine();
		vi.advanceTimersByTime(16 * MINUTE);
		expect(told).toMatchObject([{ state: 'unreachable', since: '2026-03-01T10:00:00.000Z' }]);
	});

	it('is told of a folder that cannot be looked at, although the others can', () => {
		for (let minute = 0; minute < 16; minute += 1) {
			health.up();
			health.folder(refused);
			vi.advanceTimersByTime(MINUTE);
		}
		health.folder(undefined);
		expect(told.map(({ state, cause }) => [state, cause])).toEqual([
			['unreachable', 'The server refuses the password'],
			['reachable', undefined],
		]);
	});

	it('is told when n8n starts no runs', () => {
		health.up();
		health.started(false);
		vi.advanceTimersByTime(20 * MINUTE);
		health.started(true);
		expect(told.map(({ state }) => state)).toEqual(['blocked', 'reachable']);
	});
});
