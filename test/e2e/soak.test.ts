import { expect, inject, it } from 'vitest';
import { POINTS_OF_A_MINUTE } from '../soak/points.ts';
import { isClean, reportOf } from '../soak/report.ts';
import { soak } from '../soak/soaking.ts';

/** A minute of messages; what is to be seen and started again takes its own time. */
const LIMIT_MS = 25 * 60_000;

it(
	'neither loses nor repeats while connections are cut and n8n is killed, for a minute',
	{ timeout: LIMIT_MS },
	async () => {
		const result = await soak({
			nodes: inject('nodes'),
			installation: inject('installation'),
			minutes: 1,
			seed: 5,
			points: POINTS_OF_A_MINUTE,
			longestStallMs: 5_000,
			tell: () => undefined,
		});
		const { suppressed } = result.verdict;
		expect(isClean(result), reportOf(result)).toBe(true);
		expect(suppressed.refused + suppressed.settled).toBeGreaterThan(0);
		expect(result.seen.kills.length).toBeGreaterThan(0);
	},
);
