import { describe, expect, it } from 'vitest';
import { SetUpFailure } from '../../scripts/setUpFailure.mjs';
import { parseFuzzOptions } from './options.ts';

describe('options of npm run fuzz', () => {
	it('have defaults', () => {
		expect(parseFuzzOptions([], 7)).toEqual({ seconds: 60, seed: 7, first: false, help: false });
	});

	it('are taken as written', () => {
		const args = [
			'--seconds',
			'600',
			'--seed',
			'4294967295',
			'--keep',
			'a',
			'--reader',
			'b.ts',
			'--first',
		];
		expect(parseFuzzOptions(args, 7)).toEqual({
			seconds: 600,
			seed: 4_294_967_295,
			keep: 'a',
			reader: 'b.ts',
			first: true,
			help: false,
		});
	});

	it.each([
		['--seconds', '0'],
		['--seconds', 'x'],
		['--seconds', '-1'],
		['--seed', '1e3'],
		['--seed', '4294967296'],
		['--unknown'],
		['word'],
	])('are refused in words: %s %s', (...args) => {
		expect(() =>
			parseFuzzOptions(
				args.filter((arg) => arg !== undefined),
				7,
			),
		).toThrow(SetUpFailure);
	});
});
