import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { start, type Sandbox, type SandboxOptions } from '../../sandbox/index.ts';
import { Clock } from '../../sandbox/pec/clock.ts';
import { CLIENTE, NOW, STUDIO } from './pecGallery.ts';

const HOUR = 3_600_000;

describe('the clock', () => {
	/** A clock over NOW, and what it did: name and hours after NOW. */
	function recorded(): {
		clock: Clock;
		seen: string[];
		at: (hours: number, name: string) => () => void;
	} {
		const clock = new Clock(() => NOW);
		const seen: string[] = [];
		const at = (hours: number, name: string): (() => void) =>
			clock.schedule(new Date(NOW.getTime() + hours * HOUR), () => {
				seen.push(`${name} ${(clock.now().getTime() - NOW.getTime()) / HOUR}`);
			});
		return { clock, seen, at };
	}

	it('runs what became due once, in order of time, each at its own hour', async () => {
		const { clock, seen, at } = recorded();
		at(3, 'late');
		at(1, 'early');
		at(1, 'early too');
		at(5, 'not yet');
		await clock.advance(4 * HOUR);
		expect(seen).toEqual(['early 1', 'early too 1', 'late 3']);
		expect(clock.now()).toEqual(new Date(NOW.getTime() + 4 * HOUR));
		await clock.advance(0.5 * HOUR);
		expect(seen).toHaveLength(3);
	});

	it('runs what is due at the very moment it is moved to', async () => {
		const { clock, seen, at } = recorded();
		at(1, 'sharp');
		await clock.advance(HOUR - 1);
		expect(seen).toEqual([]);
		await clock.advance(1);
		expect(seen).toEqual(['sharp 1']);
	});

	it('runs what something due asks for, when that is due too', async () => {
		const { clock, seen, at } = recorded();
		clock.schedule(new Date(NOW.getTime() + HOUR), () => void at(2, 'second'));
		await clock.advance(3 * HOUR);
		expect(seen).toEqual(['second 2']);
	});

	it('does not run what was cancelled or cleared', async () => {
		const { clock, seen, at } = recorded();
		at(1, 'cancelled')();
		await clock.advance(2 * HOUR);
		at(3, 'cleared');
		clock.clear();
		await clock.advance(2 * HOUR);
		expect(seen).toEqual([]);
	});

	it('runs what its base clock has passed already, without going back', async () => {
		let base = NOW;
		const clock = new Clock(() => base);
		const seen: Date[] = [];
		clock.schedule(new Date(NOW.getTime() + HOUR), () => seen.push(clock.now()));
		base = new Date(NOW.getTime() + 2 * HOUR);
		expect(seen).toEqual([]);
		await clock.advance(0);
		expect(seen).toEqual([base]);
	});

	it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses to move by %d', async (ms) => {
		const clock = new Clock(() => NOW);
		await expect(clock.advance(ms)).rejects.toThrow(RangeError);
		expect(clock.now()).toEqual(NOW);
	});

	it('goes on only when what an appointment began is done', async () => {
		const { clock, seen, at } = recorded();
		let settled = 0;
		clock.schedule(new Date(NOW.getTime() + HOUR), () => {
			setImmediate(() => seen.push(`begun ${(clock.now().getTime() - NOW.getTime()) / HOUR}`));
		});
		at(2, 'next');
		await clock.advance(3 * HOUR, async () => {
			await new Promise((resolve) => setImmediate(resolve));
			settled += 1;
		});
		expect(seen).toEqual(['begun 1', 'next 2']);
		expect(settled).toBe(3);
	});

	it('makes two moves asked for at once one after the other', async () => {
		const { clock, seen, at } = recorded();
		at(1.5, 'between');
		await Promise.all([clock.advance(HOUR), clock.advance(HOUR)]);
		expect(clock.now()).toEqual(new Date(NOW.getTime() + 2 * HOUR));
		expect(seen).toEqual(['between 1.5']);
	});

	it('does not come to an appointment by itself over a clock that was given', () => {
		vi.useFakeTimers();
		try {
			const { seen, at } = recorded();
			at(-1, 'past');
			expect(vi.getTimerCount()).toBe(0);
			expect(seen).toEqual([]);
		} finally {
			vi.useRealTimers();
		}
	});
});

describe('a clock that goes with real time', () => {
	let clock: Clock;
	let seen: string[];

	beforeEach(() => {
		vi.useFakeTimers({ now: NOW });
		clock = new Clock(() => new Date(), { ticks: true });
		seen = [];
	});

	afterEach(() => {
		clock.clear();
		const left = vi.getTimerCount();
		vi.useRealTimers();
		expect(left).toBe(0);
	});

	function at(hours: number, name: string): () => void {
		return clock.schedule(new Date(NOW.getTime() + hours * HOUR), () => {
			seen.push(`${name} ${(clock.now().getTime() - NOW.getTime()) / HOUR}`);
		});
	}

	it('comes to its appointments by itself, in order of time', async () => {
		at(3, 'third');
		at(1, 'first');
		at(2, 'cancelled')();
		await vi.advanceTimersByTimeAsync(HOUR - 1);
		expect(seen).toEqual([]);
		await vi.advanceTimersByTimeAsync(1);
		expect(seen).toEqual(['first 1']);
		await vi.advanceTimersByTimeAsync(2 * HOUR);
		expect(seen).toEqual(['first 1', 'third 3']);
	});

	it('comes to one that is further away than a timer can wait', async () => {
		at(1000, 'far');
		await vi.advanceTimersByTimeAsync(999 * HOUR);
		expect(seen).toEqual([]);
		await vi.advanceTimersByTimeAsync(HOUR);
		expect(seen).toEqual(['far 1000']);
	});

	it('counts what it was moved as time gone by', async () => {
		at(5, 'fifth');
		await clock.advance(4 * HOUR);
		await vi.advanceTimersByTimeAsync(HOUR - 1);
		expect(seen).toEqual([]);
		await vi.advanceTimersByTimeAsync(1);
		expect(seen).toEqual(['fifth 5']);
	});

	it('keeps no process alive', () => {
		const set = vi.spyOn(globalThis, 'setTimeout');
		at(1, 'later');
		const timers = set.mock.results.map(({ value }) => value as NodeJS.Timeout);
		set.mockRestore();
		expect(timers.map((timer) => timer.hasRef())).toEqual([false]);
	});
});

describe('a sandbox whose clock is moved', () => {
	let sandbox: Sandbox;
	afterEach(async () => await sandbox.stop());

	async function dateOfNext(options: SandboxOptions, ms: number): Promise<Date | undefined> {
		sandbox = await start(options);
		await sandbox.advance(ms);
		await sandbox.sendAs(STUDIO, { to: CLIENTE, subject: 'Prova', text: 'ciao' });
		await sandbox.settled();
		const [entry] = sandbox.log.submissions();
		const [stored] = sandbox.store.account(STUDIO)?.folder('INBOX')?.messages ?? [];
		expect(stored?.raw.toString('latin1')).toContain('X-Ricevuta: accettazione');
		expect(entry?.at.slice(0, 16)).toBe(stored?.internalDate.toISOString().slice(0, 16));
		return stored?.internalDate;
	}

	it('dates log and messages by it, over the clock it was given', async () => {
		const date = await dateOfNext({ now: () => NOW }, 30 * HOUR);
		expect(date).toEqual(new Date(NOW.getTime() + 30 * HOUR));
	});

	it('has real time and what it was moved when it was given no clock', async () => {
		const before = Date.now();
		const date = await dateOfNext({}, 30 * HOUR);
		const after = Date.now();
		expect(date?.getTime()).toBeGreaterThanOrEqual(before + 30 * HOUR);
		expect(date?.getTime()).toBeLessThanOrEqual(after + 30 * HOUR);
	});

	it('rejects a move back', async () => {
		sandbox = await start({ now: () => NOW });
		await expect(sandbox.advance(-1)).rejects.toThrow(RangeError);
	});
});
