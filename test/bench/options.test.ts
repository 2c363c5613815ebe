import { describe, expect, it } from 'vitest';
import { SetUpFailure } from '../../scripts/setUpFailure.mjs';
import { helpOn, parseBenchOptions } from './options.ts';
import { WORKS } from './works.ts';

const KNOWN = WORKS.map(({ name }) => name);
const parse = (args: readonly string[]) => parseBenchOptions(args, KNOWN);

describe('the options of npm run bench', () => {
	it.each([
		[[], { works: [], quick: false, write: false, help: false }],
		[['read', '--quick'], { works: ['read'], quick: true }],
		[
			['read', '--rounds', '3', '--json', 'out.json'],
			{ works: ['read'], rounds: 3, jsonFile: 'out.json' },
		],
		[['--write'], { works: [], write: true }],
		[['--write', 'read'], { works: ['read'], write: true }],
	])('%j', (args, options) => {
		expect(parse(args)).toMatchObject(options);
	});

	it.each([
		['an unknown one', ['--fast']],
		['a work that is not measured', ['receive']],
		['no rounds', ['--rounds', '0']],
		['rounds that are no number', ['--rounds', '1e3']],
		['a page written from a glance', ['--write', '--quick']],
	])('refuse %s', (_, args) => {
		expect(() => parse(args)).toThrow(SetUpFailure);
	});

	it('are listed with every work', () => {
		for (const { name } of WORKS) expect(helpOn(WORKS)).toContain(`  ${name} `);
		expect(helpOn(WORKS)).toContain('--quick');
	});
});
