/** The part of Vitest's JSON report that is read here. */
export interface VitestReport {
	readonly testResults: readonly {
		/** Path of the test file. */
		readonly name: string;
		readonly status: 'failed' | 'passed';
		readonly assertionResults: readonly {
			readonly fullName: string;
			readonly status: string;
			readonly meta?: { readonly skipReason?: string };
		}[];
	}[];
}

export interface SkippedTest {
	readonly title: string;
	/** As the test gave it: what is missing, and how to get it. */
	readonly reason?: string;
}

export interface TestCounts {
	readonly passed: number;
	readonly failed: number;
	readonly skipped: readonly SkippedTest[];
}

/**
 * Counts tests. Whatever neither passed nor failed counts as skipped; a file that failed before its first test could
 * run counts as one failed test, so that no failure is without a number.
 */
export function countTests(report: VitestReport): TestCounts {
	let passed = 0;
	let failed = 0;
	const skipped: SkippedTest[] = [];
	for (const file of report.testResults) {
		const failedBefore = failed;
		for (const { status, fullName, meta } of file.assertionResults) {
			if (status === 'passed') passed += 1;
			else if (status === 'failed') failed += 1;
			else {
				const reason = meta?.skipReason;
				skipped.push({ title: fullName.trim(), ...(reason === undefined ? {} : { reason }) });
			}
		}
		if (file.status === 'failed' && failed === failedBefore) failed += 1;
	}
	return { passed, failed, skipped };
}
