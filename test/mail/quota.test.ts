import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openImap } from '../../nodes/mail/imap.ts';
import type { ImapSession } from '../../nodes/mail/types.ts';
import { createPki, type Pki } from '../../sandbox/pki/hierarchy.ts';
import { startScripted } from '../servers/scriptedServer.ts';

let pki: Pki;
const cleanUp: Array<() => Promise<unknown>> = [];

beforeAll(async () => {
	pki = await createPki({ providers: [], now: new Date(), tls: 'valid' });
});
afterEach(async () => {
	for (const step of cleanUp.splice(0).reverse()) await step();
});
afterAll(() => expect(cleanUp).toEqual([]));

/** Signs in whoever comes, and answers each quota command with these lines and an OK, or with the tagged line alone. */
async function sessionWith(
	answers: Readonly<Record<string, readonly string[]>>,
	capability = 'QUOTA',
): Promise<{ session: ImapSession; asked: () => string[] }> {
	const capabilities = `IMAP4rev1 AUTH=PLAIN SASL-IR IDLE NAMESPACE ${capability}`;
	const server = await startScripted({
		tls: pki.tls,
		greet: ({ say }) => say(`* OK [CAPABILITY ${capabilities}] scripted`),
		answer: (line, { say }) => {
			const [, tag = '', command = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
			if (/^CAPABILITY/i.test(command)) say(`* CAPABILITY ${capabilities}`);
			if (/^NAMESPACE/i.test(command)) say('* NAMESPACE (("" "/")) NIL NIL');
			const lines = answers[command] ?? [];
			for (const one of lines.filter((each) => each.startsWith('*'))) say(one);
			say(`${tag} ${lines.find((each) => !each.startsWith('*')) ?? 'OK done'}`);
		},
	});
	cleanUp.push(async () => await server.stop());
	const imap = { host: server.host, port: server.port, secure: true };
	const session = await openImap({
		address: 'studio@pec.alfa.test',
		user: 'studio@pec.alfa.test',
		password: 'prova',
		imap,
		smtp: imap,
		tlsCa: pki.tlsCa,
	});
	cleanUp.push(async () => await session.close());
	const asked = () =>
		server.received
			.map((line) => line.replace(/^\S+ /, ''))
			.filter((line) => /^GETQUOTA/.test(line));
	return { session, asked };
}

describe('the quota of a mailbox', () => {
	it.each([
		['one root', ['* QUOTAROOT INBOX user', '* QUOTA user (STORAGE 10 100)'], 10, 100],
		[
			// imapflow keeps the root named last, and 500 of 100,000 would show a full mailbox as empty.
			'several roots: the one that is full first',
			[
				'* QUOTAROOT INBOX user domain',
				'* QUOTA user (STORAGE 90 100)',
				'* QUOTA domain (STORAGE 500 100000)',
			],
			90,
			100,
		],
		[
			'several roots, in the other order',
			[
				'* QUOTAROOT INBOX domain user',
				'* QUOTA domain (STORAGE 99999 100000)',
				'* QUOTA user (STORAGE 90 100)',
			],
			99_999,
			100_000,
		],
		[
			'a root without a name',
			['* QUOTAROOT INBOX ""', '* QUOTA "" (MESSAGE 3 7 STORAGE 1 2)'],
			1,
			2,
		],
		[
			'a root without limit beside one with',
			[
				'* QUOTAROOT INBOX "a b" user',
				'* QUOTA "a b" (STORAGE 10 0)',
				'* QUOTA user (STORAGE 20 100)',
			],
			20,
			100,
		],
	])('is of %s', async (_, lines, used, limit) => {
		const { session } = await sessionWith({ 'GETQUOTAROOT INBOX': lines });
		expect(await session.quota()).toEqual({ used: used * 1024, limit: limit * 1024 });
	});

	it('is asked for root by root where the server names them alone', async () => {
		const { session, asked } = await sessionWith(
			{
				'GETQUOTAROOT INBOX': ['* QUOTAROOT INBOX "di tutti" user'],
				'GETQUOTA "di tutti"': ['* QUOTA "di tutti" (STORAGE 1 10)'],
				'GETQUOTA "user"': ['* QUOTA user (STORAGE 5 10)'],
			},
			'QUOTA=RES-STORAGE',
		);
		expect(await session.quota()).toEqual({ used: 5120, limit: 10_240 });
		expect(asked()).toEqual(['GETQUOTAROOT INBOX', 'GETQUOTA "di tutti"', 'GETQUOTA "user"']);
	});

	it.each([
		['none is named', ['* QUOTAROOT INBOX']],
		['messages alone are limited', ['* QUOTAROOT INBOX user', '* QUOTA user (MESSAGE 3 7)']],
		['nothing is limited', ['* QUOTAROOT INBOX user', '* QUOTA user ()']],
		['the server refuses', ['NO not yours']],
		['the figures are none', ['* QUOTAROOT INBOX user', '* QUOTA user (STORAGE x 1e9)']],
	])('is not known where %s', async (_, lines) => {
		const { session } = await sessionWith({ 'GETQUOTAROOT INBOX': lines });
		expect(await session.quota()).toBeUndefined();
		// The connection is as usable as before.
		expect(await session.quota()).toBeUndefined();
	});

	it('is not asked for where the server has none', async () => {
		const { session, asked } = await sessionWith({}, 'ID');
		expect(await session.quota()).toBeUndefined();
		expect(asked()).toEqual([]);
	});

	it('says that the connection is gone rather than that there is none', async () => {
		const { session } = await sessionWith({});
		await session.close();
		await expect(session.quota()).rejects.toMatchObject({ code: 'connectionLost' });
	});
});
