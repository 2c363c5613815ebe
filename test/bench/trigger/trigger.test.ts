import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createWorkFolder, removeFolder } from '../../../scripts/folders.ts';
import { WrongAnswer } from '../contest.ts';
import { Effects } from './effects.ts';
import { writeLetters } from './letters.ts';
import { readUsage, usageOf } from './processUsage.ts';
import { backlogRows, pushRows } from './triggerRows.ts';

describe('the rows of npm run bench trigger', () => {
	it('hold push to execution start against 100 ms and against the peer', () => {
		const delays = { ours: [[40, 50, 60], [50]], theirs: [[45], [45]] };
		expect(pushRows({ delays })).toMatchObject([
			{ work: 'push to execution start', against: '100 ms', ratio: 2, bar: 1, holds: true },
			{ work: 'push to execution start', ratio: 0.9, bar: 1, holds: false },
		]);
	});

	const figures = (perSecond: number, peakMegabytes: number) => ({
		perSecond,
		firstRunMs: 1000 / perSecond,
		usage: { cpuMilliseconds: 20_000, peakMegabytes, residentMegabytes: 200 },
	});

	it.each([
		[350, true],
		[450, false],
	])('hold the growth from 300 MB to %d MB against 100 MB: %s', (peak, holds) => {
		const rows = backlogRows(10_000, {
			small: figures(10, 300),
			ours: figures(40, peak),
			theirs: figures(80, 400),
		});
		expect(rows).toMatchObject([
			{
				work: 'memory growth, backlog of 10,000 against 100',
				against: '100 MB',
				ratio: 100 / (peak - 300),
				bar: 1,
				holds,
				ours: {
					megabytes: { median: peak - 300 },
					cpuMilliseconds: 2,
					peakMegabytes: peak,
				},
				theirs: { megabytes: { median: 100 } },
			},
			{ ratio: 0.5, bar: 0, ours: { perSecond: { median: 40 } } },
			{ ratio: 0.5, bar: 0, ours: { milliseconds: { median: 25 } } },
		]);
	});

	it('say nothing of memory where it cannot be seen', () => {
		const unseen = { ...figures(10, 0), usage: undefined };
		const rows = backlogRows(500, { small: unseen, ours: unseen, theirs: unseen });
		expect(rows.map((row) => Object.keys(row.ours))).toEqual([['perSecond'], ['milliseconds']]);
	});
});

describe('what a process has used', () => {
	it('is read from the texts of /proc, whatever the program is called', () => {
		const stat = `42 (a (b) c) S 1 42 42 0 -1 4194304 ${'0 '.repeat(4)}250 50 0 0 20 0 11`;
		expect(readUsage(stat, 'VmPeak:\t 9 kB\nVmHWM:\t  204800 kB\nVmRSS:\t 1024 kB\n')).toEqual({
			cpuMilliseconds: 3_000,
			peakMegabytes: 200,
			residentMegabytes: 1,
		});
	});

	it.runIf(process.platform === 'linux')('lies within what Node counts for itself', () => {
		const resident = process.memoryUsage.rss() / 1024 ** 2;
		const usage = usageOf(process.pid);
		// The kernel counts pages per thread and adds them up now and then.
		expect(usage?.peakMegabytes).toBeGreaterThan(resident - 16);
		// The most of getrusage(2) also counts what the process was before it became this program.
		expect(usage?.peakMegabytes).toBeLessThan(process.resourceUsage().maxRSS / 1024 + 16);
		expect(usage?.cpuMilliseconds).toBeGreaterThan(0);
		expect(usageOf(undefined)).toBeUndefined();
	});
});

describe('effects of runs', () => {
	async function effects(...ids: string[]): Promise<Effects> {
		const started = await Effects.start();
		onTestFinished(async () => await started.stop());
		for (const id of ids) {
			await fetch(`${started.urlOf('ours')}?id=${encodeURIComponent(id)}&verified=true`);
		}
		return started;
	}

	it('are counted by flow and message', async () => {
		const counted = await effects('<a@x>', '<b+c@x>');
		expect(counted.of('ours')).toMatchObject([
			{ id: '<a@x>', verified: 'true' },
			{ id: '<b+c@x>', verified: 'true' },
		]);
		expect(counted.of('theirs')).toEqual([]);
		counted.requireEach('ours', ['<b+c@x>', '<a@x>']);
	});

	it.each([
		['a message without a run', ['<a@x>'], '1 had no run'],
		['a second run of one message', ['<a@x>', '<b@x>', '<a@x>'], '1 more than one'],
		['a run for no message', ['<a@x>', '<b@x>', ''], '1 runs were for no message'],
	])('are wrong with %s', async (_, ids, reason) => {
		const counted = await effects(...ids);
		const judge = () => counted.requireEach('ours', ['<a@x>', '<b@x>']);
		expect(judge).toThrow(WrongAnswer);
		expect(judge).toThrow(reason);
	});

	it('are wrong with a seal that was refused', async () => {
		const counted = await effects('<a@x>');
		await fetch(`${counted.urlOf('ours')}?id=b&verified=false`);
		expect(() => counted.requireEach('ours', ['<a@x>', 'b'])).toThrow(
			'1 messages were told as not',
		);
	});

	it('are waited for, and not for ever', async () => {
		const counted = await effects('<a@x>');
		const second = counted.reach('ours', 2, 10_000);
		await fetch(`${counted.urlOf('ours')}?id=b`);
		expect(await second).toMatchObject({ id: 'b' });
		await expect(counted.reach('ours', 3, 1)).rejects.toThrow('2 of 3 messages');
	});
});

it('every message has a Message-ID of its own', async () => {
	const folder = createWorkFolder();
	onTestFinished(() => removeFolder(folder));
	const { letters, pecCa } = await writeLetters(join(folder, 'letters'), 4);
	expect(new Set(letters.map(({ id }) => id)).size).toBe(4);
	for (const { id, raw } of letters) expect(raw.toString('latin1')).toContain(`Message-ID: ${id}`);
	expect(pecCa).toContain('BEGIN CERTIFICATE');
});
