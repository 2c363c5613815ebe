import { describe, expect, it } from 'vitest';
import { formatCounts, formatTable, succeeded } from '../../scripts/testing/summary.ts';
import type { StepResult } from '../../scripts/testing/summary.ts';
import { countTests } from '../../scripts/testing/vitestReport.ts';
import type { VitestReport } from '../../scripts/testing/vitestReport.ts';

function report(status: 'failed' | 'passed', ...statuses: string[]): VitestReport {
	const assertionResults = statuses.map((each, index) => ({
		fullName: ` test ${index}`,
		status: each,
	}));
	return { testResults: [{ name: 'a.test.ts', status, assertionResults }] };
}

const oneSkipped = {
	passed: 3,
	failed: 0,
	skipped: [{ title: 'against Dovecot', reason: 'no dovecot' }],
};
const steps: readonly StepResult[] = [
	{ name: 'lint', ok: true, durationMs: 4_000, output: '' },
	{ name: 'unit', ok: true, durationMs: 61_000, output: '', counts: oneSkipped },
];

describe('what Vitest reports', () => {
	it.each([
		['passed and failed', report('failed', 'passed', 'failed'), [1, 1, 0]],
		[
			'skipped, todo and pending as skipped',
			report('passed', 'skipped', 'todo', 'pending'),
			[0, 0, 3],
		],
		['a file that broke before its first test as one failed', report('failed'), [0, 1, 0]],
		[
			'a file whose hook broke after its tests passed as one failed',
			report('failed', 'passed'),
			[1, 1, 0],
		],
		['nothing', { testResults: [] }, [0, 0, 0]],
	])('is counted: %s', (_, given, [passed, failed, skipped]) => {
		const counts = countTests(given);
		expect([counts.passed, counts.failed, counts.skipped.length]).toEqual([
			passed,
			failed,
			skipped,
		]);
	});

	it('names a skipped test and why', () => {
		const assertionResults = [
			{ fullName: ' against Dovecot', status: 'skipped', meta: { skipReason: 'no dovecot' } },
			{ fullName: ' another', status: 'skipped', meta: {} },
		];
		const { skipped } = countTests({
			testResults: [{ name: 'a.test.ts', status: 'passed', assertionResults }],
		});
		expect(skipped).toEqual([
			{ title: 'against Dovecot', reason: 'no dovecot' },
			{ title: 'another' },
		]);
	});
});

describe('the closing report', () => {
	it('is a table of steps and a line of counts', () => {
		expect(formatTable(steps).split('\n')).toEqual([
			'  step  result        time  passed  failed  skipped',
			'  lint      ok         4 s',
			'  unit      ok  1 min 01 s       3       0        1',
		]);
		expect(formatCounts(steps)).toBe('3 passed, 0 failed, 1 skipped');
	});

	it('is no success in CI when a test was skipped', () => {
		expect([succeeded(steps, false), succeeded(steps, true)]).toEqual([true, false]);
	});

	it('is no success when a step without tests failed', () => {
		const [lint, unit] = steps as [StepResult, StepResult];
		expect(succeeded([{ ...lint, ok: false }, unit], false)).toBe(false);
	});
});
