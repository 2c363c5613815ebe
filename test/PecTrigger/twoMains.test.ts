import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RunEnd } from '../../nodes/PecTrigger/offers.ts';
import { RECORDS_FOLDER } from '../servers/watchRecords.ts';
import { STUDIO, watchedMailbox } from './mailbox.ts';
import { RULES, type Desk, type DeskOptions } from './watching.ts';

const mailbox = watchedMailbox();

const FROM_THE_BEGINNING = new Date(0);

/** n8n in queue mode: runs go on whatever becomes of the main that started them, and a key that is known starts none. */
class Queue {
	/** Subjects of the runs that were begun, in order. */
	readonly begun: string[] = [];
	readonly #known = new Set<string>();
	/** Ends the runs that are under way. */
	release: () => void = () => undefined;
	readonly #released = new Promise<void>((resolve) => (this.release = resolve));
	readonly #forgets: boolean;
	readonly #isLong: (subject: string) => boolean;

	readonly #queuedMs: number;

	/**
	 * @param options.forgets it deletes what succeeded, and with it the key
	 * @param options.queuedMs for so long a run waits for its worker; n8n 2.40.5 refuses no key of a run that waits
	 */
	constructor(
		options: { forgets?: boolean; isLong?: (subject: string) => boolean; queuedMs?: number } = {},
	) {
		this.#queuedMs = options.queuedMs ?? 0;
		this.#forgets = options.forgets === true;
		this.#isLong = options.isLong ?? (() => false);
	}

	async run(subject: string, key: string): Promise<RunEnd> {
		if (this.#known.has(key)) return await Promise.resolve('duplicate');
		if (this.#queuedMs > 0) await sleep(this.#queuedMs);
		this.#known.add(key);
		this.begun.push(subject);
		if (this.#isLong(subject)) await this.#released;
		if (this.#forgets) this.#known.delete(key);
		return 'succeeded';
	}
}

/** Ended without a word, and where nobody can see it. */
const never = () => false;

function main(queue: Queue, name: string, options: DeskOptions & { ended?: string } = {}): Desk {
	const { ended, ...others } = options;
	const hasEnded = ended === undefined ? never : (one: string) => one === ended;
	const desk = mailbox.open({
		startAt: FROM_THE_BEGINNING,
		process: { name, hasEnded },
		...others,
	});
	desk.ending = async (subject, key) => await queue.run(subject, key);
	return desk;
}

async function connected(queue: Queue, name: string, options: DeskOptions = {}): Promise<Desk> {
	const desk = main(queue, name, options);
	await desk.next('connected');
	return desk;
}

const records = () => mailbox.sandbox.store.account(STUDIO)?.folder(RECORDS_FOLDER)?.messages ?? [];

const contentOf = ({ raw }: { readonly raw: Buffer }) =>
	Buffer.from(raw.toString('latin1').split('\r\n\r\n')[1] ?? '', 'base64').toString();

/** On a busy machine. */
const soon = <T>(what: () => T) => expect.poll(what, { timeout: 20_000 });

const isLong = (subject: string) => subject === 'long';

describe('two mains that watch at once', () => {
	it('start one run for each message', async () => {
		const queue = new Queue();
		const [first, second] = [await connected(queue, 'a'), await connected(queue, 'b')];
		const subjects = Array.from({ length: 30 }, (_, index) => `message ${index}`);
		for (const subject of subjects) mailbox.arrive(subject);
		while (first.effects.length + second.effects.length < subjects.length) {
			await Promise.race([first.next('effect'), second.next('effect')]);
		}
		mailbox.arrive('last');
		await Promise.race([first.next('effect'), second.next('effect')]);
		expect(queue.begun.toSorted()).toEqual([...subjects, 'last'].toSorted());
	});

	it('start one run for each message also where n8n forgets what succeeded', async () => {
		const queue = new Queue({ forgets: true });
		const first = await connected(queue, 'a');
		const second = await connected(queue, 'b');
		// Each has read what the other wrote when it came.
		mailbox.arrive('before');
		await soon(() => first.effects.length + second.effects.length).toBe(1);
		await soon(() => first.standing + second.standing).toBe(0);
		const subjects = Array.from({ length: 30 }, (_, index) => `message ${index}`);
		for (const subject of subjects) mailbox.arrive(subject);
		await soon(() => first.effects.length + second.effects.length).toBe(31);
		await soon(() => first.standing + second.standing).toBe(0);
		expect(queue.begun.toSorted()).toEqual(['before', ...subjects].toSorted());
	});

	it('start one run for each message while runs wait in n8n, also in the moment in which the second comes', async () => {
		const queue = new Queue({ queuedMs: 50 });
		const first = await connected(queue, 'a');
		const subjects = Array.from({ length: 20 }, (_, index) => `message ${index}`);
		const second = main(queue, 'b');
		const coming = second.next('connected');
		for (const subject of subjects.slice(0, 10)) mailbox.arrive(subject);
		await coming;
		for (const subject of subjects.slice(10)) mailbox.arrive(subject);
		await soon(() => first.effects.length + second.effects.length).toBe(20);
		await soon(() => first.standing + second.standing).toBe(0);
		expect(queue.begun.toSorted()).toEqual(subjects.toSorted());
	});

	it('start one run for each message when they start at the same time', async () => {
		const queue = new Queue({ queuedMs: 50 });
		const [first, second] = [main(queue, 'a'), main(queue, 'b')];
		const subjects = Array.from({ length: 20 }, (_, index) => `message ${index}`);
		for (const subject of subjects) mailbox.arrive(subject);
		await soon(() => first.effects.length + second.effects.length).toBe(20);
		await soon(() => first.standing + second.standing).toBe(0);
		expect(queue.begun.toSorted()).toEqual(subjects.toSorted());
	});

	it('leave a run that is under way to the one that started it, and go on with others', async () => {
		const queue = new Queue({ isLong });
		const first = await connected(queue, 'a');
		mailbox.arrive('long');
		await soon(() => queue.begun).toEqual(['long']);
		const second = await connected(queue, 'b');
		await soon(() => second.standing).toBe(1);
		mailbox.arrive('next');
		await soon(() => queue.begun).toEqual(['long', 'next']);
		// It was asked several times, and answered.
		const answers = () => records().filter((one) => /"answers":\{"\w+":\["/.test(contentOf(one)));
		await soon(() => answers().length).toBeGreaterThan(1);
		queue.release();
		await first.next('effect');
		await soon(() => second.standing).toBe(0);
		expect(queue.begun).toEqual(['long', 'next']);
	});

	it('answer each other also when all places are taken', async () => {
		const queue = new Queue({ isLong });
		const rules = { ...RULES, limit: 1, strict: true };
		const first = await connected(queue, 'a', { rules });
		mailbox.arrive('long');
		mailbox.arrive('waits for its place');
		await soon(() => queue.begun).toEqual(['long']);
		main(queue, 'b', { rules });
		await soon(() => records().map(contentOf).join()).toMatch(/"answers":\{"\w+":\["/);
		queue.release();
		await soon(() => queue.begun).toEqual(['long', 'waits for its place']);
		expect(first.effects).toContain('long');
	});
});

describe('a main that ends without a word', () => {
	/** Its run goes on at a worker, and so it says nothing when it is ended. */
	async function die(queue: Queue): Promise<void> {
		const desk = await connected(queue, 'a');
		mailbox.arrive('long');
		await soon(() => queue.begun).toEqual(['long']);
		await desk.stop();
	}

	it('is asked, and taken for dead when it gives no answer', async () => {
		const queue = new Queue({ isLong });
		await die(queue);
		const next = main(queue, 'b');
		mailbox.arrive('new');
		await soon(() => next.standing).toBe(2);
		expect(queue.begun).toEqual(['long']);
		await soon(() => queue.begun.toSorted()).toEqual(['long', 'long', 'new']);
		const said = records().map(contentOf).join();
		expect(said).toMatch(/"asks":\{"\w+":/);
		expect(said).toContain('"gone":["a"]');
	});

	it('is not asked when it is known to have ended', async () => {
		const queue = new Queue({ isLong });
		await die(queue);
		main(queue, 'b', { ended: 'a' });
		await soon(() => queue.begun).toEqual(['long', 'long']);
		expect(records().map(contentOf).join()).not.toMatch(/"asks":\{"/);
	});

	it('is asked again after an outage, in which it could not answer', async () => {
		const queue = new Queue({ isLong });
		await connected(queue, 'a');
		mailbox.arrive('long');
		await soon(() => queue.begun).toEqual(['long']);
		const second = await connected(queue, 'b');
		await soon(() => records().map(contentOf).join()).toMatch(/"asks"/);
		await mailbox.sandbox.goDown();
		// Longer than an answer is waited for.
		while (second.outages.length < 200) await second.next('outage');
		await mailbox.sandbox.comeBack();
		await second.next('connected');
		mailbox.arrive('next');
		await soon(() => queue.begun).toEqual(['long', 'next']);
		expect(second.standing).toBeGreaterThan(0);
		queue.release();
		await soon(() => second.standing).toBe(0);
		expect(queue.begun).toEqual(['long', 'next']);
	});
});

describe('a main that ended in order', () => {
	it('is not asked', async () => {
		const queue = new Queue();
		const first = await connected(queue, 'a');
		mailbox.arrive('one');
		await first.until(1);
		await first.stop();
		await connected(queue, 'b');
		mailbox.arrive('two');
		await soon(() => queue.begun).toEqual(['one', 'two']);
		expect(records().map(contentOf).join()).toContain('"gone":["a"]');
		expect(records().map(contentOf).join()).not.toMatch(/"asks":\{"/);
	});
});
