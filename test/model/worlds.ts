// One process of the model: worlds FROM to TO, or until the first in which something is wrong. Prints one line of JSON.
import { play } from './story.ts';
import type { Fault } from './server.ts';

export interface Worlds {
	readonly runs: number;
	readonly steps: number;
	readonly purged: number;
	readonly faults: Partial<Record<Fault, number>>;
	/** Worlds in which something was wrong. */
	readonly violations: number;
	readonly first?: {
		readonly seed: number;
		readonly violations: readonly string[];
		readonly history: readonly string[];
	};
}

const [from = 1, to = 1] = process.argv.slice(2, 4).map(Number);
const stopsAtFirst = process.argv[4] === 'first';
const faults: Partial<Record<Fault, number>> = {};
const sums = { runs: 0, steps: 0, purged: 0, violations: 0 };
let first: Worlds['first'];
for (let seed = from; seed <= to; seed += 1) {
	const {
		steps,
		purged,
		faults: struck,
		violations,
		history,
	} = await play(seed, process.env.PEC_MODEL_BUG);
	sums.runs += 1;
	sums.steps += steps;
	sums.purged += purged;
	for (const [fault, times] of Object.entries(struck) as Array<[Fault, number]>) {
		faults[fault] = (faults[fault] ?? 0) + times;
	}
	if (violations.length === 0) continue;
	sums.violations += 1;
	first ??= { seed, violations, history };
	if (stopsAtFirst) break;
}
console.log(JSON.stringify({ ...sums, faults, ...(first ? { first } : {}) }));
