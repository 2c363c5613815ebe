import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge, objections, type RoundSeen, type Shown, type Taken } from './judge.ts';

const AT = '2026-11-28T10:00:00.000Z';
const ROWS = [
	{ recipient: 'cliente01@pec.beta.test', rowKey: 'R1' },
	{ recipient: 'cliente01@pec.beta.test', rowKey: 'R2' },
	{ recipient: 'cliente02@pec.beta.test', rowKey: 'R3' },
] as const;
const [R1, R2, R3] = ROWS;

const took = (row: (typeof ROWS)[number], mailing = 'A'): Taken => ({ ...row, mailing, at: AT });
const sent = (row: (typeof ROWS)[number]): Shown => ({
	...row,
	state: 'submitted',
	action: 'sent',
});

const CLEAN: RoundSeen = {
	point: 'kill.after250',
	mailing: 'A',
	rows: ROWS,
	shown: ROWS.map(sent),
	complete: true,
	struck: true,
	runs: 2,
	seconds: 1,
};
const ALL_TAKEN = ROWS.map((row) => took(row));
const STRUCK = { 'kill.after250': 1 };

const objected = (round: Partial<RoundSeen>, taken: readonly Taken[], strikes = STRUCK) =>
	objections(judge([{ ...CLEAN, ...round }], taken), strikes).join('; ');

describe('the judge of the crashes', () => {
	it('has nothing to say when each row was taken once', () => {
		expect(objected({}, ALL_TAKEN)).toBe('');
	});

	it.each([
		[
			'a row is sent again after a kill',
			{},
			[...ALL_TAKEN, took(R2)],
			'1 messages were sent again',
		],
		[
			'a row goes out three times',
			{},
			[...ALL_TAKEN, took(R2), took(R2)],
			'2 messages were sent again',
		],
		[
			'a row is sent again to the same address in other letters',
			{},
			[...ALL_TAKEN, { ...took(R1), recipient: 'Cliente01@PEC.beta.test' }],
			'1 messages were sent again',
		],
		[
			'a row is called sent and never was',
			{},
			[took(R1), took(R3)],
			'1 rows were neither sent nor shown',
		],
		[
			'a row is left out of everything',
			{ shown: [sent(R1), sent(R3)] },
			[took(R1), took(R3)],
			'1 rows were neither sent nor shown',
		],
		[
			'a row stays deferred for ever',
			{
				shown: [sent(R1), { ...R2, state: 'queued', action: 'deferred' }, sent(R3)],
				complete: false,
			},
			[took(R1), took(R3)],
			'1 rows were neither sent nor shown; these mailings never ended: A',
		],
		[
			'a row is called already sent by mistake: the other one of the same address was',
			{ shown: [sent(R1), { ...R2, state: 'submitted', action: 'alreadySent' }, sent(R3)] },
			[took(R1), took(R3)],
			'1 rows were neither sent nor shown',
		],
		[
			'a sent row is missing in the output',
			{ shown: [sent(R1), sent(R2)] },
			ALL_TAKEN,
			'1 rows were sent and are missing in the output',
		],
		[
			'a message goes to somebody who is in no row',
			{},
			[...ALL_TAKEN, { ...took(R1), recipient: 'altro@pec.beta.test' }],
			'1 messages are of no row',
		],
		[
			'a message has no marker',
			{},
			[...ALL_TAKEN, { recipient: R1.recipient, at: AT }],
			'1 messages are of no row',
		],
	] satisfies readonly [string, Partial<RoundSeen>, readonly Taken[], string][])(
		'finds the planted mistake: %s',
		(_, round, taken, found) => {
			expect(objected(round, taken)).toBe(found);
		},
	);

	it('counts two submissions of one row in two rounds as one sent again', () => {
		const second = { ...CLEAN, mailing: 'B', rows: [R1], shown: [sent(R1)] };
		const late = [...ALL_TAKEN, took(R1, 'B'), took(R1)];
		expect(judge([CLEAN, second], late)).toMatchObject({ duplicates: 1, strange: [], lost: [] });
	});

	it('does not take two mailings to the same people for a repetition', () => {
		const second = { ...CLEAN, mailing: 'B' };
		const taken = [...ALL_TAKEN, ...ROWS.map((row) => took(row, 'B'))];
		expect(objections(judge([CLEAN, second], taken), STRUCK)).toEqual([]);
	});

	it.each([
		['inDoubt', 'skipped', 1],
		['rejected', 'skipped', 0],
		['notDelivered', 'skipped', 0],
	])('a row that a person sees as %s, %s is not lost', (state, action, inDoubt) => {
		const shown = [sent(R1), { ...R2, state, action }, sent(R3)];
		const verdict = judge([{ ...CLEAN, shown }], [took(R1), took(R3)]);
		expect(verdict.lost).toEqual([]);
		expect(verdict.inDoubt).toHaveLength(inDoubt);
		expect(objections(verdict, STRUCK)).toEqual([]);
	});

	it('says of a row in doubt whether it was taken', () => {
		const shown = ROWS.map((row) => ({ ...row, state: 'inDoubt', action: 'skipped' }));
		const { inDoubt } = judge([{ ...CLEAN, shown }], [took(R2)]);
		expect(inDoubt.map(({ rowKey, takenAt }) => [rowKey, takenAt.length])).toEqual([
			['R1', 0],
			['R2', 1],
			['R3', 0],
		]);
	});

	it('names a point that never struck', () => {
		expect(objected({}, ALL_TAKEN, { ...STRUCK, twoRuns: 0 } as never)).toBe(
			'these points never struck: twoRuns',
		);
	});

	it('counts each row once or finds it, whatever was taken and shown', () => {
		const times = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 3 });
		const states = fc.array(fc.constantFrom('submitted', 'inDoubt', 'queued', undefined), {
			minLength: 3,
			maxLength: 3,
		});
		fc.assert(
			fc.property(times, states, (counts, shownStates) => {
				const taken = ROWS.flatMap((row, index) =>
					Array.from({ length: counts[index] ?? 0 }, () => took(row)),
				);
				const shown = ROWS.flatMap((row, index): Shown[] => {
					const state = shownStates[index];
					return state === undefined ? [] : [{ ...row, state, action: 'sent' }];
				});
				const { duplicates, lost } = judge([{ ...CLEAN, shown }], taken);
				const reached = counts.filter((count) => count > 0).length;
				expect(duplicates).toBe(taken.length - reached);
				const told = ROWS.filter(
					(_, index) => counts[index] === 0 && shownStates[index] === 'inDoubt',
				).length;
				expect(lost).toHaveLength(ROWS.length - reached - told);
			}),
		);
	});
});
