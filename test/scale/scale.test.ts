import { describe, expect, it } from 'vitest';

import { judge, type ToldRow, type Truth } from './judge.ts';
import { scaleRows } from './rows.ts';
import { scale } from './scaling.ts';

const ROWS = scaleRows(7);
const STATES = [
	['notDelivered', 'mailboxFull'],
	['notDelivered', 'mailboxDisabled'],
	['notDelivered', 'addressUnknown'],
	['notDelivered', 'domainUnknown'],
	['notCertified', 'notCertified'],
	['delivered'],
	['delivered'],
] as const;
const TOLD: ToldRow[] = STATES.map(([state, reason], index) => ({
	...{ rowKey: String(index), state },
	...(reason === undefined ? {} : { reason }),
}));
const TRUTH: Truth = { taken: ROWS.map(({ subject }) => subject), refused: 0, notTaken: [0, 0] };

const withRow = (index: number, state: string): ToldRow[] =>
	TOLD.map((row) => (row.rowKey === String(index) ? { rowKey: row.rowKey, state } : row));
const without = (index: number): Truth => ({
	...TRUTH,
	taken: TRUTH.taken.filter((_, each) => each !== index),
});

describe('the judge', () => {
	it('finds nothing where every state is right', () => {
		const judged = judge(ROWS, TOLD, TRUTH);
		expect(judged).toMatchObject({ duplicates: 0, lost: 0, wrong: [] });
		expect(judged.states.delivered).toBe(2);
	});

	it('counts a row that was taken twice', () => {
		const taken = [...TRUTH.taken, ROWS[6]?.subject ?? ''];
		const judged = judge(ROWS, TOLD, { ...TRUTH, taken });
		expect(judged).toMatchObject({ duplicates: 1, lost: 0 });
		expect(judged.wrong).toHaveLength(1);
	});

	it.each([
		['is told to be delivered', withRow(6, 'delivered'), 1],
		['is told to be queued', withRow(6, 'queued'), 1],
		['is not told of', TOLD.slice(0, -1), 1],
		['is in doubt, though nothing was cut off', withRow(6, 'inDoubt'), 0],
		['is rejected, though nothing was refused', withRow(6, 'rejected'), 0],
	])('finds a row that was never taken and %s', (_, told, lost) => {
		const judged = judge(ROWS, told, without(6));
		expect(judged).toMatchObject({ duplicates: 0, lost });
		expect(judged.wrong.length).toBeGreaterThan(0);
	});

	it.each<[string, Partial<Truth>]>([
		['rejected', { refused: 1 }],
		['inDoubt', { notTaken: [1, 1] }],
		['inDoubt', { notTaken: [0, 1] }],
	])('accepts that a row that was never taken is %s, when that happened', (state, truth) => {
		const judged = judge(ROWS, withRow(6, state), { ...without(6), ...truth });
		expect(judged).toMatchObject({ lost: 0, wrong: [] });
	});

	it.each([
		['delivered', 0],
		['notDelivered', 6],
		['inDoubt', 6],
		['accepted', 4],
	])('finds that %s is wrong for row %i', (state, index) => {
		expect(judge(ROWS, withRow(index, state), TRUTH).wrong.length).toBeGreaterThan(0);
	});
});

it('sends 300 rows with faults of every kind, each once, and tells every state as it is', async () => {
	const result = await scale({ rows: 300, connections: 5 });
	expect(result).toMatchObject({ duplicates: 0, lost: 0, wrong: [] });
	expect(Math.min(...Object.values(result.strikes))).toBeGreaterThan(0);
}, 120_000);
