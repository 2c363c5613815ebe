import { expect, it } from 'vitest';
import { oneAhead } from '../../nodes/account/oneAhead.ts';

/** A work whose steps are written down, ended by hand. */
function slowWork() {
	const log: string[] = [];
	const open = new Map<number, { resolve: (result: string) => void; reject: (e: Error) => void }>();
	return {
		log,
		work: async (value: number) => {
			log.push(`begin ${value}`);
			return await new Promise<string>((resolve, reject) => open.set(value, { resolve, reject }));
		},
		end: (value: number) => {
			log.push(`end ${value}`);
			open.get(value)?.resolve(`result ${value}`);
		},
		fail: (value: number) => open.get(value)?.reject(new Error(`failed ${value}`)),
	};
}

const turn = async () => await new Promise((resolve) => setImmediate(resolve));

it('begins the next one as soon as one has ended, and none before', async () => {
	const { log, work, end } = slowWork();
	const results = oneAhead([1, 2, 3], work);
	const first = results.next();
	await turn();
	expect(log).toEqual(['begin 1']);
	end(1);
	expect((await first).value).toEqual({ value: 1, result: 'result 1' });
	await turn();
	expect(log).toEqual(['begin 1', 'end 1', 'begin 2']);
	end(2);
	await turn();
	expect(log).not.toContain('begin 3');
	expect((await results.next()).value).toEqual({ value: 2, result: 'result 2' });
	await turn();
	end(3);
	expect((await results.next()).value).toEqual({ value: 3, result: 'result 3' });
	expect(await results.next()).toEqual({ done: true, value: undefined });
});

it('lets what is under way end when nobody asks any more', async () => {
	const { log, work, end } = slowWork();
	const results = oneAhead([1, 2, 3], work);
	const first = results.next();
	await turn();
	end(1);
	await first;
	const stopped = results.return().then(() => log.push('stopped'));
	await turn();
	expect(log).not.toContain('stopped');
	end(2);
	await stopped;
	expect(log).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2', 'stopped']);
});

it('tells a failure in its turn, and begins nothing behind it', async () => {
	const { log, work, end, fail } = slowWork();
	const results = oneAhead([1, 2, 3], work);
	const first = results.next();
	await turn();
	end(1);
	await first;
	fail(2);
	await turn();
	await expect(results.next()).rejects.toThrow('failed 2');
	expect(log).toEqual(['begin 1', 'end 1', 'begin 2']);
});

it('waited for the next value before it gave a result that was there: now values are asked for ahead', async () => {
	const { log, work, end } = slowWork();
	let give: (() => void) | undefined;
	async function* values(): AsyncGenerator<number, void> {
		yield 1;
		yield 2;
		await new Promise<void>((resolve) => (give = resolve));
		yield 3;
	}
	const results = oneAhead(values(), work);
	const first = results.next();
	await turn();
	end(1);
	expect((await first).value).toEqual({ value: 1, result: 'result 1' });
	await turn();
	// the third value is asked for while the second is worked on and the first is used
	expect(give).toBeDefined();
	const second = results.next();
	give?.();
	await turn();
	end(2);
	expect((await second).value).toEqual({ value: 2, result: 'result 2' });
	await turn();
	end(3);
	expect((await results.next()).value).toEqual({ value: 3, result: 'result 3' });
	expect(log.filter((entry) => entry.startsWith('begin'))).toEqual([
		'begin 1',
		'begin 2',
		'begin 3',
	]);
	expect((await results.next()).done).toBe(true);
});

it('ends where its values come from when nobody asks any more', async () => {
	let isEnded = false;
	async function* values(): AsyncGenerator<number, void> {
		try {
			for (let value = 1; ; value += 1) yield await Promise.resolve(value);
		} finally {
			isEnded = true;
		}
	}
	for await (const { value } of oneAhead(values(), async (each) => await Promise.resolve(each))) {
		if (value === 3) break;
	}
	expect(isEnded).toBe(true);
});

it('tells that there is no next value behind the results that were there', async () => {
	async function* values(): AsyncGenerator<number, void> {
		yield 1;
		yield 2;
		await Promise.reject(new Error('no third'));
	}
	const seen: number[] = [];
	const use = async () => {
		for await (const { value } of oneAhead(values(), async (each) => await Promise.resolve(each))) {
			seen.push(value);
		}
	};
	await expect(use()).rejects.toThrow('no third');
	expect(seen).toEqual([1, 2]);
});

it('asked for the next value before it began the work: where both want one connection, the work waited', async () => {
	const { log, work, end } = slowWork();
	function* values(): Generator<number, void> {
		for (const value of [1, 2]) {
			log.push(`ask ${value}`);
			yield value;
		}
	}
	const results = oneAhead(values(), work);
	const first = results.next();
	await turn();
	end(1);
	await first;
	expect(log).toEqual(['ask 1', 'begin 1', 'ask 2', 'end 1', 'begin 2']);
	const second = results.next();
	end(2);
	await second;
});

it('gave a result away before the next work had asked the server: using it held the thread', async () => {
	const asked: number[] = [];
	const work = async (value: number) => {
		// As many steps as a request takes before its bytes are written.
		for (let step = 0; step < 50; step += 1) await Promise.resolve();
		asked.push(value);
	};
	for await (const { value } of oneAhead([1, 2, 3], work)) {
		expect(asked).toEqual([1, 2, 3].slice(0, value + 1));
	}
});
