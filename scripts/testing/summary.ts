import { formatDuration } from '../progress.ts';
import type { StepOutcome } from './steps.ts';
import type { SkippedTest } from './vitestReport.ts';

export interface StepResult extends StepOutcome {
	readonly name: string;
	readonly durationMs: number;
}

function pad(cells: readonly string[], widths: readonly number[]): string {
	const [name = '', ...rest] = cells;
	const columns = rest.map((cell, index) => cell.padStart(widths[index + 1] ?? 0));
	return `  ${[name.padEnd(widths[0] ?? 0), ...columns].join('  ')}`.trimEnd();
}

/** One line a step: name, result, time, and the tests it ran. */
export function formatTable(results: readonly StepResult[]): string {
	const rows = [
		['step', 'result', 'time', 'passed', 'failed', 'skipped'],
		...results.map(({ name, ok, durationMs, counts }) => [
			name,
			ok ? 'ok' : 'FAILED',
			formatDuration(durationMs),
			...(counts === undefined
				? []
				: [counts.passed, counts.failed, counts.skipped.length].map(String)),
		]),
	];
	const widths = [0, 1, 2, 3, 4, 5].map((column) =>
		Math.max(...rows.map((row) => row[column]?.length ?? 0)),
	);
	return rows.map((row) => pad(row, widths)).join('\n');
}

export function skippedTests(results: readonly StepResult[]): readonly SkippedTest[] {
	return results.flatMap(({ counts }) => counts?.skipped ?? []);
}

/** The last line: `12 passed, 0 failed, 0 skipped`. */
export function formatCounts(results: readonly StepResult[]): string {
	const sum = (count: 'failed' | 'passed') =>
		results.reduce((total, { counts }) => total + (counts?.[count] ?? 0), 0);
	return `${sum('passed')} passed, ${sum('failed')} failed, ${skippedTests(results).length} skipped`;
}

/** Whether the run as a whole is a success. Where `skippingFails` (CI), a test that did not run is no success. */
export function succeeded(results: readonly StepResult[], skippingFails: boolean): boolean {
	return results.every(({ ok }) => ok) && !(skippingFails && skippedTests(results).length > 0);
}
