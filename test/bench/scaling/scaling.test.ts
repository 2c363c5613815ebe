import { describe, expect, it } from 'vitest';
import type { CarryingFigures } from './carrying.ts';
import { carryingRows, waitingRows } from './scalingRows.ts';
import type { ByContender, WaitingFigures } from './waiting.ts';

/** n8n itself uses 300 ms a minute and 400 MB. */
function waiting(
	triggers: number,
	{ ours, theirs }: ByContender<readonly [cpu: number, resident: number]>,
): ByContender<WaitingFigures> {
	const figures = ([cpu, resident]: readonly [number, number]): WaitingFigures => ({
		triggers,
		connections: triggers,
		cpu: [300 + cpu - 10, 300 + cpu, 300 + cpu + 10],
		resident: [400 + resident],
		live: [200 + resident],
	});
	return { ours: figures(ours), theirs: figures(theirs) };
}

const none = waiting(0, { ours: [0, 0], theirs: [0, 0] });

describe('the rows of triggers that wait', () => {
	it.each([
		[139, 39, true],
		[150, 90, false],
	])(
		'hold an n8n with fifty, which add %d ms and %d MB, to 1.1 times one with theirs: %s',
		(cpu, resident, holds) => {
			const rows = waitingRows([
				none,
				waiting(10, { ours: [900, 900], theirs: [1, 1] }),
				waiting(50, { ours: [cpu, resident], theirs: [100, 0] }),
			]);
			const asked = rows.filter(({ bar }) => bar > 0);
			expect(asked).toMatchObject([
				{ work: '50 waiting triggers (connections 50 : 50), processor a minute', holds },
				{ work: '50 waiting triggers (connections 50 : 50), memory of n8n', holds },
			]);
		},
	);

	it('calculate a thousand from what most of them add', () => {
		const rows = waitingRows([none, waiting(50, { ours: [150, 30], theirs: [100, 60] })]);
		expect(rows.filter(({ work }) => work.startsWith('calculated'))).toMatchObject([
			{ against: 'one core', ratio: 20, ours: { milliseconds: { median: 3_000 } } },
			{ ratio: 2, ours: { megabytes: { median: 600 } } },
		]);
	});

	it('are none where processes cannot be looked at', () => {
		expect(waitingRows([])).toEqual([]);
	});
});

describe('the rows of messages carried', () => {
	const carried = (perSecond: number, seen = true): CarryingFigures => ({
		perSecond,
		mainMs: seen ? 20 : undefined,
		workersMs: seen ? 40 : undefined,
		mainPeakMegabytes: seen ? 500 : undefined,
		workerPeakMegabytes: seen ? 400 : undefined,
	});

	it('compare two workers with one and with regular mode, and tell what a core is enough for', () => {
		const queued = { oneWorker: [carried(20)], twoWorkers: [carried(30)] };
		expect(carryingRows(10, queued, [{ ...carried(15), workersMs: undefined }])).toMatchObject([
			{ ratio: 1.5, ours: { cpuMilliseconds: 60 }, theirs: { cpuMilliseconds: 60 } },
			{ ratio: 2, against: 'regular mode', theirs: { cpuMilliseconds: 20 } },
			{ ours: { milliseconds: { median: 20 } }, theirs: { milliseconds: { median: 40 } } },
			{ ours: { megabytes: { median: 500 } }, theirs: { megabytes: { median: 400 } } },
			{ ours: { perSecond: { median: 50 } }, theirs: { perSecond: { median: 25 } } },
		]);
	});

	it('say nothing of the processor where it cannot be seen', () => {
		const queued = { oneWorker: [carried(20, false)], twoWorkers: [carried(30, false)] };
		const rows = carryingRows(10, queued, [carried(15, false)]);
		expect(rows.map(({ ours }) => Object.keys(ours))).toEqual([['perSecond'], ['perSecond']]);
	});
});
