import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MailError } from '../../nodes/mail/errors.ts';
import type { AccountSettings, ImapSession, OpenFolder } from '../../nodes/mail/types.ts';
import type { FaultAction, FaultRule } from '../../sandbox/faults/rules.ts';
import { start, type Sandbox, type SandboxOptions } from '../../sandbox/index.ts';
import { accountOf, letter, openDesk, type Desk, type DeskOptions } from './watching.ts';

const STUDIO = 'studio@pec.alfa.test';
const HOUR = 3_600_000;

let sandbox: Sandbox;
let settings: AccountSettings;
let desks: Desk[] = [];

async function restart(options: SandboxOptions = {}): Promise<void> {
	await sandbox?.stop();
	sandbox = await start(options);
	settings = accountOf(sandbox, STUDIO);
}

beforeEach(async () => await restart());
afterEach(async () => {
	for (const desk of desks.splice(0)) await desk.stop();
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

const makeFolder = (path: string) => sandbox.store.account(STUDIO)?.createFolder(path);

/** A session of which folders answer differently. */
const withFolders =
	(change: (folder: OpenFolder) => Partial<OpenFolder>) =>
	(imap: ImapSession): ImapSession => ({
		...imap,
		open: async (path, options) => {
			const folder = await imap.open(path, options);
			return { ...folder, ...change(folder) };
		},
	});

const refusal = () =>
	new MailError('refused', 'no', { whatToDo: 'ask the provider', retry: 'later' });

describe('a folder that cannot be looked at', () => {
	it('keeps no message of the others from starting its run, and is told each round', async () => {
		const desk = open({ folders: ['Rimossa', 'INBOX'] });
		await desk.next('trouble');
		arrive('one');
		await desk.until(1);
		expect(desk.outages).toEqual([]);
		makeFolder('Rimossa');
		arrive('found again', 'Rimossa');
		await desk.until(2);
		expect(desk.effects).toEqual(['one', 'found again']);
	});

	it('is looked at again although the server refuses it for a while', async () => {
		makeFolder('Ricevute');
		let refusals = 3;
		const desk = open({
			session: withFolders(({ path, refresh }) => ({
				refresh: async () => {
					if (path === 'Ricevute' && refusals-- > 0) throw refusal();
					return await refresh();
				},
			})),
		});
		await desk.next('trouble');
		arrive('receipt', 'Ricevute');
		arrive('one');
		await desk.until(2);
		expect(desk.effects.sort()).toEqual(['one', 'receipt']);
		expect(desk.outages).toEqual([]);
	});

	it('is looked into where the server does not tell its state', async () => {
		makeFolder('Ricevute');
		const desk = await connected({
			session: (imap) => ({ ...imap, folderStates: async () => await Promise.resolve(new Map()) }),
		});
		arrive('receipt', 'Ricevute');
		await desk.until(1);
		expect(desk.effects).toEqual(['receipt']);
	});

	it('is an outage when there is no other', async () => {
		const desk = open({ folders: ['Rimossa'] });
		await desk.next('outage');
		makeFolder('Rimossa');
		arrive('one', 'Rimossa');
		await desk.until(1);
		expect(desk.effects).toEqual(['one']);
	});
});

describe('a message that the server does not give', () => {
	const breaksAt = (subject: string) => {
		const isPoison = (raw: Buffer | undefined) => raw?.includes(`Subject: ${subject}\r\n`) === true;
		return withFolders(({ path, scan }) => ({
			scan: async (uids) => {
				const inbox = sandbox.store.account(STUDIO)?.folder('INBOX')?.messages ?? [];
				const asked = inbox.filter(({ uid, raw }) => uids.includes(uid) && isPoison(raw));
				if (path === 'INBOX' && asked.length > 0) {
					throw new MailError('connectionLost', 'gone', { whatToDo: 'wait', retry: 'now' });
				}
				return await scan(uids);
			},
		}));
	};

	it('not even its header is offered as unreadable, with the next ones after it', async () => {
		const desk = await connected({ session: breaksAt('poison') });
		for (const subject of ['one', 'poison', 'two']) arrive(subject);
		await desk.until(3);
		arrive('three');
		await desk.until(4);
		expect(desk.effects).toEqual(['one', 'unreadable INBOX 2', 'two', 'three']);
	});

	it('is waited for while the server gives no other either', async () => {
		const desk = await connected({ session: breaksAt('alone') });
		arrive('alone');
		while (desk.outages.length < 10) await desk.next('outage');
		expect(desk.effects).toEqual([]);
		arrive('next');
		await desk.until(2);
		expect(desk.effects).toEqual(['unreadable INBOX 1', 'next']);
	});

	it('does not hold up those before it that were read with it', async () => {
		let refusals = 2;
		const desk = open({
			startAt: new Date(0),
			session: withFolders(({ fetch, path, scan }) => ({
				scan,
				fetch: async (uid) => {
					if (path === 'INBOX' && uid === 2 && refusals-- > 0) throw refusal();
					return await fetch(uid);
				},
			})),
			pollMs: 50,
		});
		await desk.next('connected');
		arrive('one');
		arrive('two');
		await desk.until(2);
		expect(desk.effects).toEqual(['one', 'two']);
		expect(desk.outages).toEqual([]);
	});
});

describe('two clocks', () => {
	it.each([2 * HOUR, -2 * HOUR])(
		'that differ by %d ms lose nothing that came after the start, and take in nothing older',
		async (ahead) => {
			let clock = Date.now() - 24 * HOUR;
			await restart({ now: () => new Date(clock) });
			arrive('a day before');
			clock += 24 * HOUR;
			const now = () => new Date(clock - ahead);
			const desk = await connected({ now });
			// A folder numbered anew: what is old is told by its date alone.
			sandbox.store.account(STUDIO)?.folder('INBOX')?.resetUidValidity();
			clock += 1_000;
			arrive('new');
			await desk.until(1);
			expect(desk.effects).toEqual(['new']);
		},
	);
});

describe('a connection', () => {
	const atCommand = (command: string, action: FaultAction): FaultRule[] => [
		{ at: 'imap.command', command, times: 3, action },
	];

	it.each<[string, FaultRule[]]>([
		['says goodbye', atCommand('IDLE', { do: 'answer', status: 'BYE' })],
		['refuses IDLE', atCommand('IDLE', { do: 'answer', status: 'NO' })],
		['never confirms IDLE', atCommand('IDLE', { do: 'stall' })],
		['is established and dead', atCommand('NOOP', { do: 'stall' })],
		[
			'is cut at the greeting',
			[...atCommand('NOOP', { do: 'drop' }), { at: 'imap.connection', action: { do: 'drop' } }],
		],
		[
			'refuses SELECT',
			[
				...atCommand('NOOP', { do: 'drop' }),
				...atCommand('EXAMINE', { do: 'answer', status: 'NO' }),
			],
		],
	])('that %s is left for another, and nothing is lost or repeated', async (_, rules) => {
		const desk = await connected({ timeoutMs: 300, pollMs: 100 });
		const faults = rules.map((rule) => sandbox.faults.add(rule));
		arrive('one');
		await desk.until(1);
		arrive('two');
		await expect.poll(() => faults.every(({ fired }) => fired > 0), { timeout: 20_000 }).toBe(true);
		await desk.until(2);
		arrive('three');
		await desk.until(3);
		expect(desk.effects).toEqual(['one', 'two', 'three']);
	});
});
