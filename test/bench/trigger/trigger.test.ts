import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { IDataObject, IRun, ITriggerFunctions } from 'n8n-workflow';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createWorkFolder, removeFolder } from '../../../scripts/folders.ts';
import { WrongAnswer } from '../contest.ts';
import type * as EmitterNode from './BacklogEmitter.node.ts';
import { Effects } from './effects.ts';
import { writeEmitter } from './emitter.ts';
import { writeLetters } from './letters.ts';
import { readUsage, usageOf } from './processUsage.ts';
import { aloneRow, backlogRows, growthRows, pushRows } from './triggerRows.ts';

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

	it('tell the speed of a backlog and the wait for its first run, and ask nothing of them', () => {
		const backlog = { ours: figures(40, 400), theirs: figures(80, 400) };
		expect(backlogRows(10_000, backlog)).toMatchObject([
			{
				...{ ratio: 0.5, bar: 0 },
				ours: { perSecond: { median: 40 }, cpuMilliseconds: 2, peakMegabytes: 400 },
			},
			{ ratio: 0.5, bar: 0, ours: { milliseconds: { median: 25 } } },
		]);
	});

	it.each([
		[50, true],
		[150, false],
	])('hold the growth by %d MB without n8n against 100 MB: %s', (growth, holds) => {
		const memory = { growth, peakMegabytes: 200, cpuMilliseconds: 3 };
		expect(aloneRow(10_000, 256, memory)).toMatchObject({
			work: 'memory growth, backlog of 10,000 against 100, without n8n, heap capped at 256 MB',
			...{ against: '100 MB', ratio: 100 / growth, bar: 1, holds },
			ours: { megabytes: { median: growth }, peakMegabytes: 200 },
			theirs: { megabytes: { median: 100 } },
		});
	});

	const grown = (from: number, to: number) => ({
		small: figures(10, from),
		large: figures(40, to),
	});

	it.each([
		[350, true],
		[450, false],
	])('hold the growth of n8n from 300 MB to %d MB against 100 MB: %s', (peak, holds) => {
		const rows = growthRows(10_000, 300, { ours: grown(300, peak), emitted: grown(290, 330) });
		expect(rows).toMatchObject([
			{
				work: 'memory growth of n8n, backlog of 10,000 against 100, heap capped at 300 MB',
				...{ against: '100 MB', ratio: 100 / (peak - 300), bar: 1, holds },
				ours: { megabytes: { median: peak - 300 }, cpuMilliseconds: 2, peakMegabytes: peak },
			},
			{
				ratio: 40 / (peak - 300),
				bar: 0,
				ours: { megabytes: { median: peak - 300 } },
				theirs: { megabytes: { median: 40 } },
			},
		]);
	});

	it('compare nothing with nothing where n8n did not grow', () => {
		const rows = growthRows(500, 300, { ours: grown(300, 300), emitted: grown(300, 299) });
		expect(rows.map(({ ratio }) => ratio)).toEqual([100, 1]);
	});

	it('say nothing of the memory of n8n where it cannot be seen', () => {
		const unseen = { ...figures(10, 0), usage: undefined };
		const both = { small: unseen, large: unseen };
		expect(growthRows(500, 300, { ours: both, emitted: both })).toEqual([]);
		expect(backlogRows(500, { ours: unseen, theirs: unseen })[0]).not.toHaveProperty(
			'ours.peakMegabytes',
		);
	});
});

describe('a trigger that only starts runs', () => {
	it('starts one for each message, five at a time, with the item that it is given', async () => {
		const folder = createWorkFolder();
		onTestFinished(() => removeFolder(folder));
		writeEmitter(join(folder, 'extensions'));
		const [itemFile, idsFile] = [join(folder, 'item.json'), join(folder, 'ids.json')];
		writeFileSync(itemFile, JSON.stringify({ kind: 'rem', envelope: { messageId: '<x>' } }));
		const ids = Array.from({ length: 12 }, (_, index) => `<${index}@x>`);
		writeFileSync(idsFile, JSON.stringify(ids));
		const { BacklogEmitter } = createRequire(import.meta.url)(
			join(folder, 'extensions', 'BacklogEmitter.node.js'),
		) as typeof EmitterNode;
		const started: IDataObject[] = [];
		const ends: Array<() => void> = [];
		const keys = new Set<string | undefined>();
		const emit: ITriggerFunctions['emit'] = (data, _response, done, key) => {
			started.push(data[0]?.[0]?.json ?? {});
			keys.add(key);
			ends.push(() => done?.resolve({} as IRun));
		};
		await new BacklogEmitter().trigger.call({
			getNodeParameter: (name: string) => ({ itemFile, idsFile })[name],
			getWorkflow: () => ({ id: 'workflow' }),
			emit,
		} as unknown as ITriggerFunctions);
		expect(started).toHaveLength(5);
		for (let ended = 0; ended < ids.length; ended += 1) {
			ends[ended]?.();
			await vi.waitFor(() => expect(started).toHaveLength(Math.min(ended + 6, ids.length)));
		}
		expect(started).toEqual(ids.map((messageId) => ({ kind: 'rem', envelope: { messageId } })));
		expect(keys.size).toBe(ids.length);
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
