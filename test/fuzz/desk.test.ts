import { beforeAll, describe, expect, it } from 'vitest';
import { REACHABLE } from './coverage.ts';
import { openDesk, type Desk } from './desk.ts';
import { readEntity, writeEntity } from './entity.ts';
import { makeMessage } from './make.ts';
import { Random } from './random.ts';

let desk: Desk;

beforeAll(async () => {
	desk = await openDesk(undefined);
}, 120_000);

describe('what the fuzzer makes messages of', () => {
	it('is written again byte by byte when nothing was bent', () => {
		for (const { name, text } of desk.seeds) {
			if (!text.includes('\r\n\r\n')) continue;
			expect([name, writeEntity(readEntity(text)) === text]).toEqual([name, true]);
		}
	});

	it('is every kind of message that the sandbox writes, most of them signed', () => {
		expect(desk.seeds.length).toBeGreaterThan(40);
		expect(desk.seeds.filter(({ signed }) => signed !== undefined).length).toBeGreaterThan(35);
	});

	it('is bent in the same way for the same seed', () => {
		const make = (seed: number) => makeMessage(desk, new Random(seed));
		for (let seed = 0; seed < 50; seed += 1) {
			expect(make(seed).raw.equals(make(seed).raw)).toBe(true);
		}
		const recipes = new Set(Array.from({ length: 50 }, (_, seed) => make(seed).recipe.join()));
		expect(recipes.size).toBeGreaterThan(40);
	});
});

describe('what the fuzzer is to reach', () => {
	it('is every finding that the documentation names, but for the fault', () => {
		expect(REACHABLE.finding?.length).toBeGreaterThan(25);
		expect(REACHABLE.finding).toContain('signatureAltered');
		expect(REACHABLE.finding).not.toContain('readerFailed');
	});
});
