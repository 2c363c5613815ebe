import { describe, expect, it } from 'vitest';
import { ImapFlow } from 'imapflow';
import { ADDRESS, PASSWORD, startDesk } from './imapDesk.ts';

const PLAIN = Buffer.from(`\0${ADDRESS}\0${PASSWORD}`).toString('base64');
const LOGIN = `LOGIN ${ADDRESS} {${Buffer.byteLength(PASSWORD)}+}\r\n${Buffer.from(PASSWORD).toString('latin1')}`;

describe('signing in', () => {
	it('takes LOGIN, AUTHENTICATE PLAIN at once, and AUTHENTICATE PLAIN in two steps', async () => {
		const desk = await startDesk();
		const login = await desk.wire({ signIn: false });
		expect(await login.command(LOGIN)).toMatch(/^T OK \[CAPABILITY .*UIDPLUS.*\] /);

		const initial = await desk.wire({ signIn: false });
		expect(await initial.command(`AUTHENTICATE plain ${PLAIN}`)).toMatch(/^T OK/);

		const stepwise = await desk.wire({ signIn: false });
		stepwise.send('a AUTHENTICATE PLAIN\r\n');
		await stepwise.until(/^\+ \r\n/);
		stepwise.send(`${PLAIN}\r\n`);
		expect(await stepwise.until(/\r\n/)).toMatch(/^a OK/);
	});

	it.each([
		['LOGIN a@pec.example x', 'T NO [AUTHENTICATIONFAILED] '],
		[`LOGIN ${ADDRESS} x`, 'T NO [AUTHENTICATIONFAILED] '],
		[
			`AUTHENTICATE PLAIN ${Buffer.from(`x\0${ADDRESS}\0${PASSWORD}`).toString('base64')}`,
			'T NO [AUTHORIZATIONFAILED] ',
		],
		['AUTHENTICATE PLAIN =', 'T BAD '],
		['AUTHENTICATE CRAM-MD5', 'T NO [CANNOT] '],
		['LOGIN', 'T BAD '],
		[`LOGIN ${ADDRESS}`, 'T BAD '],
		['LOGIN "open x', 'T BAD '],
		['SELECT INBOX', 'T BAD '],
		['STARTTLS', 'T BAD '],
	])('answers %s with %s, and can be tried again', async (command, answer) => {
		const desk = await startDesk();
		const wire = await desk.wire({ signIn: false });
		expect((await wire.command(command)).startsWith(answer)).toBe(true);
		expect(await wire.command(`AUTHENTICATE PLAIN ${PLAIN}`)).toMatch(/^T OK/);
		expect(await wire.command(`AUTHENTICATE PLAIN ${PLAIN}`)).toMatch(/^T BAD/);
	});

	it('lets a client cancel AUTHENTICATE', async () => {
		const desk = await startDesk();
		const wire = await desk.wire({ signIn: false });
		wire.send('a AUTHENTICATE PLAIN\r\n');
		await wire.until(/^\+ \r\n/);
		wire.send('*\r\n');
		expect(await wire.until(/\r\n/)).toMatch(/^a BAD/);
	});

	it('takes no password in clear', async () => {
		const desk = await startDesk();
		const wire = await desk.wire({ secure: false });
		const offered = await wire.command('CAPABILITY');
		expect(offered).toContain(' STARTTLS LOGINDISABLED');
		expect(offered).not.toContain('AUTH=');
		expect(await wire.command(LOGIN)).toMatch(/^T NO \[PRIVACYREQUIRED\]/);
		expect(await wire.command(`AUTHENTICATE PLAIN ${PLAIN}`)).toMatch(/^T NO \[PRIVACYREQUIRED\]/);
		expect(await wire.command('SELECT INBOX')).toMatch(/^T BAD/);
	});

	it('forgets what was sent in clear behind STARTTLS', async () => {
		const desk = await startDesk();
		const wire = await desk.wire({ secure: false });
		wire.send('a STARTTLS\r\nb NOOP\r\nc LOGIN x {3}\r\n');
		expect(await wire.until(/\r\n/)).toMatch(/^a OK/);
		await wire.startTls();
		const offered = await wire.command('CAPABILITY');
		expect(offered).toMatch(/^\* CAPABILITY .* AUTH=PLAIN AUTH=LOGIN\r\nT OK listed\r\n$/);
		expect(offered).not.toContain('STARTTLS');
	});

	it('answers nothing of what was sent in clear behind STARTTLS, however much it was', async () => {
		const desk = await startDesk();
		const wire = await desk.wire({ secure: false });
		const ahead = `c AUTHENTICATE PLAIN ${PLAIN}\r\n`;
		wire.send(`a STARTTLS\r\n${ahead.repeat(Math.ceil(2_000_000 / ahead.length))}`);
		expect(await wire.until(/\r\n/)).toMatch(/^a OK/);
		await wire.startTls().catch(() => undefined);
		await wire.untilClosed();
		expect(desk.log.map(({ command }) => command)).toEqual(['STARTTLS']);
		await desk.client({ startTls: true });
	});

	it('knows before and after STARTTLS, and after signing in, what it offers', async () => {
		const desk = await startDesk();
		const wire = await desk.wire({ secure: false });
		const offered = async () => (await wire.command('CAPABILITY')).split('\r\n')[0];
		const always = '* CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID ENABLE';
		expect(await offered()).toBe(`${always} STARTTLS LOGINDISABLED`);
		expect(await wire.command('STARTTLS now')).toMatch(/^T BAD/);
		expect(await wire.command('STARTTLS')).toBe('T OK begin TLS\r\n');
		await wire.startTls();
		expect(await offered()).toBe(`${always} AUTH=PLAIN AUTH=LOGIN`);
		expect(await wire.command('STARTTLS')).toMatch(/^T BAD/);
		expect(await wire.command(LOGIN)).toMatch(/^T OK \[CAPABILITY IMAP4rev1 .* IDLE .*\]/);
		expect(await offered()).not.toMatch(/AUTH=|STARTTLS|LOGINDISABLED/);
		expect(await wire.command('STARTTLS')).toBe('T BAD signed in already\r\n');
	});

	it('takes no password in clear either when it does not say so', async () => {
		const desk = await startDesk({ without: ['LOGINDISABLED', 'STARTTLS'] });
		const wire = await desk.wire({ secure: false });
		expect(await wire.command('CAPABILITY')).not.toMatch(/STARTTLS|LOGINDISABLED/);
		expect(await wire.command('STARTTLS')).toBe('T BAD unknown command\r\n');
		for (const command of [LOGIN, `AUTHENTICATE PLAIN ${PLAIN}`, 'AUTHENTICATE LOGIN']) {
			expect(await wire.command(command)).toMatch(/^T NO \[PRIVACYREQUIRED\]/);
		}
	});

	it('takes AUTHENTICATE LOGIN in two answers, or the first at once', async () => {
		const desk = await startDesk();
		const base64 = (text: string): string => Buffer.from(text).toString('base64');
		for (const atOnce of [false, true]) {
			const wire = await desk.wire({ signIn: false });
			wire.send(`a AUTHENTICATE LOGIN${atOnce ? ` ${base64(ADDRESS)}` : ''}\r\n`);
			if (!atOnce) {
				expect(await wire.until(/\r\n/)).toBe(`+ ${base64('Username:')}\r\n`);
				wire.send(`${base64(ADDRESS)}\r\n`);
			}
			expect(await wire.until(/\r\n/)).toBe(`+ ${base64('Password:')}\r\n`);
			wire.send(`${base64(PASSWORD)}\r\n`);
			expect(await wire.until(/\r\n/)).toMatch(/^a OK/);
		}
		const wrong = await desk.wire({ signIn: false });
		wrong.send(`a AUTHENTICATE LOGIN ${base64(ADDRESS)}\r\n`);
		await wrong.until(/^\+ .*\r\n/);
		wrong.send(`${base64('sbagliata')}\r\n`);
		expect(await wrong.until(/\r\n/)).toMatch(/^a NO \[AUTHENTICATIONFAILED\]/);
	});

	it('serves imapflow over STARTTLS, encrypted', async () => {
		const desk = await startDesk();
		const client = await desk.client({ startTls: true });
		expect(client.secureConnection).toBe(true);
		expect((await client.mailboxOpen('INBOX')).exists).toBe(0);
	});

	it('tells imapflow that the password is wrong', async () => {
		const desk = await startDesk();
		await expect(desk.client({ password: 'sbagliata' })).rejects.toMatchObject({
			authenticationFailed: true,
			serverResponseCode: 'AUTHENTICATIONFAILED',
		});
	});

	it('signs in by the password of the moment', async () => {
		const desk = await startDesk();
		desk.account.password = 'nuova';
		await expect(desk.client()).rejects.toMatchObject({ authenticationFailed: true });
		await desk.client({ password: 'nuova' });
	});

	it('goes on when clients do not trust it, or speak no TLS', async () => {
		const desk = await startDesk();
		const distrusting = new ImapFlow({
			host: '127.0.0.1',
			port: desk.ports.tls,
			secure: true,
			auth: { user: ADDRESS, pass: PASSWORD },
			logger: false,
		});
		distrusting.on('error', () => undefined);
		await expect(distrusting.connect()).rejects.toMatchObject({
			code: expect.stringMatching(/SELF_SIGNED|UNABLE_TO_VERIFY/),
		});
		const wire = await desk.wire({ secure: false });
		wire.send('a STARTTLS\r\n');
		await wire.until(/^a OK.*\r\n/);
		wire.send('this is no handshake\r\n');
		await wire.untilClosed();
		await desk.client();
	});

	it('logs commands and verdicts, and nothing a client sent', async () => {
		const desk = await startDesk();
		const wire = await desk.wire({ signIn: false });
		await wire.command(LOGIN);
		await wire.command('SELECT Manca');
		await wire.command('SEGRETA x');
		expect(desk.log).toEqual([
			{ connection: 1, at: expect.any(Date), command: 'LOGIN', status: 'OK' },
			{ connection: 1, at: expect.any(Date), command: 'SELECT', status: 'NO' },
			{ connection: 1, at: expect.any(Date), command: 'unknown', status: 'BAD' },
		]);
	});
});
