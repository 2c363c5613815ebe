import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import type { ImapClient } from '../../nodes/mail/imapClient.ts';
import { openImap } from '../../nodes/mail/imap.ts';
import { sessionOver } from '../../nodes/mail/imapSession.ts';
import type { AccountSettings, ImapSession } from '../../nodes/mail/types.ts';
import { ImapServer } from '../../sandbox/imap/server.ts';
import { createKeyPair, issueCertificate } from '../../sandbox/pki/certificate.ts';
import { createPki, type Pki } from '../../sandbox/pki/hierarchy.ts';
import { MailStore } from '../../sandbox/store/mailStore.ts';
import { mail } from '../servers/mails.ts';
import { startScripted, type ScriptedServer } from '../servers/scriptedServer.ts';

const ADDRESS = 'studio@pec.alfa.test';
const PASSWORD = 'prova';

let pki: Pki;
const cleanUp: Array<() => Promise<unknown>> = [];

beforeAll(async () => {
	pki = await createPki({ providers: [], now: new Date(), tls: 'valid' });
});
afterEach(async () => {
	for (const step of cleanUp.splice(0).reverse()) await step();
});
afterAll(() => expect(cleanUp).toEqual([]));

function settingsFor(
	imap: { host: string; port: number },
	overrides: Partial<AccountSettings> = {},
	secure = true,
): AccountSettings {
	const server = { host: imap.host, port: imap.port, secure };
	return {
		address: ADDRESS,
		user: ADDRESS,
		password: PASSWORD,
		imap: server,
		smtp: server,
		tlsCa: pki.tlsCa,
		...overrides,
	};
}

async function serve(without: string[] = [], tls = pki.tls) {
	const store = new MailStore();
	const account = store.addAccount({ address: ADDRESS, password: PASSWORD });
	const server = new ImapServer({ store, tls, capabilities: { without } });
	const ports = await server.start();
	cleanUp.push(async () => await server.stop());
	return { account, server, ...ports };
}

async function open(settings: AccountSettings, timeoutMs = 5_000): Promise<ImapSession> {
	const session = await openImap(settings, { timeoutMs });
	cleanUp.push(async () => await session.close());
	return session;
}

/** A server that signs in whoever comes and has an empty INBOX, and never answers these commands. */
async function serveWithout(
	mute: RegExp,
	onCommand: (command: string) => void = () => undefined,
): Promise<ScriptedServer> {
	const capabilities = 'IMAP4rev1 AUTH=PLAIN SASL-IR IDLE NAMESPACE';
	let idleTag = '';
	const server = await startScripted({
		tls: pki.tls,
		greet: ({ say }) => say(`* OK [CAPABILITY ${capabilities}] scripted`),
		answer: (line, { say }) => {
			const [, tag = idleTag, command = line] = /^(\S+) (.*)$/.exec(line) ?? [];
			onCommand(command);
			if (mute.test(command)) return;
			if (/^IDLE/i.test(command)) {
				idleTag = tag;
				return say('+ idling');
			}
			if (/^CAPABILITY/i.test(command)) say(`* CAPABILITY ${capabilities}`);
			if (/^NAMESPACE/i.test(command)) say('* NAMESPACE (("" "/")) NIL NIL');
			if (/^LIST/i.test(command)) say('* LIST () "/" INBOX');
			if (/^EXAMINE/i.test(command)) {
				for (const data of ['0 EXISTS', 'OK [UIDVALIDITY 7] valid', 'OK [UIDNEXT 1] next']) {
					say(`* ${data}`);
				}
			}
			if (tag) say(`${tag} OK done`);
		},
	});
	cleanUp.push(async () => await server.stop());
	return server;
}

describe('connecting to IMAP', () => {
	it('refuses an expired certificate', async () => {
		const expired = await createPki({ providers: [], now: new Date(), tls: 'expired' });
		const { tls } = await serve([], expired.tls);
		const settings = settingsFor(tls, { tlsCa: expired.tlsCa });
		await expect(openImap(settings)).rejects.toMatchObject({ code: 'tlsExpired' });
	});

	it('refuses a certificate of a CA it does not know', async () => {
		const { tls } = await serve();
		const { tlsCa: _, ...settings } = settingsFor(tls);
		await expect(openImap(settings)).rejects.toMatchObject({ code: 'tlsUntrusted' });
	});

	it('refuses a certificate of another name', async () => {
		const [caKeys, keys] = [await createKeyPair(), await createKeyPair()];
		const life = { from: new Date(Date.now() - 60_000), to: new Date(Date.now() + 60_000) };
		const ca = issueCertificate(caKeys, {
			subject: { organization: 'Prova', commonName: 'Prova CA' },
			...life,
			extensions: [{ name: 'basicConstraints', critical: true, cA: true }],
		});
		const other = issueCertificate(keys, {
			subject: { organization: 'Prova', commonName: 'altro.test' },
			issuer: ca,
			...life,
			extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'altro.test' }] }],
		});
		const key = other.key.export({ type: 'pkcs8', format: 'pem' }).toString();
		const { tls } = await serve([], { key, cert: other.pem });
		const settings = settingsFor(tls, { tlsCa: ca.pem });
		await expect(openImap(settings)).rejects.toMatchObject({ code: 'tlsNameMismatch' });
	});

	it('says that an additional CA is no certificate', async () => {
		const { tls } = await serve();
		const settings = settingsFor(tls, { tlsCa: 'not a certificate' });
		await expect(openImap(settings)).rejects.toMatchObject({
			code: 'tlsUntrusted',
			retry: 'never',
		});
	});

	it('encrypts by STARTTLS where TLS does not come first', async () => {
		const { startTls, account } = await serve();
		account.deliver(mail({ subject: 'x' }));
		const session = await open(settingsFor(startTls, {}, false));
		expect((await session.open('INBOX', { readOnly: true })).messages).toBe(1);
	});

	it('sends nothing in clear text when STARTTLS is not offered', async () => {
		const { startTls } = await serve(['STARTTLS']);
		const settings = settingsFor(startTls, {}, false);
		await expect(openImap(settings)).rejects.toMatchObject({ code: 'tlsUnavailable' });
	});

	it('sends no password to a server that calls the clear-text connection signed in already', async () => {
		const plain = await startScripted({
			greet: ({ say }) => say('* PREAUTH [CAPABILITY IMAP4rev1] hello'),
			answer: (line, { say }) => say(`${line.split(' ')[0]} OK done`),
		});
		cleanUp.push(async () => await plain.stop());
		const settings = settingsFor(plain, {}, false);
		await expect(openImap(settings)).rejects.toMatchObject({ code: 'tlsUnavailable' });
		expect(plain.received.join('\n')).not.toMatch(/LOGIN|AUTHENTICATE/);
	});

	it('says that a port does not speak TLS', async () => {
		const { startTls } = await serve();
		await expect(openImap(settingsFor(startTls))).rejects.toMatchObject({ code: 'tlsUnavailable' });
	});

	it('says that a host is unknown, naming host and port only', async () => {
		const settings = settingsFor({ host: 'imaps.pec.invalid', port: 993 });
		const failure = openImap(settings, { timeoutMs: 5_000 });
		await expect(failure).rejects.toMatchObject({ code: 'hostUnknown' });
		await expect(failure).rejects.toThrow('imaps.pec.invalid:993');
		await expect(failure).rejects.not.toThrow(ADDRESS);
	});

	it('says that nothing listens', async () => {
		const { tls, server } = await serve();
		await server.goDown();
		await expect(openImap(settingsFor(tls))).rejects.toMatchObject({
			code: 'hostUnreachable',
			retry: 'later',
		});
	});

	it('does not wait for ever for a greeting', async () => {
		const mute = await startScripted({
			tls: pki.tls,
			greet: () => undefined,
			answer: () => undefined,
		});
		cleanUp.push(async () => await mute.stop());
		await expect(openImap(settingsFor(mute), { timeoutMs: 150 })).rejects.toMatchObject({
			code: 'timeout',
		});
	});

	it('is not told a wrong password when the server is only busy (UNAVAILABLE)', async () => {
		const busy = await startScripted({
			tls: pki.tls,
			greet: ({ say }) => say('* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hello'),
			answer: (line, { say }) => say(`${line.split(' ')[0]} NO [UNAVAILABLE] try later`),
		});
		cleanUp.push(async () => await busy.stop());
		await expect(openImap(settingsFor(busy))).rejects.toMatchObject({
			code: 'refused',
			retry: 'later',
		});
	});

	it('stops connecting when the caller aborts', async () => {
		const stop = new AbortController();
		const mute = await startScripted({
			tls: pki.tls,
			greet: () => stop.abort(),
			answer: () => undefined,
		});
		cleanUp.push(async () => await mute.stop());
		const session = openImap(settingsFor(mute), { signal: stop.signal });
		await expect(session).rejects.toMatchObject({ code: 'cancelled' });
	});
});

describe('a connection that dies', () => {
	it('ends a wait for news when the server goes away', async () => {
		const { tls, server } = await serve();
		const session = await open(settingsFor(tls));
		const folder = await session.open('INBOX', { readOnly: true });
		const news = folder.waitForNews({ maxMs: 20_000, pollMs: 20_000 });
		server.dropConnections();
		await expect(news).rejects.toMatchObject({ code: 'connectionLost' });
		await session.closed;
	});

	it('is noticed while idling although its socket stays established', async () => {
		// It took IDLE, and answers nothing any more: neither DONE nor NOOP.
		const server = await serveWithout(/^(DONE|NOOP)/i);
		const session = await open(settingsFor(server), 200);
		const folder = await session.open('INBOX', { readOnly: true });
		const news = folder.waitForNews({ maxMs: 300, pollMs: 60_000 });
		await expect(news).rejects.toMatchObject({ code: 'connectionLost' });
		await session.closed;
	});

	it('is not looked for within a wait longer than its silence would otherwise last, but at the end of it', async () => {
		const server = await serveWithout(/^NOTHING/i);
		const session = await open(settingsFor(server), 200);
		const folder = await session.open('INBOX', { readOnly: true });
		const before = server.received.length;
		expect(await folder.waitForNews({ maxMs: 1_000, pollMs: 60_000 })).toBe('quiet');
		const commands = server.received.slice(before).map((line) => line.split(' ').at(-1));
		expect(commands).toEqual(['IDLE', 'DONE', 'NOOP']);
	});

	it('is noticed by a command that gets no answer after a wait that was to be long', async () => {
		const session = await open(settingsFor(await serveWithout(/^STATUS/i)), 200);
		const folder = await session.open('INBOX', { readOnly: true });
		const news = folder.waitForNews({ maxMs: 600_000, pollMs: 600_000 });
		folder.wake();
		expect(await news).toBe('news');
		await expect(session.folderStates(['Altra'])).rejects.toMatchObject({
			code: 'connectionLost',
		});
	});

	it('is noticed by a command that gets no answer', async () => {
		const session = await open(settingsFor(await serveWithout(/^EXAMINE/i)), 200);
		await expect(session.open('INBOX', { readOnly: true })).rejects.toMatchObject({
			code: 'connectionLost',
			retry: 'now',
		});
		await session.closed;
	});

	it('is kept alive in the quiet between two requests: twice in the time after which it would count as dead', async () => {
		vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
		cleanUp.push(async () => vi.useRealTimers());
		let heard: () => void = () => undefined;
		const server = await serveWithout(/^NOTHING/i, (command) => {
			if (/^NOOP/i.test(command)) heard();
		});
		const session = await open(settingsFor(server), 60_000);
		for (let n = 0; n < 3; n += 1) {
			const noop = new Promise<void>((resolve) => (heard = resolve));
			vi.advanceTimersByTime(30_000);
			await noop;
		}
		expect(await session.listFolders()).toHaveLength(1);
		expect(server.received.filter((line) => /NOOP/i.test(line))).toHaveLength(3);
	});

	it('cancels what is under way when the caller aborts', async () => {
		const { tls } = await serve();
		const stop = new AbortController();
		const session = await openImap(settingsFor(tls), { signal: stop.signal });
		const folder = await session.open('INBOX', { readOnly: true });
		const news = folder.waitForNews({ maxMs: 20_000, pollMs: 20_000 });
		stop.abort();
		await expect(news).rejects.toMatchObject({ code: 'cancelled' });
		await session.closed;
	});
});

describe('a server that offers less', () => {
	it('without UIDPLUS nothing is deleted, and not even marked', async () => {
		const { tls, account } = await serve(['UIDPLUS']);
		account.deliver(mail({ subject: 'resta' }));
		const session = await open(settingsFor(tls));
		const folder = await session.open('INBOX', { readOnly: false });
		await expect(folder.remove([1])).rejects.toMatchObject({ code: 'notSupported' });
		expect([...(account.folder('INBOX')?.messages[0]?.flags ?? [])]).not.toContain('\\Deleted');
	});

	it('without UIDPLUS an append does not tell a number', async () => {
		const { tls } = await serve(['UIDPLUS']);
		const session = await open(settingsFor(tls));
		expect(await session.append('INBOX', mail({ subject: 'x' }))).toEqual({});
	});

	it('without IDLE news is found by asking', async () => {
		const { tls, account } = await serve(['IDLE']);
		const session = await open(settingsFor(tls));
		const folder = await session.open('INBOX', { readOnly: true });
		const news = folder.waitForNews({ maxMs: 20_000, pollMs: 20 });
		account.deliver(mail({ subject: 'arriva' }));
		expect(await news).toBe('news');
	});

	it('without QUOTA there is none', async () => {
		const { tls } = await serve(['QUOTA', 'QUOTA=RES-STORAGE']);
		expect(await (await open(settingsFor(tls))).quota()).toBeUndefined();
	});

	it('without STATUS=SIZE the sizes of messages are added up', async () => {
		const { tls, account } = await serve(['STATUS=SIZE']);
		const raw = mail({ subject: 'peso' });
		account.deliver(raw);
		account.deliver(raw);
		const { source, folders } = await (await open(settingsFor(tls))).folderSizes();
		expect(source).toBe('sum');
		expect(folders).toContainEqual({ path: 'INBOX', messages: 2, size: 2 * raw.length });
	});
});

describe('what imapflow does not say', () => {
	const mailbox = {
		path: 'INBOX',
		uidValidity: 7n,
		uidNext: 2,
		exists: 1,
		delimiter: '/',
		flags: new Set<string>(),
	};
	const context = {
		server: { protocol: 'IMAP', host: 'h', port: 1, secure: true },
		timeoutMs: 1_000,
		wanted: new AbortController().signal,
	} as const;

	function clientThat(overrides: Partial<ImapClient>): ImapClient {
		const client: Partial<ImapClient> = {
			capabilities: new Map([['UIDPLUS', true]]),
			usable: true,
			mailbox,
			on: () => client as never,
			off: () => client as never,
			getMailboxLock: async () => ({ path: 'INBOX', release: () => undefined }),
			mailboxOpen: async () => mailbox,
			...overrides,
		};
		return client as ImapClient;
	}

	it.each([
		['a search the server refused', { search: async (): Promise<false> => false }, 'refused'],
		[
			'an append that answered nothing',
			{ append: async () => undefined as never },
			'connectionLost',
		],
		[
			'a STATUS that failed',
			{ search: async () => [], status: async () => false as never, noop: async () => undefined },
			'refused',
		],
	])('%s is a failure', async (_, overrides, code) => {
		const session = sessionOver(clientThat(overrides as Partial<ImapClient>), context);
		const work = async () => {
			if ('append' in overrides) return await session.append('INBOX', Buffer.from(''));
			const folder = await session.open('INBOX', { readOnly: true });
			return 'status' in overrides ? await folder.refresh() : await folder.search({});
		};
		await expect(work()).rejects.toMatchObject({ code });
	});

	it('a connection that went away before it could be listened to is closed', async () => {
		await sessionOver(clientThat({ usable: false }), context).closed;
	});

	it('a deletion it calls done is looked at', async () => {
		const client = clientThat({ messageDelete: async () => true, search: async () => [1] });
		const folder = await sessionOver(client, context).open('INBOX', { readOnly: false });
		expect(await folder.remove([1])).toEqual({ deleted: [], remaining: [1] });
	});

	it('a folder that was numbered anew under the session is not the one that was opened', async () => {
		const client = clientThat({ search: async () => [1] });
		const folder = await sessionOver(client, context).open('INBOX', { readOnly: true });
		expect(await folder.search({})).toEqual([1]);
		Object.assign(client, { mailbox: { ...mailbox, uidValidity: 8n } });
		await expect(folder.search({})).rejects.toMatchObject({ code: 'folderChanged' });
	});

	it('a handle of a folder left behind does not select it again', async () => {
		const locked: unknown[] = [];
		const client = clientThat({
			getMailboxLock: async (path) => {
				locked.push(path);
				return { path: 'INBOX', release: () => undefined };
			},
		});
		const session = sessionOver(client, context);
		const left = await session.open('INBOX', { readOnly: true });
		await session.open('Archivio', { readOnly: true });
		await expect(left.fetch(1)).rejects.toMatchObject({ code: 'folderChanged' });
		expect(locked).toEqual(['INBOX', 'Archivio']);
	});

	it('a flag change that arrives during a scan is no message', async () => {
		const row = { seq: 1, uid: 1, flags: new Set(['\\Seen']) };
		const full = {
			...row,
			size: 9,
			headers: Buffer.from('A: b\r\n\r\n'),
			internalDate: new Date(0),
		};
		const client = clientThat({ fetchAll: async () => [row, full, row, { ...row, uid: 5 }] });
		const folder = await sessionOver(client, context).open('INBOX', { readOnly: true });
		expect(await folder.scan([1])).toEqual([
			{ uid: 1, size: 9, flags: ['\\Seen'], receivedAt: new Date(0), headers: full.headers },
		]);
	});

	it('a date that is none does not make a message old', async () => {
		const row = {
			seq: 1,
			uid: 1,
			size: 9,
			headers: Buffer.from('A: b\r\n\r\n'),
			internalDate: 'yesterday',
		};
		const client = clientThat({ fetchAll: async () => [row] });
		const folder = await sessionOver(client, context).open('INBOX', { readOnly: true });
		expect((await folder.scan([1]))[0]?.receivedAt.getTime()).toBeGreaterThan(Date.now());
	});
});
