import { describe, expect, it } from 'vitest';
import type { OpenFolder } from '../../nodes/mail/types.ts';
import { withFolders } from '../servers/withFolders.ts';
import { settledOf } from '../servers/watchRecords.ts';
import { STUDIO, watchedMailbox } from './mailbox.ts';
import { letter, RULES } from './watching.ts';

const DAY = 24 * 60 * 60_000;

const mailbox = watchedMailbox();

describe('a watch', () => {
	it('begins at the end of every folder, and starts a run for what arrives from then on', async () => {
		mailbox.arrive('old');
		const desk = await mailbox.activate();
		mailbox.arrive('one');
		mailbox.arrive('other, not wanted');
		mailbox.arrive('two');
		await desk.until(2);
		expect(desk.effects.sort()).toEqual(['one', 'two']);
	});

	it('begins at the first message when asked', async () => {
		mailbox.arrive('old');
		const desk = mailbox.open({ startAt: new Date(0) });
		await desk.until(1);
		expect(desk.effects).toEqual(['old']);
	});

	it('begins at a date when asked', async () => {
		let clock = Date.now();
		await mailbox.restart({ now: () => new Date(clock) });
		clock -= 10 * DAY;
		mailbox.arrive('before');
		clock += 10 * DAY;
		mailbox.arrive('since');
		const desk = mailbox.open({ startAt: new Date(clock - DAY) });
		await desk.until(1);
		expect(desk.effects).toEqual(['since']);
	});

	it('takes in what a rule of the provider sorts into another folder', async () => {
		mailbox.makeFolder('Ricevute');
		const desk = await mailbox.activate();
		mailbox.arrive('sorted', 'Ricevute');
		await desk.until(1);
		expect(desk.effects).toEqual(['sorted']);
	});

	it('listens at once to what came into the first folder while it looked through the others', async () => {
		mailbox.makeFolder('Altra');
		mailbox.sandbox.faults.add({
			at: 'imap.done',
			command: 'EXAMINE',
			skip: 2,
			times: 'always',
			action: { do: 'call', run: () => void (delivered ||= (mailbox.arrive('meanwhile'), true)) },
		});
		let delivered = false;
		const desk = mailbox.open({ pollMs: 3_600_000 });
		await desk.until(1);
		expect(desk.effects).toEqual(['meanwhile']);
	});

	it('asks all folders each half minute while messages come, each five minutes in a quiet mailbox', async () => {
		let clock = Date.now();
		const waits: number[] = [];
		/** Time passes at once, unless there is news. */
		const hasty = ({ waitForNews }: OpenFolder): Partial<OpenFolder> => ({
			waitForNews: async (options) => {
				waits.push(options.maxMs);
				const news = await waitForNews({ ...options, maxMs: 0 });
				if (news === 'quiet') clock += options.maxMs;
				return news;
			},
		});
		const desk = await mailbox.activate({
			pollMs: 'own',
			now: () => new Date(clock),
			session: withFolders(hasty),
		});
		const isQuiet = (ms: number) => ms > 200_000 && ms < 300_000;
		await expect.poll(() => waits.length).toBeGreaterThan(2);
		expect(waits.every(isQuiet)).toBe(true);
		const before = waits.length;
		mailbox.arrive('one');
		await desk.until(1);
		await expect
			.poll(() => waits.slice(before).findLastIndex((ms) => ms <= 30_000))
			.toBeGreaterThan(100);
		await expect.poll(() => isQuiet(waits.at(-1) ?? 0)).toBe(true);
	});

	it('takes in a folder that is made while it watches', async () => {
		const desk = await mailbox.activate();
		mailbox.makeFolder('Nuova');
		mailbox.arrive('in the new folder', 'Nuova');
		await desk.until(1);
		expect(desk.effects).toEqual(['in the new folder']);
	});

	it('goes on where another process ended, and repeats nothing', async () => {
		const first = await mailbox.activate();
		mailbox.arrive('one');
		await first.until(1);
		await first.stop();
		mailbox.arrive('two');
		const second = mailbox.open();
		await second.until(1);
		expect(second.effects).toEqual(['two']);
	});

	it('starts no second run for what a person moves about', async () => {
		const desk = await mailbox.activate();
		mailbox.arrive('one');
		await desk.until(1);
		await mailbox.moveAll('INBOX', 'Archivio');
		mailbox.arrive('two');
		await desk.until(2);
		mailbox.arrive('three', 'Archivio');
		await desk.until(3);
		expect(desk.effects).toEqual(['one', 'two', 'three']);
	});

	it('finds what a person moved before it was seen', async () => {
		mailbox.makeFolder('Clienti');
		const first = await mailbox.activate();
		await first.stop();
		mailbox.arrive('moved at once');
		await mailbox.moveAll('INBOX', 'Clienti');
		const second = mailbox.open();
		await second.until(1);
		expect(second.effects).toEqual(['moved at once']);
	});

	it('starts no run for an old message that a person moves into a watched folder', async () => {
		let clock = Date.now();
		await mailbox.restart({ now: () => new Date(clock) });
		clock -= 30 * DAY;
		mailbox.arrive('old');
		clock += 30 * DAY;
		const desk = await mailbox.activate();
		await mailbox.moveAll('INBOX', 'Archivio');
		mailbox.arrive('new', 'Archivio');
		await desk.until(1);
		expect(desk.effects).toEqual(['new']);
	});

	it('repeats and loses nothing when the provider numbers the folder anew', async () => {
		const desk = await mailbox.activate();
		mailbox.arrive('one');
		await desk.until(1);
		mailbox.renumberInbox();
		mailbox.arrive('two');
		await desk.until(2);
		expect(desk.effects).toEqual(['one', 'two']);
	});
});

describe('an outage', () => {
	it('is waited out with growing pauses, and what arrived meanwhile starts its runs', async () => {
		const desk = await mailbox.activate();
		await mailbox.sandbox.goDown();
		while (desk.outages.length < 5) await desk.next('outage');
		mailbox.arrive('meanwhile');
		await mailbox.sandbox.comeBack();
		await desk.until(1);
		expect(desk.effects).toEqual(['meanwhile']);
		expect(Math.max(...desk.outages)).toBeLessThanOrEqual(4);
		expect(mailbox.sandbox.connections()).toBe(1);
	});

	it('at the very start loses nothing of what came since, and takes in nothing older', async () => {
		let clock = Date.now();
		await mailbox.restart({ now: () => new Date(clock) });
		clock -= DAY;
		mailbox.arrive('old');
		clock += DAY;
		await mailbox.sandbox.goDown();
		const desk = mailbox.open({ now: () => new Date(clock) });
		await desk.next('outage');
		mailbox.arrive('since');
		await mailbox.sandbox.comeBack();
		await desk.until(1);
		expect(desk.effects).toEqual(['since']);
	});

	it.each(['UID FETCH', 'UID SEARCH', 'STATUS', 'APPEND'])(
		'in the middle of %s neither loses nor repeats',
		async (command) => {
			const desk = await mailbox.activate();
			const fault = mailbox.sandbox.faults.add({
				at: 'imap.done',
				command,
				times: 2,
				action: { do: 'drop' },
			});
			for (const subject of ['one', 'two', 'three']) mailbox.arrive(subject);
			await desk.until(3);
			mailbox.arrive('four');
			await desk.until(4);
			expect(desk.effects.sort()).toEqual(['four', 'one', 'three', 'two']);
			expect(fault.fired).toBe(2);
		},
	);

	it('that one message causes each time ends in its headers being offered, and the next message following', async () => {
		const how: string[] = [];
		const desk = await mailbox.activate({
			onLoad: (subject, way) => how.push(`${subject} ${way}`),
		});
		mailbox.sandbox.faults.add({
			at: 'imap.command',
			command: 'UID FETCH',
			times: 'always',
			action: { do: 'drop', afterBytes: 20_000 },
		});
		mailbox.sandbox.deliverRaw(letter('poison', 'x'.repeat(50_000)), STUDIO);
		mailbox.arrive('next');
		await desk.until(2);
		expect(desk.effects).toEqual(['poison', 'next']);
		expect(how).toContain('poison headersOnly');
	});
});

describe('a run', () => {
	it('that fails is offered again until it succeeds', async () => {
		const desk = await mailbox.activate({ rules: { ...RULES, attempts: 3 } });
		let failures = 2;
		desk.ending = () => (failures-- > 0 ? 'failed' : 'succeeded');
		mailbox.arrive('one');
		await desk.until(1);
		expect(failures).toBe(-1);
	});

	it('holds the next back in strict order', async () => {
		const order: string[] = [];
		const desk = await mailbox.activate({
			rules: { ...RULES, limit: 1, attempts: 3, strict: true },
		});
		let failures = 1;
		desk.ending = (subject) => {
			order.push(subject);
			return subject === 'one' && failures-- > 0 ? 'failed' : 'succeeded';
		};
		mailbox.arrive('one');
		mailbox.arrive('two');
		await desk.until(2);
		expect(order).toEqual(['one', 'one', 'two']);
	});

	it('that was under way when its process was killed is offered again, under a key of its own', async () => {
		const first = await mailbox.activate();
		const begun = new Promise<void>((resolve) => {
			first.ending = async () => {
				resolve();
				return await new Promise(() => undefined);
			};
		});
		mailbox.arrive('killed');
		await begun;
		const second = mailbox.open();
		await second.until(1);
		expect(second.effects).toEqual(['killed']);
	});
});

describe('a mailbox that is full', () => {
	it('starts runs all the same, each once', async () => {
		const desk = await mailbox.activate();
		mailbox.sandbox.faults.add({
			at: 'imap.command',
			command: 'APPEND',
			times: 'always',
			action: { do: 'answer', status: 'NO', code: 'OVERQUOTA', text: 'full' },
		});
		mailbox.arrive('one');
		mailbox.arrive('two');
		await desk.until(2);
		mailbox.arrive('three');
		await desk.until(3);
		expect(desk.effects.sort()).toEqual(['one', 'three', 'two']);
		expect(desk.outages).toEqual([]);
	});

	it('gets the record of what ran when it has room again, although nothing else happens', async () => {
		let clock = Date.now();
		const desk = await mailbox.activate({ now: () => new Date(clock), pollMs: 50 });
		const full = mailbox.sandbox.faults.add({
			at: 'imap.command',
			command: 'APPEND',
			times: 'always',
			action: { do: 'answer', status: 'NO', code: 'OVERQUOTA', text: 'full' },
		});
		mailbox.arrive('one');
		await desk.until(1);
		await desk.next('serving');
		full.remove();
		expect(settledOf(mailbox.sandbox, STUDIO)).toEqual([]);
		clock += 31_000;
		await expect.poll(() => settledOf(mailbox.sandbox, STUDIO)).toHaveLength(1);
	});
});

describe('the end', () => {
	it('leaves no connection, and what was settled is recorded', async () => {
		const desk = await mailbox.activate();
		mailbox.arrive('one');
		await desk.until(1);
		await desk.stop();
		// The server learns of it a moment later.
		await expect.poll(() => mailbox.sandbox.connections()).toBe(0);
	});
});
