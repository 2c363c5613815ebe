import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWorkFolder, removeFolder } from '../../scripts/folders.ts';
import { compete, WrongAnswer } from './contest.ts';

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
	expect(turns).toEqual(['one', 'other', 'one', 'other', 'one', 'other', 'one', 'other']);
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
