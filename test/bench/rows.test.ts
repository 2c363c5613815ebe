import { describe, expect, it } from 'vitest';
import type { Measurement } from './contest.ts';
import { formatRows, performancePage } from './report.ts';
import { lesserRowOf, limitRowOf, rowOf } from './rows.ts';
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
		expect(text).toContain('holds   some work: 10.0 times as good as the peer (bar 10)');
		expect(text).toContain('MISSED  some work: 10.0 times as good as the peer (bar 11)');
		expect(text).toContain('ours 200 (100 to 300)/s, theirs 25.0 (10.0 to 25.0)/s');
		const [work] = WORKS;
		if (!work) throw new Error('nothing to measure');
		const page = await performancePage([{ work, rows }], ['a machine'], {
			works: [work],
			before: '',
		});
		expect(page).toMatch(/^# Performance\n/);
		expect(page).toContain('- a machine\n');
		expect(page).toMatch(/\| some work +\| the peer +\| 10.0 +\| 11 +\| NO /);
	});
});

describe('a row of which less is better', () => {
	const head = (bar: number) => ({ work: 'a delay', against: 'the peer', bar });
	const rounds = {
		measure: 'milliseconds',
		ours: [
			[10, 30, 20],
			[40, 40, 40],
			[10, 10, 10],
		],
		theirs: [
			[40, 40, 400],
			[60, 60, 60],
			[30, 30, 30],
		],
	} as const;

	it.each([
		[2, true],
		[2.01, false],
	])('with the bar %d at the ratio 2 holds: %s', (bar, holds) => {
		// By rounds 2, 1.5 and 3; over all measurements it would be 40 to 20.
		expect(lesserRowOf(head(bar), rounds)).toEqual({
			...head(bar),
			ratio: 2,
			holds,
			ours: { milliseconds: { median: 20, min: 10, max: 40, outliers: 0 } },
			theirs: { milliseconds: { median: 40, min: 30, max: 400, outliers: 1 } },
		});
	});

	it.each([
		[[50, 20, 10], 5],
		[[200], 0.5],
		[[0], 100],
		[[-30], 100],
	])('of %j against a limit of 100 has the ratio %d', (ours, ratio) => {
		const row = limitRowOf(
			head(1),
			{ measure: 'megabytes', limit: 100, ours },
			{ peakMegabytes: 7 },
		);
		expect(row).toMatchObject({
			ratio,
			holds: ratio >= 1,
			ours: { megabytes: { max: Math.max(...ours) }, peakMegabytes: 7 },
			theirs: { megabytes: { median: 100, min: 100, max: 100 } },
		});
	});

	it('is told in its unit, and without a verdict where nothing is asked', () => {
		const limit = limitRowOf(head(1), { measure: 'megabytes', limit: 100, ours: [400] });
		expect(formatRows([limit])).toContain(
			'MISSED  a delay: 0.25 times as good as the peer (bar 1)',
		);
		expect(formatRows([limit])).toContain('ours 400 MB, theirs 100 MB\n');
		const figure = formatRows([lesserRowOf(head(0), rounds)]);
		expect(figure).toContain('figure  a delay: 2.00 times as good as the peer (bar -)');
		expect(figure).toContain(
			'ours 20.0 (10.0 to 40.0) ms, theirs 40.0 (30.0 to 400; 1 outlier) ms',
		);
	});
});
