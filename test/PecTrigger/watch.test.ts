import { ImapFlow } from 'imapflow';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccountSettings } from '../../nodes/mail/types.ts';
import { start, type Sandbox, type SandboxOptions } from '../../sandbox/index.ts';
import { accountOf, letter, openDesk, type Desk, type DeskOptions } from './watching.ts';

const STUDIO = 'studio@pec.alfa.test';
const DAY = 24 * 60 * 60_000;

let sandbox: Sandbox;
let settings: AccountSettings;
let desks: Desk[];
let clock: number;

beforeEach(async () => {
	sandbox = await start();
	settings = accountOf(sandbox, STUDIO);
	desks = [];
	clock = Date.now();
});

async function restart(options: SandboxOptions): Promise<void> {
	await sandbox.stop();
	sandbox = await start(options);
	settings = accountOf(sandbox, STUDIO);
}

afterEach(async () => {
	for (const desk of desks) await desk.stop();
	await sandbox.stop();
});

function open(options: DeskOptions = {}): Desk {
	const desk = openDesk(settings, options);
	desks.push(desk);
	return desk;
}

async function connected(options: DeskOptions = {}): Promise<Desk> {
	const desk = open(options);
	await desk.next('connected');
	return desk;
}

const arrive = (subject: string, folder = 'INBOX') =>
	sandbox.deliverRaw(letter(subject), STUDIO, { folder });

/** What the owner of the mailbox does in his mail program. */
async function person(work: (client: ImapFlow) => Promise<unknown>): Promise<void> {
	const { user, password, imap, tlsCa } = settings;
	const client = new ImapFlow({
		...imap,
		auth: { user, pass: password },
		tls: { ca: tlsCa ?? '' },
		logger: false,
	});
	await client.connect();
	await work(client);
	await client.logout();
}

const makeFolder = async (path: string) =>
	await person(async (client) => client.mailboxCreate(path));

const moveAll = async (from: string, to: string) =>
	await person(async (client) => {
		await client.mailboxOpen(from);
		await client.messageMove('1:*', to);
	});

describe('a watch', () => {
	it('begins at the end of every folder, and starts a run for what arrives from then on', async () => {
		arrive('old');
		const desk = await connected();
		arrive('one');
		arrive('other, not wanted');
		arrive('two');
		await desk.until(2);
		expect(desk.effects.sort()).toEqual(['one', 'two']);
	});

	it('begins at the first message when asked', async () => {
		arrive('old');
		const desk = open({ startAt: new Date(0) });
		await desk.until(1);
		expect(desk.effects).toEqual(['old']);
	});

	it('begins at a date when asked', async () => {
		await restart({ now: () => new Date(clock) });
		clock -= 10 * DAY;
		arrive('before');
		clock += 10 * DAY;
		arrive('since');
		const desk = open({ startAt: new Date(clock - DAY) });
		await desk.until(1);
		expect(desk.effects).toEqual(['since']);
	});

	it('takes in what a rule of the provider sorts into another folder', async () => {
		await makeFolder('Ricevute');
		const desk = await connected();
		arrive('sorted', 'Ricevute');
		await desk.until(1);
		expect(desk.effects).toEqual(['sorted']);
	});

	it('listens at once to what came into the first folder while it looked through the others', async () => {
		await makeFolder('Altra');
		sandbox.faults.add({
			at: 'imap.done',
			command: 'EXAMINE',
			skip: 2,
			times: 'always',
			action: { do: 'call', run: () => void (delivered ||= (arrive('meanwhile'), true)) },
		});
		let delivered = false;
		const desk = open({ pollMs: 3_600_000 });
		await desk.until(1);
		expect(desk.effects).toEqual(['meanwhile']);
	});

	it('takes in a folder that is made while it watches', async () => {
		const desk = await connected();
		await makeFolder('Nuova');
		arrive('in the new folder', 'Nuova');
		await desk.until(1);
		expect(desk.effects).toEqual(['in the new folder']);
	});

	it('goes on where another process ended, and repeats nothing', async () => {
		const first = await connected();
		arrive('one');
		await first.until(1);
		await first.stop();
		arrive('two');
		const second = open();
		await second.until(1);
		expect(second.effects).toEqual(['two']);
	});

	it('starts no second run for what a person moves about', async () => {
		await makeFolder('Archivio');
		const desk = await connected();
		arrive('one');
		await desk.until(1);
		await moveAll('INBOX', 'Archivio');
		arrive('two');
		await desk.until(2);
		arrive('three', 'Archivio');
		await desk.until(3);
		expect(desk.effects).toEqual(['one', 'two', 'three']);
	});

	it('finds what a person moved before it was seen', async () => {
		await makeFolder('Clienti');
		const first = await connected();
		await first.stop();
		arrive('moved at once');
		await moveAll('INBOX', 'Clienti');
		const second = open();
		await second.until(1);
		expect(second.effects).toEqual(['moved at once']);
	});

	it('starts no run for an old message that a person moves into a watched folder', async () => {
		await restart({ now: () => new Date(clock) });
		await makeFolder('Archivio');
		clock -= 30 * DAY;
		arrive('old');
		clock += 30 * DAY;
		const desk = await connected();
		await moveAll('INBOX', 'Archivio');
		arrive('new', 'Archivio');
		await desk.until(1);
		expect(desk.effects).toEqual(['new']);
	});

	it('repeats and loses nothing when the provider numbers the folder anew', async () => {
		const desk = await connected();
		arrive('one');
		await desk.until(1);
		sandbox.store.account(STUDIO)?.folder('INBOX')?.resetUidValidity();
		arrive('two');
		await desk.until(2);
		expect(desk.effects).toEqual(['one', 'two']);
	});
});

describe('an outage', () => {
	it('is waited out with growing pauses, and what arrived meanwhile starts its runs', async () => {
		const desk = await connected();
		await sandbox.goDown();
		while (desk.outages.length < 5) await desk.next('outage');
		arrive('meanwhile');
		await sandbox.comeBack();
		await desk.until(1);
		expect(desk.effects).toEqual(['meanwhile']);
		expect(Math.max(...desk.outages)).toBeLessThanOrEqual(4);
		expect(sandbox.connections()).toBe(1);
	});

	it('at the very start loses nothing of what came since, and takes in nothing older', async () => {
		await restart({ now: () => new Date(clock) });
		clock -= DAY;
		arrive('old');
		clock += DAY;
		await sandbox.goDown();
		const desk = open({ now: () => new Date(clock) });
		await desk.next('outage');
		arrive('since');
		await sandbox.comeBack();
		await desk.until(1);
		expect(desk.effects).toEqual(['since']);
	});

	it.each(['UID FETCH', 'UID SEARCH', 'STATUS', 'APPEND'])(
		'in the middle of %s neither loses nor repeats',
		async (command) => {
			const desk = await connected();
			const fault = sandbox.faults.add({
				at: 'imap.done',
				command,
				times: 2,
				action: { do: 'drop' },
			});
			for (const subject of ['one', 'two', 'three']) arrive(subject);
			await desk.until(3);
			arrive('four');
			await desk.until(4);
			expect(desk.effects.sort()).toEqual(['four', 'one', 'three', 'two']);
			expect(fault.fired).toBe(2);
		},
	);

	it('that one message causes each time ends in its headers being offered, and the next message following', async () => {
		const how: string[] = [];
		const desk = await connected({ onLoad: (subject, way) => how.push(`${subject} ${way}`) });
		sandbox.faults.add({
			at: 'imap.command',
			command: 'UID FETCH',
			times: 'always',
			action: { do: 'drop', afterBytes: 20_000 },
		});
		sandbox.deliverRaw(letter('poison', 'x'.repeat(50_000)), STUDIO);
		arrive('next');
		await desk.until(2);
		expect(desk.effects).toEqual(['poison', 'next']);
		expect(how).toContain('poison headersOnly');
	});
});

describe('a run', () => {
	it('that fails is offered again until it succeeds', async () => {
		const desk = await connected({ rules: { limit: 5, attempts: 3, strict: false } });
		let failures = 2;
		desk.ending = () => (failures-- > 0 ? 'failed' : 'succeeded');
		arrive('one');
		await desk.until(1);
		expect(failures).toBe(-1);
	});

	it('holds the next back in strict order', async () => {
		const order: string[] = [];
		const desk = await connected({ rules: { limit: 1, attempts: 3, strict: true } });
		let failures = 1;
		desk.ending = (subject) => {
			order.push(subject);
			return subject === 'one' && failures-- > 0 ? 'failed' : 'succeeded';
		};
		arrive('one');
		arrive('two');
		await desk.until(2);
		expect(order).toEqual(['one', 'one', 'two']);
	});

	it('that was under way when its process was killed is offered again, under a key of its own', async () => {
		const first = await connected();
		const begun = new Promise<void>((resolve) => {
			first.ending = async () => {
				resolve();
				return await new Promise(() => undefined);
			};
		});
		arrive('killed');
		await begun;
		const second = open();
		await second.until(1);
		expect(second.effects).toEqual(['killed']);
	});
});

describe('a mailbox that is full', () => {
	it('starts runs all the same, each once', async () => {
		const desk = await connected();
		sandbox.faults.add({
			at: 'imap.command',
			command: 'APPEND',
			times: 'always',
			action: { do: 'answer', status: 'NO', code: 'OVERQUOTA', text: 'full' },
		});
		arrive('one');
		arrive('two');
		await desk.until(2);
		arrive('three');
		await desk.until(3);
		expect(desk.effects.sort()).toEqual(['one', 'three', 'two']);
		expect(desk.outages).toEqual([]);
	});
});

describe('the end', () => {
	it('leaves no connection, and what was settled is recorded', async () => {
		const desk = await connected();
		arrive('one');
		await desk.until(1);
		await desk.stop();
		// The server learns of it a moment later.
		await expect.poll(() => sandbox.connections()).toBe(0);
	});
});
