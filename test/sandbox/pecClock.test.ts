import { afterEach, describe, expect, it } from 'vitest';

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

	it('runs what became due once, in order of time, each at its own hour', () => {
		const { clock, seen, at } = recorded();
		at(3, 'late');
		at(1, 'early');
		at(1, 'early too');
		at(5, 'not yet');
		clock.advance(4 * HOUR);
		expect(seen).toEqual(['early 1', 'early too 1', 'late 3']);
		expect(clock.now()).toEqual(new Date(NOW.getTime() + 4 * HOUR));
		clock.advance(0.5 * HOUR);
		expect(seen).toHaveLength(3);
	});

	it('runs what is due at the very moment it is moved to', () => {
		const { clock, seen, at } = recorded();
		at(1, 'sharp');
		clock.advance(HOUR - 1);
		expect(seen).toEqual([]);
		clock.advance(1);
		expect(seen).toEqual(['sharp 1']);
	});

	it('runs what something due asks for, when that is due too', () => {
		const { clock, seen, at } = recorded();
		clock.schedule(new Date(NOW.getTime() + HOUR), () => void at(2, 'second'));
		clock.advance(3 * HOUR);
		expect(seen).toEqual(['second 2']);
	});

	it('does not run what was cancelled or cleared', () => {
		const { clock, seen, at } = recorded();
		at(1, 'cancelled')();
		clock.advance(2 * HOUR);
		at(3, 'cleared');
		clock.clear();
		clock.advance(2 * HOUR);
		expect(seen).toEqual([]);
	});

	it('runs what its base clock has passed already, without going back', () => {
		let base = NOW;
		const clock = new Clock(() => base);
		const seen: Date[] = [];
		clock.schedule(new Date(NOW.getTime() + HOUR), () => seen.push(clock.now()));
		base = new Date(NOW.getTime() + 2 * HOUR);
		expect(seen).toEqual([]);
		clock.advance(0);
		expect(seen).toEqual([base]);
	});

	it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses to move by %d', (ms) => {
		const clock = new Clock(() => NOW);
		expect(() => clock.advance(ms)).toThrow(RangeError);
		expect(clock.now()).toEqual(NOW);
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
