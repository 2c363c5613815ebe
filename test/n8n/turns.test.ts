import { expect, it } from 'vitest';
import { inTurns } from '../../nodes/n8n/turns.ts';

it('gives every item in order, and others their turn in between', async () => {
	const items = Array.from({ length: 1_000 }, (_, index) => index);
	let turns = 0;
	const others = setInterval(() => (turns += 1), 0);
	const given: number[] = [];
	for await (const item of inTurns(items)) {
		const until = performance.now() + 0.2;
		while (performance.now() < until);
		given.push(item);
	}
	clearInterval(others);
	expect(given).toEqual(items);
	expect(turns).toBeGreaterThan(10);
});
