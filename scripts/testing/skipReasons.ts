import type { TestCase } from 'vitest/node';

declare module 'vitest' {
	interface TaskMeta {
		/** What `context.skip(note)` said. */
		skipReason?: string;
	}
}

/** A Vitest reporter that puts the note of a skipped test where the JSON report shows it. */
export default class SkipReasons {
	onTestCaseResult(test: TestCase): void {
		const result = test.result();
		if (result.state === 'skipped' && result.note !== undefined) {
			test.meta().skipReason = result.note;
		}
	}
}
