import { expect, inject, it } from 'vitest';
import { crash } from '../crash/crashing.ts';
import { KILL_POINTS } from '../crash/placePoints.ts';
import { POINTS } from '../crash/points.ts';
import { isClean, reportOf } from '../crash/report.ts';

/** A few mailings of twenty rows; n8n is started again after each kill. */
const LIMIT_MS = 25 * 60_000;

it(
	'sends no row twice and forgets none while n8n is killed within mailings, and two runs start at once',
	{ timeout: LIMIT_MS },
	async () => {
		const points = [...KILL_POINTS, ...POINTS.filter(({ name }) => name === 'twoRuns')];
		const result = await crash({
			parts: { nodes: inject('nodes'), installation: inject('installation') },
			rounds: points.length,
			batch: 20,
			seed: 5,
			points,
			tell: () => undefined,
		});
		expect(isClean(result), reportOf(result)).toBe(true);
		expect(result.kills.length).toBe(KILL_POINTS.length);
	},
);
