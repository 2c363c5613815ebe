import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import {
	CONNECTIONS_PER_ACCOUNT,
	takeSlot,
	type Slot,
	type SlotOptions,
} from '../../nodes/mail/connectionSlots.ts';

const IMAP = { host: 'imaps.pec.alfa.test', port: 993, secure: true };
const PATIENT: SlotOptions = { queueMs: Infinity };
const LISTENER: SlotOptions = { queueMs: Infinity, yields: true };

let held: Slot[] = [];
let ending = new AbortController();
let users = 0;

/** An account of its own for each test: slots live as long as the process. */
function newAccount() {
	users += 1;
	return { imap: IMAP, user: `u${users}@pec.alfa.test` };
}

async function take(account: ReturnType<typeof newAccount>, options = PATIENT): Promise<Slot> {
	const slot = await takeSlot(account, options);
	held.push(slot);
	return slot;
}

async function takeAll(account: ReturnType<typeof newAccount>, options = PATIENT): Promise<Slot[]> {
	const all = Array.from({ length: CONNECTIONS_PER_ACCOUNT }, async () => take(account, options));
	return await Promise.all(all);
}

/** Waits until the test ends, and notes in `order` under this name when it gets its slot. */
function queue(
	account: ReturnType<typeof newAccount>,
	name: string,
	order: string[],
	options = PATIENT,
): Promise<Slot> {
	const taken = take(account, { signal: ending.signal, ...options });
	void taken.then(
		() => order.push(name),
		() => undefined,
	);
	return taken;
}

/** Lets promises that are settled be heard. */
const settled = async () => await vi.advanceTimersByTimeAsync(0);
const askedOf = (slots: readonly Slot[]) => slots.map(({ wanted }) => wanted.aborted);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	ending.abort();
	ending = new AbortController();
	for (const slot of held) slot.release();
	held = [];
	vi.useRealTimers();
});

describe('the connections to one account', () => {
	it('are bounded; who comes first gets the next that is free', async () => {
		const account = newAccount();
		const [first, second] = await takeAll(account);
		const order: string[] = [];
		void queue(account, 'a', order);
		void queue(account, 'b', order);
		await settled();
		expect(order).toEqual([]);
		first?.release();
		first?.release();
		await settled();
		expect(order).toEqual(['a']);
		second?.release();
		await settled();
		expect(order).toEqual(['a', 'b']);
	});

	it.each([
		['user', { user: 'altro@pec.alfa.test' }],
		['port', { imap: { ...IMAP, port: 143 } }],
		['host', { imap: { ...IMAP, host: 'imaps.pec.beta.test' } }],
	])('are not those of another %s', async (_, other) => {
		const account = newAccount();
		await takeAll(account);
		const order: string[] = [];
		void queue({ ...account, ...other }, 'other', order);
		void queue({ ...account, imap: { ...IMAP, host: IMAP.host.toUpperCase() } }, 'same', order);
		await settled();
		expect(order).toEqual(['other']);
	});

	it('are not waited for longer than asked, and the error says why without naming the account', async () => {
		const account = newAccount();
		const [first] = await takeAll(account);
		const late = take(account, { queueMs: 60_000 });
		const failure = expect(late).rejects.toMatchObject({
			code: 'tooManyConnections',
			retry: 'later',
			message: expect.stringMatching(/^All 5 connections .* within 60 seconds$/),
		});
		const told = late.catch((error: unknown) => String(error) + JSON.stringify(error));
		await vi.advanceTimersByTimeAsync(60_000);
		await failure;
		expect(await told).not.toContain(account.user);
		const order: string[] = [];
		void queue(account, 'next', order);
		first?.release();
		await settled();
		expect(order).toEqual(['next']);
	});

	it('are waited for as long as it takes when no limit is given', async () => {
		const account = newAccount();
		const [first] = await takeAll(account);
		const order: string[] = [];
		void queue(account, 'patient', order);
		await vi.advanceTimersByTimeAsync(24 * 3_600_000);
		first?.release();
		await settled();
		expect(order).toEqual(['patient']);
	});

	it('are no longer waited for by who aborts', async () => {
		const account = newAccount();
		const [first] = await takeAll(account);
		const stop = new AbortController();
		const order: string[] = [];
		const stopped = queue(account, 'stopped', order, { ...PATIENT, signal: stop.signal });
		void queue(account, 'next', order);
		stop.abort();
		await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
		await expect(take(account, { ...PATIENT, signal: stop.signal })).rejects.toMatchObject({
			code: 'cancelled',
		});
		first?.release();
		await settled();
		expect(order).toEqual(['next']);
	});

	it('keep no process alive while somebody waits', async () => {
		vi.useRealTimers();
		const timers = () => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length;
		const account = newAccount();
		await takeAll(account, LISTENER);
		const before = timers();
		const waiting = take(account, { queueMs: 60_000 });
		expect(timers()).toBe(before);
		held.shift()?.release();
		await waiting;
	});
});

describe('a connection that yields', () => {
	it('is asked for room at once by one that does not, the oldest alone', async () => {
		const account = newAccount();
		const slots = await takeAll(account, LISTENER);
		expect(askedOf(slots)).toEqual([false, false, false, false, false]);
		const order: string[] = [];
		void queue(account, 'short', order);
		expect(askedOf(slots)).toEqual([true, false, false, false, false]);
		void queue(account, 'second', order);
		expect(askedOf(slots)).toEqual([true, true, false, false, false]);
		slots[1]?.release();
		await settled();
		expect(order).toEqual(['short']);
	});

	it('is not asked where there is room, nor is ever one that does not yield', async () => {
		const account = newAccount();
		const listener = await take(account, LISTENER);
		for (let n = 1; n < CONNECTIONS_PER_ACCOUNT; n += 1) await take(account);
		expect(listener.wanted.aborted).toBe(false);
		for (const name of ['a', 'b']) void queue(account, name, []);
		await vi.advanceTimersByTimeAsync(3_600_000);
		expect(askedOf(held)).toEqual([true, false, false, false, false]);
	});

	it('keeps its turn before it is asked for the sake of another that yields', async () => {
		const account = newAccount();
		const slots = await takeAll(account, LISTENER);
		void queue(account, 'next', [], LISTENER);
		await vi.advanceTimersByTimeAsync(19_000);
		expect(askedOf(slots)).toEqual([false, false, false, false, false]);
		await vi.advanceTimersByTimeAsync(2_000);
		expect(askedOf(slots)).toEqual([true, false, false, false, false]);
	});

	it('that is busy is not waited for alone: another is asked too', async () => {
		const account = newAccount();
		const slots = await takeAll(account, LISTENER);
		void queue(account, 'short', []);
		await vi.advanceTimersByTimeAsync(4_000);
		expect(askedOf(slots)).toEqual([true, false, false, false, false]);
		await vi.advanceTimersByTimeAsync(2_000);
		expect(askedOf(slots)).toEqual([true, true, false, false, false]);
	});

	it('takes turns with fifty of its kind, each as often as any other', async () => {
		const account = newAccount();
		const stop = new AbortController();
		const turns = Array.from({ length: 50 }, () => 0);
		let open = 0;
		let most = 0;
		turns.forEach(async (_, index) => {
			while (!stop.signal.aborted) {
				const slot = await takeSlot(account, { ...LISTENER, signal: stop.signal }).catch(
					() => null,
				);
				if (!slot) return;
				turns[index] = (turns[index] ?? 0) + 1;
				open += 1;
				most = Math.max(most, open);
				await new Promise((resolve) => {
					slot.wanted.addEventListener('abort', resolve);
					stop.signal.addEventListener('abort', resolve);
				});
				open -= 1;
				slot.release();
			}
		});
		await vi.advanceTimersByTimeAsync(30 * 60_000);
		stop.abort();
		await settled();
		expect(most).toBe(CONNECTIONS_PER_ACCOUNT);
		// 30 minutes are 90 turns of 20 seconds for five at a time: nine for each of fifty, less what rounding takes.
		expect(Math.min(...turns)).toBeGreaterThanOrEqual(8);
		expect(Math.max(...turns) - Math.min(...turns)).toBeLessThanOrEqual(1);
	});

	it('and one that does not take turns when both wait, so that neither starves', async () => {
		const account = newAccount();
		const slots = await takeAll(account);
		const order: string[] = [];
		for (const name of ['l1', 'l2']) void queue(account, name, order, LISTENER);
		for (const name of ['s1', 's2', 's3']) void queue(account, name, order);
		for (const slot of slots) {
			slot.release();
			await settled();
		}
		expect(order).toEqual(['l1', 's1', 'l2', 's2', 's3']);
	});
});
