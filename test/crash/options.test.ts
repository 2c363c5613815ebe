import { describe, expect, it } from 'vitest';
import { parseCrashOptions } from './options.ts';
import { POINT_NAMES } from './points.ts';

const parse = (...args: string[]) => parseCrashOptions(args, { anySeed: 7, points: POINT_NAMES });

describe('the options of npm run crash', () => {
	it('have defaults: every point once', () => {
		expect(parse()).toEqual({
			rounds: POINT_NAMES.length,
			batch: 200,
			seed: 7,
			points: POINT_NAMES,
			help: false,
		});
	});

	it('are read', () => {
		expect(
			parse('--rounds', '30', '--batch', '20', '--seed', '1', '--json', 'a.json', '--log', 'a.log'),
		).toMatchObject({ rounds: 30, batch: 20, seed: 1, jsonFile: 'a.json', logFile: 'a.log' });
	});

	it('take some of the points', () => {
		expect(parse('--points', 'twoRuns, kill.afterDot')).toMatchObject({
			points: ['twoRuns', 'kill.afterDot'],
			rounds: 2,
		});
	});

	it.each([
		['--rounds', '0'],
		['--rounds', 'ten'],
		['--batch', '1'],
		['--seed', '-1'],
		['--points', 'kill.nowhere'],
		['--points', ''],
		['--hours', '1'],
		['x'],
	])('are refused with what they may be: %s %s', (...args) => {
		expect(() => parse(...args)).toThrow(/npm run crash/);
	});
});
