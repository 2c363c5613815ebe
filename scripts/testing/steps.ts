import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNode } from '../command.ts';
import { ROOT } from '../folders.ts';
import { buildPackage } from '../packageBuild.ts';
import { countTests } from './vitestReport.ts';
import type { TestCounts, VitestReport } from './vitestReport.ts';

export interface StepOutcome {
	readonly ok: boolean;
	/** Shown when it is not ok. */
	readonly output: string;
	/** For steps that run tests. */
	readonly counts?: TestCounts;
}

export interface Step {
	readonly name: string;
	/** What it does, for the list of steps. */
	readonly purpose: string;
	/** `workFolder`: an empty place for files of this run. */
	run(workFolder: string): Promise<StepOutcome>;
}

const SKIP_REASONS = join(ROOT, 'scripts', 'testing', 'skipReasons.ts');

async function runTool(file: string, args: readonly string[]): Promise<StepOutcome> {
	const { code, output } = await runNode([join(ROOT, 'node_modules', file), ...args], {
		cwd: ROOT,
	});
	return { ok: code === 0, output };
}

async function runTests(project: string, workFolder: string): Promise<StepOutcome> {
	const reportFile = join(workFolder, `${project}.json`);
	const { ok, output } = await runTool('vitest/vitest.mjs', [
		'run',
		`--project=${project}`,
		'--reporter=default',
		'--reporter=json',
		`--reporter=${SKIP_REASONS}`,
		`--outputFile.json=${reportFile}`,
	]);
	const report: VitestReport = existsSync(reportFile)
		? (JSON.parse(readFileSync(reportFile, 'utf8')) as VitestReport)
		: { testResults: [] };
	const counts = countTests(report);
	// What fails outside of every test (an error nobody caught, no test at all) is a failure with no test to its name.
	const failed = ok ? counts.failed : Math.max(counts.failed, 1);
	return { ok: failed === 0, output, counts: { ...counts, failed } };
}

export const STEPS: readonly Step[] = [
	{
		name: 'format',
		purpose: 'Prettier finds nothing to change',
		run: async () => await runTool('prettier/bin/prettier.cjs', ['--check', '.']),
	},
	{
		name: 'lint',
		purpose: "n8n's rules for community nodes",
		run: async () => await runTool('eslint/bin/eslint.js', ['.']),
	},
	{
		name: 'types',
		purpose: 'the types of everything',
		run: async () => await runTool('typescript/bin/tsc', ['-p', 'tsconfig.json', '--noEmit']),
	},
	{ name: 'build', purpose: 'what would be published', run: buildPackage },
	{
		name: 'unit',
		purpose: 'the domain and the nodes, without a server',
		run: async (workFolder) => await runTests('unit', workFolder),
	},
	{
		name: 'transport',
		purpose: 'IMAP and SMTP, against the sandbox, Dovecot and Cyrus',
		run: async (workFolder) => await runTests('transport', workFolder),
	},
	{
		name: 'e2e',
		purpose: 'the packed package in a real n8n',
		run: async (workFolder) => await runTests('e2e', workFolder),
	},
];
