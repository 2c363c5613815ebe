import { expect, it } from 'vitest';
import { inFlight } from '../../nodes/PecMailbox/operations/inFlight.ts';

const turn = async () => await new Promise((resolve) => setImmediate(resolve));

async function* numbers(upTo: number, onAsked?: (value: number) => void) {
	for (let value = 1; value <= upTo; value += 1) {
		onAsked?.(value);
		yield await Promise.resolve(value);
	}
}

function heldWork() {
	const held = new Map<number, (result: string) => void>();
	const begun: number[] = [];
	return {
		begun,
		work: async (value: number) => {
			begun.push(value);
			return await new Promise<string>((resolve) => held.set(value, resolve));
		},
		end: (value: number) => held.get(value)?.(`done ${value}`),
	};
}

it('works on so many at once, and gives results in order though later ones end first', async () => {
	const { begun, work, end } = heldWork();
	const results = inFlight(numbers(4), work, { most: 3, isAlone: () => false });
	const first = results.next();
	await turn();
	expect(begun).toEqual([1, 2, 3]);
	end(3);
	end(2);
	end(1);
	expect((await first).value).toBe('done 1');
	expect((await results.next()).value).toBe('done 2');
	expect(begun).toEqual([1, 2, 3, 4]);
	end(4);
	expect((await results.next()).value).toBe('done 3');
	expect((await results.next()).value).toBe('done 4');
	expect((await results.next()).done).toBe(true);
});

it('asks for nothing behind what has to be done with before', async () => {
	const asked: number[] = [];
	const { work, end } = heldWork();
	const results = inFlight(
		numbers(3, (value) => asked.push(value)),
		work,
		{ most: 3, isAlone: (value) => value === 2 },
	);
	const first = results.next();
	await turn();
	expect(asked).toEqual([1, 2]);
	end(2);
	await turn();
	expect(asked).toEqual([1, 2, 3]);
	for (const value of [1, 3]) end(value);
	expect((await first).value).toBe('done 1');
});

it('ends when one fails, not before the others that are under way have ended', async () => {
	let others = 0;
	const work = async (value: number) => {
		if (value === 1) throw new Error('no room');
		await turn();
		others += 1;
		return await Promise.resolve(value);
	};
	const results = inFlight(numbers(4), work, { most: 3, isAlone: () => false });
	await expect(results.next()).rejects.toThrow('no room');
	expect(others).toBe(2);
});

it('kept back what was done when no next one came: now it gives that, and then fails', async () => {
	async function* brokenOff(): AsyncGenerator<number, void> {
		yield 1;
		yield 2;
		throw new Error('the connection was lost');
	}
	const done: number[] = [];
	const use = async () => {
		const work = async (value: number) => await Promise.resolve(value);
		for await (const value of inFlight(brokenOff(), work, { most: 4, isAlone: () => false })) {
			done.push(value);
		}
	};
	await expect(use()).rejects.toThrow('the connection was lost');
	expect(done).toEqual([1, 2]);
});
