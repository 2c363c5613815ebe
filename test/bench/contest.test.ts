import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createWorkFolder, removeFolder } from '../../scripts/folders.ts';
import { compete, ContestantProcess, WrongAnswer } from './contest.ts';

let folder: string;
beforeAll(() => {
	folder = createWorkFolder();
});
afterAll(() => removeFolder(folder));

const contest = (...contestants: string[]) => ({
	module: new URL('fixtureContestants.ts', import.meta.url).href,
	contestants,
	settings: join(folder, 'turns.log'),
	pace: { rounds: 3, milliseconds: 0, warmUp: 0 },
});

it('lets them take turns, each warmed up before the first round, and keeps every round', async () => {
	const rounds = await compete(contest('one', 'other'));
	const turns = readFileSync(join(folder, 'turns.log'), 'utf8').trim().split('\n');
	expect(turns).toEqual(['one', 'other', 'one', 'other', 'other', 'one', 'one', 'other']);
	expect([...rounds.keys()]).toEqual(['one', 'other']);
	for (const measured of rounds.values()) {
		expect(measured).toHaveLength(3);
		for (const { perSecond, cpuMilliseconds, peakMegabytes } of measured) {
			expect(perSecond).toBeGreaterThan(0);
			expect(cpuMilliseconds).toBeGreaterThanOrEqual(0);
			expect(peakMegabytes).toBeGreaterThan(10);
		}
	}
});

it.each([
	['answers wrong', 'wrong', 'wrong: Error: a wrong answer'],
	['ends in the middle', 'gone', 'gone ended by itself'],
	['does not exist', 'nobody', 'nobody: Error: There is no such contestant'],
])('has no figures when a contestant %s', async (_, name, reason) => {
	const competed = compete(contest('one', name));
	await expect(competed).rejects.toThrow(WrongAnswer);
	await expect(competed).rejects.toThrow(reason);
});

// A mailbox of 6,000 messages in the process that starts contestants hid what a contestant grew by.
it.runIf(process.platform === 'linux')(
	'tells the peak of a contestant, and not of the process that started it',
	async () => {
		const held = Buffer.alloc(250 * 1024 ** 2, 1);
		const { module, settings } = contest();
		const one = new ContestantProcess('one');
		onTestFinished(() => one.end());
		await one.prepare(module, settings);
		const { peakMegabytes } = await one.measure(0);
		expect(peakMegabytes).toBeLessThan(held.length / 1024 ** 2);
	},
);
