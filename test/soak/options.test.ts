import { describe, expect, it } from 'vitest';
import { parseSoakOptions } from './options.ts';

describe('the options of npm run soak', () => {
	it('have defaults', () => {
		expect(parseSoakOptions([], 7)).toEqual({
			minutes: 5,
			seed: 7,
			beside: false,
			write: false,
			help: false,
		});
	});

	it('are read', () => {
		expect(
			parseSoakOptions(['--minutes', '30', '--seed', '1', '--json', 'a.json', '--log', 'a.log'], 7),
		).toEqual({
			minutes: 30,
			seed: 1,
			jsonFile: 'a.json',
			logFile: 'a.log',
			beside: false,
			write: false,
			help: false,
		});
	});

	it.each([
		['--minutes', '0'],
		['--minutes', 'ten'],
		['--seed', '-1'],
		['--hours', '1'],
		['x'],
		['--write'],
	])('are refused with what they may be: %s %s', (...args) => {
		expect(() => parseSoakOptions(args, 7)).toThrow(/npm run soak/);
	});
});
