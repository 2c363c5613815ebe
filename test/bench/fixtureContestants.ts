/** Contestants that only write down that it was their turn, for contest.test.ts. */

import { appendFileSync } from 'node:fs';
import type { Contestant } from './contest.ts';

const counting =
	(name: string) =>
	async (log: string): Promise<Contestant> => ({
		units: 3,
		run: () => appendFileSync(log, `${name}\n`),
	});

const failing = (run: () => void) => async (): Promise<Contestant> => ({ units: 1, run });

export const contestants = {
	one: counting('one'),
	other: counting('other'),
	wrong: failing(() => {
		throw new Error('a wrong answer');
	}),
	gone: failing(() => process.exit(0)),
};
