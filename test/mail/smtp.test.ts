import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { openSmtp } from '../../nodes/mail/smtp.ts';
import type { SmtpOptions } from '../../nodes/mail/smtpConnection.ts';
import type { AccountSettings, SmtpSession } from '../../nodes/mail/types.ts';
import { createPki, type Pki } from '../../sandbox/pki/hierarchy.ts';
import {
	startScripted,
	type ScriptedConnection,
	type ScriptedServer,
} from '../servers/scriptedServer.ts';

const DRAFT = {
	raw: Buffer.from('From: a@pec.alfa.test\r\nTo: b@pec.beta.test\r\n\r\n.ciao\r\n'),
	from: 'a@pec.alfa.test',
	to: ['b@pec.beta.test'],
};

/** More than lies in the buffers between here and there. */
const LARGE = {
	...DRAFT,
	raw: Buffer.concat([DRAFT.raw, Buffer.from('x'.repeat(70).concat('\r\n').repeat(400_000))]),
};

type Answer = string | ((connection: ScriptedConnection) => void);

/** What the server answers to each step of a message; `undefined` is what a good server says. */
interface Script {
	readonly auth?: Answer;
	readonly mail?: Answer;
	readonly rcpt?: Answer;
	readonly data?: Answer;
	/** After the final dot. */
	readonly end?: Answer;
	/** While the body comes in. */
	readonly body?: Answer;
	readonly rset?: Answer;
}

const hangUp: Answer = ({ socket }) => socket.destroy();
const silence: Answer = () => undefined;

let pki: Pki;
const servers: ScriptedServer[] = [];
const sessions: SmtpSession[] = [];

beforeAll(async () => {
	pki = await createPki({ providers: [], now: new Date(), tls: 'valid' });
});
afterEach(async () => {
	await Promise.all(sessions.splice(0).map(async (session) => await session.close()));
	await Promise.all(servers.splice(0).map(async (server) => await server.stop()));
});
afterAll(() => expect(servers).toEqual([]));

/** One script for each connection, the last one for all that follow. */
async function serve(
	scripts: readonly Script[],
	ehlo: readonly string[] = ['AUTH PLAIN LOGIN', 'SIZE 1000', '8BITMIME'],
): Promise<ScriptedServer> {
	let inBody = false;
	const tell = (answer: Answer | undefined, usual: string, connection: ScriptedConnection) => {
		const chosen = answer ?? usual;
		if (typeof chosen === 'string') connection.say(chosen);
		else chosen(connection);
	};
	const server = await startScripted({
		tls: pki.tls,
		greet: (connection) => {
			inBody = false;
			connection.say('220 scripted');
		},
		answer: (line, connection) => {
			const script = scripts[Math.min(connection.number, scripts.length) - 1] ?? {};
			if (inBody) {
				if (line === '.') {
					inBody = false;
					tell(script.end, '250 2.0.0 Ok: queued', connection);
				} else if (line === '' && script.body) tell(script.body, '', connection);
				return;
			}
			const verb = line.split(/[ :]/)[0]?.toUpperCase();
			if (verb === 'EHLO') {
				const lines = ['localhost', ...ehlo];
				lines.forEach((text, n) =>
					connection.say(`250${n === lines.length - 1 ? ' ' : '-'}${text}`),
				);
			} else if (verb === 'AUTH') tell(script.auth, '235 ok', connection);
			else if (verb === 'MAIL') tell(script.mail, '250 ok', connection);
			else if (verb === 'RCPT') tell(script.rcpt, '250 ok', connection);
			else if (verb === 'RSET') tell(script.rset, '250 ok', connection);
			else if (verb === 'DATA') {
				inBody = script.data === undefined;
				tell(script.data, '354 go on', connection);
			} else if (verb === 'QUIT') connection.say('221 bye');
		},
	});
	servers.push(server);
	return server;
}

function settingsFor({ host, port }: { host: string; port: number }): AccountSettings {
	const server = { host, port, secure: true };
	return {
		address: DRAFT.from,
		user: DRAFT.from,
		password: 'segreta',
		imap: server,
		smtp: server,
		tlsCa: pki.tlsCa,
	};
}

async function open(server: ScriptedServer, options: SmtpOptions = {}): Promise<SmtpSession> {
	const session = await openSmtp(settingsFor(server), options);
	sessions.push(session);
	return session;
}

describe('the verdict on one message', () => {
	const cases: ReadonlyArray<[string, Script, string, number | undefined]> = [
		['250 after the final dot', {}, 'submitted', 250],
		['550 after the final dot', { end: '550 5.7.1 no' }, 'rejected', 550],
		['452 after the final dot', { end: '452 4.2.2 later' }, 'deferred', 452],
		['421 after the final dot', { end: '421 4.3.0 closing' }, 'deferred', 421],
		['a reply after the final dot that is no verdict', { end: '354 what' }, 'unclear', 354],
		['a connection cut after the final dot', { end: hangUp }, 'unclear', undefined],
		['a connection cut within the body', { body: hangUp }, 'unclear', undefined],
		['a 552 within the body', { body: '552 5.3.4 too big' }, 'rejected', 552],
		[
			'half a reply after the final dot',
			{ end: (c) => c.socket.end('250 2.0') },
			'unclear',
			undefined,
		],
		['554 to DATA', { data: '554 5.5.1 no' }, 'rejected', 554],
		['451 to DATA', { data: '451 4.3.0 later' }, 'deferred', 451],
		['a connection cut at DATA', { data: hangUp }, 'deferred', undefined],
		['550 to RCPT', { rcpt: '550 5.1.1 unknown' }, 'rejected', 550],
		['450 to RCPT', { rcpt: '450 4.2.1 later' }, 'deferred', 450],
		['a connection cut at RCPT', { rcpt: hangUp }, 'deferred', undefined],
		['553 to MAIL', { mail: '553 5.7.1 not owned by user' }, 'deferred', 553],
		['552 to MAIL: too large', { mail: '552 5.3.4 too big' }, 'rejected', 552],
		['554 to MAIL: too large', { mail: '554 5.3.4 too big' }, 'rejected', 554],
		['451 to MAIL', { mail: '451 4.7.1 later' }, 'deferred', 451],
		['421 to MAIL', { mail: '421 4.7.0 closing' }, 'deferred', 421],
		['530 to MAIL: the session is not signed in', { mail: '530 5.7.0 sign in' }, 'deferred', 530],
		['a connection cut at MAIL', { mail: hangUp }, 'deferred', undefined],
	];

	describe.each([
		['one command at a time', ['AUTH PLAIN']],
		['all commands at once (PIPELINING)', ['AUTH PLAIN', 'PIPELINING']],
	])('%s', (_, ehlo) => {
		it.each(cases)('%s', async (_title, script, verdict, code) => {
			const session = await open(await serve([script], ehlo));
			const answer = await session.submit(DRAFT);
			expect([answer.verdict, answer.smtp?.code]).toEqual([verdict, code]);
		});
	});

	it('a refused sender is a fault of the account, and says what to do', async () => {
		const session = await open(await serve([{ mail: '550 5.7.1 mailbox suspended' }]));
		const { fault } = await session.submit(DRAFT);
		expect(fault?.message).toContain('takes no message from this account');
		expect(fault?.whatToDo).toContain('Nothing was handed over');
	});

	it.each([
		['before the body: put off', { data: silence }, 'deferred'],
		['after the final dot: unclear', { end: silence }, 'unclear'],
	] as const)('a server that falls silent %s', async (_, script, verdict) => {
		const session = await open(await serve([script]), { timeoutMs: 150, dataTimeoutMs: 150 });
		expect((await session.submit(DRAFT)).verdict).toBe(verdict);
	});

	it('waits longer for the verdict than for a command', async () => {
		const late: Answer = (connection) => {
			setTimeout(() => connection.say('250 at last'), 300);
		};
		const session = await open(await serve([{ end: late }]), {
			timeoutMs: 100,
			dataTimeoutMs: 5_000,
		});
		expect((await session.submit(DRAFT)).verdict).toBe('submitted');
	});

	it('refuses what is larger than the server announced, without sending a byte of it', async () => {
		const server = await serve([{}]);
		const session = await open(server);
		expect(session.sizeLimit).toBe(1000);
		const answer = await session.submit({ ...DRAFT, raw: Buffer.alloc(1001, 'x') });
		expect(answer.verdict).toBe('rejected');
		expect(server.received.some((line) => line.startsWith('MAIL'))).toBe(false);
	});

	it('refuses an address that would smuggle a command in', async () => {
		const server = await serve([{}]);
		const session = await open(server);
		const answer = await session.submit({ ...DRAFT, to: ['b@pec.beta.test>\r\nRSET'] });
		expect(answer.verdict).toBe('rejected');
		expect(answer.message).not.toContain('pec.beta.test');
		expect(server.received).not.toContain('RSET');
	});

	it('names the recipients a message did not go to', async () => {
		let recipients = 0;
		const rcpt: Answer = (connection) => {
			recipients += 1;
			connection.say(recipients === 1 ? '250 ok' : '550 5.1.1 unknown');
		};
		const session = await open(await serve([{ rcpt }]));
		const answer = await session.submit({ ...DRAFT, to: ['b@pec.beta.test', 'c@pec.beta.test'] });
		expect(answer).toMatchObject({
			verdict: 'submitted',
			refused: ['c@pec.beta.test'],
			message: expect.stringMatching(/refused.*: c@pec.beta.test$/),
		});
	});
});

describe('one connection for many messages', () => {
	it('submits exactly the bytes given, a leading dot included', async () => {
		const server = await serve([{}]);
		await (await open(server)).submit(DRAFT);
		expect(server.received).toContain('..ciao');
		const body = server.received.slice(server.received.indexOf('DATA') + 1);
		expect(body.slice(0, body.indexOf('.'))).toEqual(
			DRAFT.raw.toString().replace('\r\n.ciao', '\r\n..ciao').split('\r\n').slice(0, -1),
		);
	});

	it('uses it again after a refusal', async () => {
		let first = true;
		const rcpt: Answer = (connection) => {
			connection.say(first ? '550 5.1.1 unknown' : '250 ok');
			first = false;
		};
		const server = await serve([{ rcpt }]);
		const session = await open(server);
		const verdicts = [await session.submit(DRAFT), await session.submit(DRAFT)].map(
			(a) => a.verdict,
		);
		expect(verdicts).toEqual(['rejected', 'submitted']);
		expect(server.connections()).toBe(1);
	});

	it('keeps messages given at once apart', async () => {
		const server = await serve([{}]);
		const session = await open(server);
		const answers = await Promise.all([1, 2, 3].map(async () => await session.submit(DRAFT)));
		expect(answers.map(({ verdict }) => verdict)).toEqual(['submitted', 'submitted', 'submitted']);
		expect(server.connections()).toBe(1);
	});

	it.each([
		['when it was cut in between', { rset: hangUp }],
		['when the server closes it for idleness', { rset: '421 4.4.2 idle too long' }],
	])('is renewed before the next message %s', async (_, script) => {
		const server = await serve([script, {}]);
		const session = await open(server, { freshMs: 0 });
		await session.submit(DRAFT);
		expect((await session.submit(DRAFT)).verdict).toBe('submitted');
		expect(server.connections()).toBe(2);
		expect(server.received.filter((line) => line === 'DATA')).toHaveLength(2);
	});

	it('is renewed for a message that finds it cut, and that nothing was said of', async () => {
		let messages = 0;
		const mail: Answer = (connection) => {
			messages += 1;
			if (messages === 2) connection.socket.destroy();
			else connection.say('250 ok');
		};
		const server = await serve([{ mail }, {}]);
		const session = await open(server);
		await session.submit(DRAFT);
		expect((await session.submit(DRAFT)).verdict).toBe('submitted');
		expect(server.connections()).toBe(2);
		expect(server.received.filter((line) => line === 'DATA')).toHaveLength(2);
	});

	it('cuts it before the final dot when the message may not be finished, and sends nothing', async () => {
		const server = await serve([{}]);
		const session = await open(server);
		const asked: string[] = [];
		const answer = await session.submit(DRAFT, () => {
			asked.push(server.received.at(-1) ?? '');
			return false;
		});
		expect(answer.verdict).toBe('deferred');
		expect(asked).toHaveLength(1);
		expect(server.received).not.toContain('.');
		expect((await session.submit(DRAFT)).verdict).toBe('submitted');
	});

	it.each([
		['421 4.7.0 slow down', true],
		['451 4.3.2 later', true],
		['550 5.7.1 blocked "Class Of Service" - Too much traffic', true],
		['454 4.7.0 later', false],
	])('tells %s as a request for less: %s', async (reply, isTooMuch) => {
		const session = await open(await serve([{ mail: reply }, {}]));
		const answer = await session.submit(DRAFT);
		expect(answer.verdict).toBe('deferred');
		expect(answer.isTooMuch ?? false).toBe(isTooMuch);
	});

	it('cut in the middle of a large message has not sent it', async () => {
		const cut: Answer = ({ socket }) => socket.destroy();
		const server = await serve([{ body: cut }], ['AUTH PLAIN LOGIN']);
		const answer = await (await open(server)).submit(LARGE);
		expect(answer.verdict).toBe('deferred');
	});

	it('writes no final dot after a reply that came before it', async () => {
		let dots = 0;
		const count: Answer = (connection) => {
			dots += 1;
			connection.say('250 2.0.0 Ok: queued');
		};
		const server = await serve(
			[{ body: '452 4.3.1 no room', end: count }, {}],
			['AUTH PLAIN LOGIN'],
		);
		const session = await open(server);
		expect(await session.submit(LARGE)).toMatchObject({ verdict: 'deferred', isTooMuch: true });
		expect((await session.submit(DRAFT)).verdict).toBe('submitted');
		expect(dots).toBe(0);
	});

	it('is renewed after an unclear message, which is not sent again', async () => {
		const server = await serve([{ end: hangUp }, {}]);
		const session = await open(server);
		expect((await session.submit(DRAFT)).verdict).toBe('unclear');
		expect(server.received.filter((line) => line === 'DATA')).toHaveLength(1);
		expect((await session.submit(DRAFT)).verdict).toBe('submitted');
		expect(server.connections()).toBe(2);
	});

	it('throws when the renewal is refused', async () => {
		const server = await serve([{ rset: hangUp }, { auth: '535 5.7.8 no' }]);
		const session = await open(server, { freshMs: 0 });
		await session.submit(DRAFT);
		await expect(session.submit(DRAFT)).rejects.toMatchObject({ code: 'authRefused' });
	});
});

describe('signing in', () => {
	it.each([
		['535', 'authRefused', 'never'],
		['454', 'refused', 'later'],
		['421', 'refused', 'later'],
	])('%s to AUTH', async (code, expected, retry) => {
		const failure = open(await serve([{ auth: `${code} 0.0.0 for a@pec.alfa.test` }]));
		await expect(failure).rejects.toMatchObject({ code: expected, retry });
		const told = await failure.catch((error: unknown) => JSON.stringify(error) + String(error));
		expect(told).not.toMatch(/segreta|a@pec\.alfa\.test/);
	});

	it('stops waiting when the caller aborts', async () => {
		const stop = new AbortController();
		const session = open(await serve([{ auth: () => stop.abort() }]), { signal: stop.signal });
		await expect(session).rejects.toMatchObject({ code: 'cancelled' });
	});
});
