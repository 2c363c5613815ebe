import { describe, expect, it } from 'vitest';
import type { Measurement } from './contest.ts';
import { formatRows, performancePage } from './report.ts';
import { rowOf } from './rows.ts';
import { quantile, ratioOf, summaryOf } from './statistics.ts';
import { WORKS } from './works.ts';

const measured = (...speeds: number[]): Measurement[] =>
	speeds.map((perSecond) => ({ perSecond, cpuMilliseconds: 1000 / perSecond, peakMegabytes: 50 }));

const ROUNDS = new Map([
	['us', measured(100, 200, 300)],
	['them', measured(10, 25, 25)],
	['least', measured(1000, 1000, 1000)],
]);
const comparison = (bar: number) => ({
	work: 'some work',
	against: 'the peer',
	bar,
	ours: 'us',
	theirs: 'them',
	floor: 'least',
});

describe('several measurements', () => {
	it.each([
		[[7], 7],
		[[3, 1, 2], 2],
		[[4, 1, 3, 2], 2.5],
		[[10, 9, 100], 10],
	])('%j have the median %d', (values, median) => {
		expect(quantile(values, 0.5)).toBe(median);
	});

	it('have a range, and outliers that are counted and not removed', () => {
		expect(summaryOf([10, 11, 12, 11, 10, 100])).toEqual({
			median: 11,
			min: 10,
			max: 100,
			outliers: 1,
		});
		expect(summaryOf([10, 11, 12, 13]).outliers).toBe(0);
	});

	it('come to nothing when there are none', () => {
		expect(() => summaryOf([])).toThrow(RangeError);
	});

	it('are compared round by round: a slow moment of the machine meets both', () => {
		expect(ratioOf([100, 10, 100], [10, 1, 10])).toBe(10);
		// Of the medians it would be 20.
		expect(ratioOf([10, 20, 30], [10, 1, 1])).toBe(20);
		expect(ratioOf([10, 20, 300], [10, 20, 5])).toBe(1);
		expect(() => ratioOf([1, 2], [1])).toThrow(RangeError);
	});
});

describe('a row', () => {
	it.each([
		[10, true],
		[10.01, false],
	])('with the bar %d at the ratio 10 holds: %s', (bar, holds) => {
		expect(rowOf(comparison(bar), ROUNDS)).toMatchObject({
			work: 'some work',
			against: 'the peer',
			ratio: 10,
			bar,
			holds,
			ours: { perSecond: { median: 200, min: 100, max: 300 }, cpuMilliseconds: 5 },
			theirs: { perSecond: { median: 25 }, peakMegabytes: 50 },
			floor: { perSecond: { median: 1000 } },
		});
	});

	it('names no CPU and memory of a contestant that works in other processes', () => {
		const { ours, theirs } = rowOf(comparison(1), ROUNDS, new Set(['them']));
		expect(Object.keys(theirs)).toEqual(['perSecond']);
		expect(Object.keys(ours)).toEqual(['perSecond', 'cpuMilliseconds', 'peakMegabytes']);
	});

	it('says in words whether its bar holds, and what it rests on', async () => {
		const rows = [rowOf(comparison(10), ROUNDS), rowOf(comparison(11), ROUNDS)];
		const text = formatRows(rows);
		expect(text).toContain('holds   some work: 10.0 times the peer (bar 10)');
		expect(text).toContain('MISSED  some work: 10.0 times the peer (bar 11)');
		expect(text).toContain('ours 200 (100 to 300)/s, theirs 25.0 (10.0 to 25.0)/s');
		const [work] = WORKS;
		if (!work) throw new Error('nothing to measure');
		const page = await performancePage([{ work, rows }], ['a machine']);
		expect(page).toMatch(/^# Performance\n/);
		expect(page).toContain('- a machine\n');
		expect(page).toMatch(/\| some work +\| the peer +\| 10.0 +\| 11 +\| NO /);
	});
});
