import { expect, inject, it } from 'vitest';
import { crash } from '../crash/crashing.ts';
import { POINTS } from '../crash/points.ts';
import { isClean, reportOf } from '../crash/report.ts';

/** n8n is started again after each kill. */
const LIMIT_MS = 10 * 60_000;

/**
 * A message that was not taken, one that was taken and of which no receipt tells yet (the only one that shows a sending on a
 * guess), and a record that is missing.
 */
const KILLS = ['kill.withinData', 'kill.acceptance.late', 'kill.atRecord'];

/** By it the acceptance that comes late is owed for a message that was taken, and not for the first. */
const SEED = 6;

it(
	'sends no row twice and forgets none while n8n is killed within mailings, and two runs start at once',
	{ timeout: LIMIT_MS },
	async () => {
		const points = POINTS.filter(({ name }) => [...KILLS, 'twoRuns'].includes(name));
		const result = await crash({
			parts: { nodes: inject('nodes'), installation: inject('installation') },
			rounds: points.length,
			batch: 12,
			seed: SEED,
			points,
			tell: () => undefined,
		});
		expect(isClean(result), reportOf(result)).toBe(true);
		expect(result.kills.map(({ point }) => point).toSorted()).toEqual(KILLS.toSorted());
	},
);
