// npm test [-- <step> …]
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createWorkFolder, removeFolder, ROOT, sweepWorkFolders } from './folders.ts';
import { INTERRUPTED_STATUS, onInterruption } from './interruption.ts';
import { withProgress } from './progress.ts';
import { STEPS } from './testing/steps.ts';
import type { Step } from './testing/steps.ts';
import { formatCounts, formatTable, skippedTests, succeeded } from './testing/summary.ts';
import type { StepResult } from './testing/summary.ts';
import type { SkippedTest } from './testing/vitestReport.ts';

function chooseSteps(names: readonly string[]): readonly Step[] | undefined {
	const known = new Set(STEPS.map(({ name }) => name));
	if (!names.every((name) => known.has(name))) return undefined;
	return names.length === 0 ? STEPS : STEPS.filter(({ name }) => names.includes(name));
}

async function runStep(step: Step, workFolder: string): Promise<StepResult> {
	const startedAt = performance.now();
	const outcome = await withProgress(step.name, async () => await step.run(workFolder));
	if (!outcome.ok) console.log(`\n--- ${step.name} ---\n${outcome.output.trimEnd()}\n`);
	return { name: step.name, durationMs: performance.now() - startedAt, ...outcome };
}

function listSkipped(skipped: readonly SkippedTest[]): string {
	const packages = readFileSync(join(ROOT, 'scripts', 'debianPackages.txt'), 'utf8');
	return [
		'These tests were skipped:',
		...skipped.map(
			({ title, reason }) => `  ${title}${reason === undefined ? '' : ` (${reason})`}`,
		),
		`What tests want of a Debian or Ubuntu machine: apt-get install ${packages.trim().split(/\s+/).join(' ')}`,
		'and Cyrus, which apt does not install beside Dovecot: scripts/unpackCyrus.sh',
	].join('\n');
}

async function runSteps(steps: readonly Step[]): Promise<boolean> {
	const skippingFails = process.env.CI === 'true';
	const workFolder = createWorkFolder();
	// Also at Ctrl+C: the status is set there and this process ends at once.
	process.on('exit', () => removeFolder(workFolder));
	const results: StepResult[] = [];
	for (const step of steps) results.push(await runStep(step, workFolder));

	const skipped = skippedTests(results);
	console.log(`\n${formatTable(results)}\n`);
	if (skipped.length > 0) {
		console.log(listSkipped(skipped));
		if (skippingFails) console.log('With CI=true a skipped test is a failure.');
		console.log('');
	}
	console.log(formatCounts(results));
	return succeeded(results, skippingFails);
}

onInterruption(() => process.exit(INTERRUPTED_STATUS));
sweepWorkFolders();
const steps = chooseSteps(process.argv.slice(2));
if (steps === undefined) {
	const list = STEPS.map(({ name, purpose }) => `  ${name.padEnd(10)} ${purpose}`).join('\n');
	console.error(`npm test runs these steps; name those you want, or none for all:\n${list}`);
	process.exitCode = 1;
} else {
	process.exitCode = (await runSteps(steps)) ? 0 : 1;
}
