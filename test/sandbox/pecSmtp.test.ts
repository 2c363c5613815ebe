import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { connect } from 'node:tls';

import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { CLIENTE, message, PecDesk, SIGN_IN, STUDIO } from './pecDesk.ts';

let desk: PecDesk;

beforeAll(async () => {
	desk = await PecDesk.open({ sizeLimit: 20_000 });
});

afterAll(async () => await desk.sandbox.stop());

beforeEach(() => desk.startOver());

const MAIL = { to: CLIENTE, subject: 'Prova', text: 'ciao' };
const TO_DATA = [...SIGN_IN, `MAIL FROM:<${STUDIO}>`, `RCPT TO:<${CLIENTE}>`, 'DATA'];

describe('SMTP', () => {
	it.each([
		['a sender who has not signed in', 530, ['EHLO prova', `MAIL FROM:<${STUDIO}>`]],
		["another's address as sender", 553, [...SIGN_IN, 'MAIL FROM:<alfa2@pec.alfa.test>']],
		['the null sender', 553, [...SIGN_IN, 'MAIL FROM:<>']],
		[
			'a line end that is no CRLF',
			550,
			[...TO_DATA, `${message({ From: STUDIO, To: CLIENTE }, 'uno\ndue\r\n')}.`],
		],
		[
			'a carriage return alone',
			550,
			[...TO_DATA, `${message({ From: STUDIO, To: CLIENTE }, 'uno\rdue\r\n')}.`],
		],
		['an announced size over the limit', 552, [...SIGN_IN, `MAIL FROM:<${STUDIO}> SIZE=30000`]],
		[
			'a size over the limit',
			552,
			[...TO_DATA, `${message({ From: STUDIO, To: CLIENTE }, 'x'.repeat(30_000))}\r\n.`],
		],
	])('refuses %s with %i, and nothing is logged', async (_, code, lines) => {
		const { replies, socket } = await desk.dialogue(lines);
		socket.destroy();
		expect(replies).toHaveLength(lines.length + 1);
		expect(replies.at(-1)).toMatch(new RegExp(`^${code} `));
		expect(desk.entries()).toEqual([]);
	});

	it.each(['\r', '\x00', '\x0b', '\x85'])(
		'refuses a control character in an address (%j)',
		async (control) => {
			const address = `"a${control}X-Ricevuta: accettazione"@pec.beta.test`;
			const { replies, socket } = await desk.dialogue([
				...SIGN_IN,
				`MAIL FROM:<${STUDIO}>`,
				`RCPT TO:<${address}>`,
			]);
			socket.destroy();
			expect(replies.at(-1)).toMatch(/^5\d\d /);
		},
	);

	it('does not sign in before TLS', async () => {
		const { smtpStartTls } = desk.sandbox;

		const transport = createTransport({
			...smtpStartTls,
			ignoreTLS: true,
			auth: { user: STUDIO, pass: 'prova-alfa' },
		});
		await expect(transport.sendMail({ from: STUDIO, ...MAIL })).rejects.toMatchObject({
			responseCode: 538,
		});
		transport.close();
	});

	it('forgets a message whose connection ended within DATA', async () => {
		const { socket } = await desk.dialogue(TO_DATA);
		const closed = new Promise((resolve) => socket.once('close', resolve));
		socket.end(message({ From: STUDIO, To: CLIENTE }));
		await closed;
		await desk.sandbox.settled();
		expect(desk.entries()).toEqual([]);
	});
});

describe('an outage', () => {
	it('closes both servers and brings them back on the same ports, with all mail', async () => {
		const { sandbox } = desk;
		const ports = [sandbox.imap.port, sandbox.smtp.port, sandbox.smtpStartTls.port];
		await sandbox.goDown();
		await expect(desk.send(MAIL)).rejects.toMatchObject({
			code: expect.stringMatching(/ECONN|ESOCKET/),
		});
		await sandbox.sendAs(STUDIO, { to: CLIENTE, subject: 'Dentro', text: 'ciao' });
		await sandbox.settled();
		await sandbox.comeBack();
		await desk.send(MAIL);
		await desk.send(MAIL, { startTls: true });
		expect([sandbox.imap.port, sandbox.smtp.port, sandbox.smtpStartTls.port]).toEqual(ports);
		expect(desk.inbox(CLIENTE)).toHaveLength(3);
	});

	it('that ends while another begins left ports half open: each waits for the one before', async () => {
		const { sandbox } = desk;
		await sandbox.goDown();
		const [, again] = await Promise.allSettled([sandbox.comeBack(), sandbox.comeBack()]);
		expect(again).toMatchObject({ reason: { message: 'the server is listening already' } });
		await sandbox.goDown();
		await Promise.all([sandbox.comeBack(), sandbox.goDown(), sandbox.comeBack()]);
		await desk.send(MAIL);
		await desk.send(MAIL, { startTls: true });
	});

	it('that ends as the sandbox stops left it listening for ever: nothing listens, and no more', async () => {
		const { sandbox } = await PecDesk.open();
		await sandbox.goDown();
		await Promise.allSettled([sandbox.comeBack(), sandbox.stop()]);
		for (const { host, port } of [sandbox.imap, sandbox.imapStartTls, sandbox.smtpStartTls]) {
			const socket = connectPlain({ host, port });
			await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
		}
		await expect(sandbox.comeBack()).rejects.toThrow('the sandbox has stopped');
	});

	it('cuts a connection that is signed in', async () => {
		const { socket } = await desk.dialogue(SIGN_IN);
		const closed = new Promise((resolve) => socket.once('close', resolve));
		await desk.sandbox.goDown();
		await closed;
		await desk.sandbox.comeBack();
	});

	it('cuts a connection that is in the middle of its TLS handshake', async () => {
		const { host, port } = desk.sandbox.smtp;
		const socket = connect({ host, port, ca: desk.sandbox.tlsCa });
		socket.on('error', () => undefined);
		const closed = new Promise((resolve) => socket.once('close', resolve));
		await new Promise((resolve) => socket.once('connect', resolve));
		await desk.sandbox.goDown();
		await closed;
		await desk.sandbox.comeBack();
		await desk.send(MAIL);
		expect(desk.inbox(CLIENTE)).toHaveLength(1);
	});
});

it('a client refuses the expired certificate', async () => {
	const expired = await PecDesk.open({ tls: 'expired' });
	try {
		await expect(expired.send(MAIL)).rejects.toThrow(/expired/);
	} finally {
		await expired.sandbox.stop();
	}
});
