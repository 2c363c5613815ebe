import type { Socket } from 'node:net';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { CONNECTIONS_PER_ACCOUNT } from '../../nodes/mail/connectionSlots.ts';
import { openImap, withImap } from '../../nodes/mail/imap.ts';
import type { ImapOptions } from '../../nodes/mail/imapClient.ts';
import type { AccountSettings, ImapSession } from '../../nodes/mail/types.ts';
import { ImapServer } from '../../sandbox/imap/server.ts';
import { createPki, type Pki } from '../../sandbox/pki/hierarchy.ts';
import { MailStore } from '../../sandbox/store/mailStore.ts';
import { startScripted, type ScriptedServer } from '../servers/scriptedServer.ts';

const ADDRESS = 'studio@pec.alfa.test';
const PASSWORD = 'prova';

let pki: Pki;
beforeAll(async () => {
	pki = await createPki({ providers: [], now: new Date(), tls: 'valid' });
});

function settingsFor(imap: { host: string; port: number }): AccountSettings {
	const place = { host: imap.host, port: imap.port, secure: true };
	return {
		address: ADDRESS,
		user: ADDRESS,
		password: PASSWORD,
		imap: place,
		smtp: place,
		tlsCa: pki.tlsCa,
	};
}

async function serve() {
	const store = new MailStore();
	store.addAccount({ address: ADDRESS, password: PASSWORD });
	const server = new ImapServer({ store, tls: pki.tls });
	const { tls } = await server.start();
	onTestFinished(async () => await server.stop());
	return { server, settings: settingsFor(tls) };
}

/** Signs in whoever comes and has an empty INBOX. */
async function serveScripted(on: {
	onConnection?: (socket: Socket) => void;
	onIdle?: (connection: number) => void;
}): Promise<ScriptedServer> {
	const idleTags = new Map<number, string>();
	const server = await startScripted({
		tls: pki.tls,
		greet: ({ say, socket }) => {
			on.onConnection?.(socket);
			say('* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR IDLE] hi');
		},
		answer: (line, { number, say, socket }) => {
			const [tag = '', command = ''] = line.split(' ');
			if (line === 'DONE') return say(`${idleTags.get(number)} OK done`);
			if (command === 'IDLE') {
				idleTags.set(number, tag);
				say('+ idling');
				return on.onIdle?.(number);
			}
			if (command === 'CAPABILITY') say('* CAPABILITY IMAP4rev1 IDLE');
			if (command === 'LIST') say('* LIST () "/" INBOX');
			if (command === 'EXAMINE') say('* 0 EXISTS\r\n* OK [UIDVALIDITY 7] x');
			say(`${tag} OK done`);
			if (command === 'LOGOUT') socket.end();
		},
	});
	onTestFinished(async () => await server.stop());
	return server;
}

async function open(settings: AccountSettings, options: ImapOptions = {}): Promise<ImapSession> {
	const session = await openImap(settings, options);
	onTestFinished(async () => await session.close());
	return session;
}

async function openAll(settings: AccountSettings, options?: ImapOptions): Promise<ImapSession[]> {
	const all = Array.from({ length: CONNECTIONS_PER_ACCOUNT }, async () => open(settings, options));
	return await Promise.all(all);
}

/** Fails instead of waiting for a slot that does not become free. */
const AT_ONCE: ImapOptions = { queueMs: 20_000 };

describe('a connection above the limit', () => {
	it('is opened when one of the others is closed, and not before', async () => {
		let most = 0;
		let now = 0;
		const server = await serveScripted({
			onConnection: (socket) => {
				now += 1;
				most = Math.max(most, now);
				socket.on('close', () => (now -= 1));
			},
		});
		const settings = settingsFor(server);
		const jobs = Array.from({ length: 3 * CONNECTIONS_PER_ACCOUNT }, async () =>
			withImap(settings, {}, async (imap) => await imap.listFolders()),
		);
		for (const listed of await Promise.all(jobs)) expect(listed).toHaveLength(1);
		expect(server.connections()).toBe(jobs.length);
		expect(most).toBe(CONNECTIONS_PER_ACCOUNT);
	});

	it('is refused after the wait, in words for whoever reads it', async () => {
		const { settings } = await serve();
		await openAll(settings);
		const failure = openImap(settings, { queueMs: 10 });
		await expect(failure).rejects.toMatchObject({ code: 'tooManyConnections', retry: 'later' });
		await expect(failure).rejects.not.toThrow(ADDRESS);
	});

	it.each([
		['was closed', async ([one]: ImapSession[]) => await one?.close()],
		['died', async (_: ImapSession[], server: ImapServer) => server.dropConnections()],
	])('takes the place of one that %s', async (_, end) => {
		const { settings, server } = await serve();
		await end(await openAll(settings), server);
		expect((await open(settings, AT_ONCE)).capabilities.has('IDLE')).toBe(true);
	});

	it('takes the place of one that was aborted', async () => {
		const { settings } = await serve();
		const stop = new AbortController();
		await openAll(settings, { signal: stop.signal });
		stop.abort();
		expect((await open(settings, AT_ONCE)).capabilities.has('IDLE')).toBe(true);
	});

	it('takes the place of those that could not sign in', async () => {
		const { settings } = await serve();
		for (let n = 0; n <= CONNECTIONS_PER_ACCOUNT; n += 1) {
			const wrong = openImap({ ...settings, password: 'sbagliata' }, AT_ONCE);
			await expect(wrong).rejects.toMatchObject({ code: 'authRefused' });
		}
		expect((await open(settings, AT_ONCE)).capabilities.has('IDLE')).toBe(true);
	});
});

describe('a listener', () => {
	const LISTENER: ImapOptions = { yields: true, queueMs: Infinity };

	it('that idles gives its connection up when a short job waits, and gets one back after it', async () => {
		const idling = new Set<number>();
		let idle: () => void = () => undefined;
		const allIdle = new Promise<void>((resolve) => (idle = resolve));
		const server = await serveScripted({
			onIdle: (connection) => {
				if (idling.add(connection).size === CONNECTIONS_PER_ACCOUNT) idle();
			},
		});
		const settings = settingsFor(server);
		const listeners = await openAll(settings, LISTENER);
		const waits = listeners.map(async (session) => {
			const folder = await session.open('INBOX', { readOnly: true });
			const answer = await folder.waitForNews({ maxMs: 600_000, pollMs: 600_000 });
			await session.close();
			return { answer, session };
		});
		await allIdle;
		const job = await open(settings, AT_ONCE);
		const { answer, session } = await Promise.race(waits);
		expect(answer).toBe('quiet');
		expect(listeners.filter(({ wanted }) => wanted.aborted)).toEqual([session]);
		const again = open(settings, LISTENER);
		await job.close();
		expect((await again).wanted.aborted).toBe(false);
		for (const each of listeners) await each.close();
		await Promise.allSettled(waits);
	});

	it('hears of what arrived before it gives its connection up', async () => {
		const { settings } = await serve();
		const [first, second] = await openAll(settings, LISTENER);
		const folder = await first?.open('INBOX', { readOnly: true });
		await second?.append('INBOX', Buffer.from('Subject: x\r\n\r\nx\r\n'));
		await folder?.refresh();
		const job = open(settings, AT_ONCE);
		expect(first?.wanted.aborted).toBe(true);
		const options = { maxMs: 600_000, pollMs: 600_000 };
		expect(await folder?.waitForNews(options)).toBe('news');
		expect(await folder?.waitForNews(options)).toBe('quiet');
		await first?.close();
		await job;
	});

	it('that does not say it yields is left in peace', async () => {
		const { settings } = await serve();
		const sessions = await openAll(settings);
		await expect(openImap(settings, { queueMs: 10 })).rejects.toMatchObject({
			code: 'tooManyConnections',
		});
		expect(sessions.some(({ wanted }) => wanted.aborted)).toBe(false);
	});
});
