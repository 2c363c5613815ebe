import { describe, expect, it } from 'vitest';
import { judge, type RoundSeen } from './judge.ts';
import { figuresOf, isClean, reportOf } from './report.ts';

const row = { recipient: 'cliente01@pec.beta.test', rowKey: 'R1' };
const round = (mailing: string, point: string, state: string): RoundSeen => ({
	point,
	mailing,
	rows: [row],
	shown: [{ ...row, state, action: state === 'inDoubt' ? 'skipped' : 'sent' }],
	complete: true,
	struck: true,
	runs: 2,
	seconds: 3,
});
const took = (mailing: string) => ({ ...row, mailing, at: '2026-11-28T10:00:00.000Z' });

const ROUNDS = [
	round('A', 'kill.afterDot', 'inDoubt'),
	round('B', 'kill.afterDot', 'submitted'),
	round('C', 'twoRuns', 'submitted'),
];
const EMPTIED = round('D', 'mailbox.emptied', 'submitted');

function resultOf(...taken: string[]) {
	return {
		rounds: ROUNDS,
		emptied: EMPTIED,
		verdict: judge([...ROUNDS, EMPTIED], taken.map(took)),
		strikes: { 'kill.afterDot': 2, twoRuns: 1 },
		kills: [
			{ at: 1, point: 'kill.afterDot' },
			{ at: 2, point: 'kill.afterDot' },
		],
		seconds: 60,
		seed: 5,
		batch: 1,
	};
}

describe('the report of the crashes', () => {
	it('has the figures', () => {
		expect(figuresOf(resultOf('A', 'B', 'C', 'D'))).toMatchObject({
			rounds: 3,
			recipients: 4,
			duplicates: 0,
			lost: 0,
			kills: 2,
			killsByPoint: { 'kill.afterDot': 2 },
			inDoubtShown: 1,
			inDoubtTaken: 1,
			roundsByPoint: { 'kill.afterDot': 2, twoRuns: 1 },
			emptied: { recipients: 1, duplicates: 0 },
			seed: 5,
		});
	});

	it('names what went out again, also after the mailbox was emptied', () => {
		const result = resultOf('A', 'B', 'C', 'D', 'D');
		expect(figuresOf(result).emptied.duplicates).toBe(1);
		expect(reportOf(result)).toMatch(
			/SENT AGAIN: D, R1 .*\n.*NOT CLEAN: 1 messages were sent again/s,
		);
		expect(isClean(result)).toBe(false);
	});

	it('names what was lost', () => {
		const result = resultOf('A', 'B', 'D');
		expect(reportOf(result)).toContain('LOST: C, R1 to cliente01@pec.beta.test; taken never');
		expect(isClean(result)).toBe(false);
	});

	it('is clean when nothing is to be said', () => {
		expect(isClean(resultOf('B', 'C', 'D'))).toBe(true);
		expect(reportOf(resultOf('B', 'C', 'D'))).not.toContain('NOT CLEAN');
	});
});
