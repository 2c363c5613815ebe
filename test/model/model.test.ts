import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runNode } from '../../scripts/command.ts';
import { ROOT } from '../../scripts/folders.ts';
import { BUGS } from './bugs.ts';
import { parseModelOptions } from './options.ts';

const MODEL = join(import.meta.dirname, 'model.ts');
/** The first worlds in which each planted mistake shows come before this one. */
const SEARCHED = '1500';
const LONGEST_MS = 600_000;

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'pec-model-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('clean-ups in whatever order of arrivals, people and troubles', () => {
	it(
		'lose nothing, and every planted mistake is found',
		async () => {
			const file = join(folder, 'model.json');
			const args = [MODEL, '--runs', '150', '--searched', SEARCHED, '--json', file];
			const { code, output } = await runNode(['--no-warnings', ...args], { cwd: ROOT });
			expect(output).not.toMatch(/VIOLATION|NOT FOUND/);
			expect(code).toBe(0);
			const figures = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number> & {
				faults: object;
			};
			expect(figures).toMatchObject({
				runs: 150,
				violations: 0,
				plantedBugs: BUGS.length,
				plantedBugsFound: BUGS.length,
			});
			expect(BUGS.length).toBeGreaterThanOrEqual(10);
			// Or nothing was tried.
			expect(figures.purged).toBeGreaterThan(300);
			expect(Object.keys(figures.faults).length).toBeGreaterThanOrEqual(12);
		},
		LONGEST_MS,
	);
});

describe('the options of the model', () => {
	it('are what the command line says, or the usual ones', () => {
		expect(parseModelOptions([])).toEqual({ runs: 1_000, seed: 1, searched: 1_500, help: false });
		const args = ['--runs', '7', '--seed', '3', '--searched', '0', '--json', 'x.json'];
		expect(parseModelOptions(args)).toEqual({
			runs: 7,
			seed: 3,
			searched: 0,
			jsonFile: 'x.json',
			help: false,
		});
	});

	it.each([['--runs', '0'], ['--runs', 'many'], ['--seed', '-1'], ['--unknown']])(
		'refuse %s %s',
		(...args) => {
			expect(() => parseModelOptions(args)).toThrow(/npm run model/);
		},
	);
});
