import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';

import { ImapFlow } from 'imapflow';
import { afterEach, describe, expect, it } from 'vitest';

import type { SandboxOptions } from '../../sandbox/index.ts';
import { CLIENTE, message, PecDesk, SIGN_IN, STUDIO } from './pecDesk.ts';
import { NOW } from './pecGallery.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const MAIL = { to: CLIENTE, subject: 'Prova', text: 'ciao' };
const MAIL_FROM = `MAIL FROM:<${STUDIO}>`;
const RCPT = `RCPT TO:<${CLIENTE}>`;
const DATA = ['DATA', `${message({ From: STUDIO, To: CLIENTE })}.`];

let desk: PecDesk;

afterEach(async () => await desk.sandbox.stop());

async function open(limits: SandboxOptions['limits']): Promise<void> {
	desk = await PecDesk.open({ now: () => NOW, limits });
}

/** The last reply to these lines; the connection is closed. */
async function replyTo(...lines: string[]): Promise<string | undefined> {
	const { replies, socket } = await desk.dialogue(lines);
	socket.destroy();
	expect(replies).toHaveLength(lines.length + 1);
	return replies.at(-1);
}

/** Account, code and reason of each refusal. */
function refusals(): unknown[][] {
	return desk
		.ofType('refusedSubmission')
		.map(({ account, code, reason }) => [account, code, reason]);
}

describe('messages a minute', () => {
	const TOO_MUCH = 'Class Of Service" - Too much traffic';

	it('over the limit are refused at MAIL with 550, until a minute has passed', async () => {
		await open('legalmail');
		for (let count = 0; count < 6; count++) await desk.send(MAIL);
		await expect(desk.send(MAIL)).rejects.toMatchObject({
			responseCode: 550,
			command: 'MAIL FROM',
			response: expect.stringContaining(TOO_MUCH),
		});
		expect(refusals()).toEqual([[STUDIO, 550, 'messagesPerMinute']]);
		expect(desk.sandbox.log.submissions()).toHaveLength(6);
		await desk.sandbox.advance(MINUTE - 1);
		await expect(desk.send(MAIL)).rejects.toMatchObject({ responseCode: 550 });
		await desk.sandbox.advance(1);
		await desk.send(MAIL);
		expect(desk.sandbox.log.submissions()).toHaveLength(7);
	});

	it('slide: each counts for a minute of its own', async () => {
		await open({ messagesPerMinute: 2 });
		await desk.send(MAIL);
		await desk.sandbox.advance(40_000);
		await desk.send(MAIL);
		await desk.sandbox.advance(20_000);
		await desk.send(MAIL);
		await expect(desk.send(MAIL)).rejects.toMatchObject({ responseCode: 550 });
	});

	it('are refused after the dot when another connection took the last place meanwhile', async () => {
		await open({ messagesPerMinute: 1 });
		const { socket } = await desk.dialogue([...SIGN_IN, MAIL_FROM, RCPT, 'DATA']);
		await desk.send(MAIL);
		socket.write(`${message({ From: STUDIO, To: CLIENTE })}.\r\n`);
		const [reply] = (await once(socket, 'data')) as [Buffer];
		socket.destroy();
		expect(String(reply)).toMatch(/^550 /);
		expect(desk.sandbox.log.submissions()).toHaveLength(1);
	});

	it('do not count what was not taken', async () => {
		await open({ messagesPerMinute: 1 });
		await replyTo(...SIGN_IN, MAIL_FROM, RCPT, 'RSET');
		await desk.send(MAIL);
		expect(refusals()).toEqual([]);
	});

	it('are counted for each account, by what holds for it', async () => {
		await open({
			messagesPerMinute: 1,
			beta: { messagesPerMinute: 0 },
			accounts: { [STUDIO.toUpperCase()]: { messagesPerMinute: 2 } },
		});
		await desk.send(MAIL);
		await desk.send(MAIL);
		await expect(desk.send(MAIL)).rejects.toMatchObject({ responseCode: 550 });
		const signIn = ['EHLO prova', `AUTH PLAIN ${btoa(`\0${CLIENTE}\0prova-beta`)}`];
		expect(await replyTo(...signIn, `MAIL FROM:<${CLIENTE}>`)).toContain(TOO_MUCH);
		expect(refusals().map(([account]) => account)).toEqual([STUDIO, CLIENTE]);
	});
});

it('messages a day are refused until a day has passed', async () => {
	await open({ messagesPerDay: 1, messagesPerMinute: 6 });
	await desk.send(MAIL);
	await desk.sandbox.advance(DAY - 1);
	await expect(desk.send(MAIL)).rejects.toMatchObject({ responseCode: 550 });
	expect(refusals()).toEqual([[STUDIO, 550, 'messagesPerDay']]);
	await desk.sandbox.advance(1);
	await desk.send(MAIL);
});

describe('recipients', () => {
	it('over the limit are refused one by one; those before them get the message', async () => {
		await open({ recipients: 1 });
		const other = 'RCPT TO:<cliente02@pec.beta.test>';
		expect(await replyTo(...SIGN_IN, MAIL_FROM, RCPT, other)).toBe(
			'452 4.5.3 Error: too many recipients',
		);
		expect(refusals()).toEqual([[STUDIO, 452, 'recipients']]);
		expect(await replyTo(...SIGN_IN, MAIL_FROM, RCPT, other, ...DATA)).toMatch(/^250 /);
		const [submission] = desk.sandbox.log.submissions();
		expect(submission?.recipients).toEqual([CLIENTE]);
	});

	it('are refused in the words asked for', async () => {
		await open({ recipients: 1, replies: { recipients: '550 5.5.3 Too many recipients' } });
		expect(await replyTo(...SIGN_IN, MAIL_FROM, RCPT, 'RCPT TO:<cliente02@pec.beta.test>')).toBe(
			'550 5.5.3 Too many recipients',
		);
	});

	it('named twice count once', async () => {
		await open({ recipients: 1 });
		expect(await replyTo(...SIGN_IN, MAIL_FROM, RCPT, RCPT.replace('cli', 'CLI'))).toMatch(/^250 /);
	});

	it('are 500 unless limited', async () => {
		await open(undefined);
		const rcpt = (index: number): string => `RCPT TO:<a${index}@pec.beta.test>`;
		const lines = Array.from({ length: 500 }, (_, index) => rcpt(index));
		expect(await replyTo(...SIGN_IN, MAIL_FROM, ...lines)).toMatch(/^250 /);
		expect(await replyTo(...SIGN_IN, MAIL_FROM, ...lines, rcpt(500))).toMatch(/^452 4\.5\.3 /);
	});
});

it('size times recipients over the limit of the account is a non-acceptance', async () => {
	await open({ totalSize: 10_000 });
	const body = 'x'.repeat(70).concat('\r\n').repeat(100);
	await desk.send({ ...MAIL, text: body });
	await desk.send({ ...MAIL, to: [CLIENTE, 'cliente02@pec.beta.test'], text: body });
	expect(desk.deliveries().map((line) => line.split(' ')[1])).toEqual([
		...['accettazione', 'presa-in-carico', 'transportEnvelope', 'avvenuta-consegna'],
		'non-accettazione',
	]);
});

describe('a provider that is not available for a while', () => {
	it.each([
		['mail', '451 4.3.2', [...SIGN_IN, MAIL_FROM]],
		['data', '451 4.3.2', [...SIGN_IN, MAIL_FROM, RCPT, ...DATA]],
		['connect', '451 4.3.2', []],
	] as const)('refuses at %s with %s, then no more', async (at, reply, lines) => {
		await open({ unavailable: { forMs: MINUTE, at } });
		expect(await replyTo(...lines)).toContain(reply);
		expect(refusals()).toEqual([[at === 'connect' ? undefined : STUDIO, 451, 'unavailable']]);
		await desk.sandbox.advance(MINUTE);
		await desk.send(MAIL);
		expect(desk.sandbox.log.submissions()).toHaveLength(1);
	});

	it.each(['connect', 'mail'] as const)('ends the connection at %s with 421', async (at) => {
		await open({
			unavailable: { forMs: MINUTE, at },
			replies: { unavailable: '421 4.3.2 Closing, try again later' },
		});
		const lines = at === 'connect' ? [] : [...SIGN_IN, MAIL_FROM];
		const { replies, socket } = await desk.dialogue(lines);
		if (!socket.closed) await once(socket, 'close');
		expect(replies.at(-1)).toBe('421 4.3.2 Closing, try again later');
	});
});

describe('connections of one account', () => {
	it('by SMTP: one too many is refused with 421, and let in when another has left', async () => {
		await open({ smtpConnections: 1 });
		const { socket } = await desk.dialogue(SIGN_IN);
		expect(await replyTo(...SIGN_IN)).toMatch(/^421 4\.7\.0 /);
		expect(refusals()).toEqual([[STUDIO, 421, 'smtpConnections']]);
		const other = ['EHLO prova', `AUTH PLAIN ${btoa('\0alfa2@pec.alfa.test\0prova-alfa')}`];
		expect(await replyTo(...other)).toMatch(/^235 /);
		const left = once(socket, 'close');
		socket.write('QUIT\r\n');
		await left;
		expect(await replyTo(...SIGN_IN)).toMatch(/^235 /);
	});

	async function imap(): Promise<ImapFlow> {
		const { sandbox } = desk;
		const client = new ImapFlow({
			...sandbox.imap,
			auth: { user: STUDIO, pass: 'prova-alfa' },
			tls: { ca: sandbox.tlsCa },
			logger: false,
		});
		client.on('error', () => undefined);
		await client.connect();
		return client;
	}

	it.each(['no', 'bye'] as const)(
		'by IMAP: one too many is refused (%s), and let in when another has left',
		async (imapRefusal) => {
			await open({ imapConnections: 1, imapRefusal });
			const first = await imap();
			await expect(imap()).rejects.toMatchObject(
				imapRefusal === 'no' ? { serverResponseCode: 'LIMIT' } : {},
			);
			expect(desk.ofType('refusedLogin')).toHaveLength(1);
			await first.logout();
			const second = await imap();
			await second.logout();
		},
	);
});

it('BYE comes before the refusal, and then the connection ends', async () => {
	await open({ imapConnections: 0, imapRefusal: 'bye' });
	const { host, port } = desk.sandbox.imap;
	const socket = connect({ host, port, ca: desk.sandbox.tlsCa });
	socket.write(`a LOGIN ${STUDIO} prova-alfa\r\n`);
	const [, ...lines] = (await text(socket)).split('\r\n');
	expect(lines).toEqual([
		'* BYE too many connections of this account',
		'a NO [LIMIT] too many connections of this account',
		'',
	]);
});

it('a refusal says no address but the account', async () => {
	await open({ recipients: 1 });
	await replyTo(...SIGN_IN, MAIL_FROM, RCPT, 'RCPT TO:<cliente02@pec.beta.test>');
	expect(JSON.stringify(desk.ofType('refusedSubmission'))).not.toContain('cliente');
});
