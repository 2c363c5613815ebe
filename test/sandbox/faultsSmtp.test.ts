import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FaultEvent } from '../../sandbox/index.ts';
import { CLIENTE, PecDesk, SIGN_IN, STUDIO } from './pecDesk.ts';
import { BODY, closed, MAIL, TO_DATA } from './smtpFaults.ts';

let desk: PecDesk;

beforeAll(async () => {
	desk = await PecDesk.open();
});

afterAll(async () => await desk.sandbox.stop());

beforeEach(() => desk.startOver());

afterEach(() => desk.sandbox.faults.clear());

describe('without a rule', () => {
	it('nothing is said, done or logged that was not before', async () => {
		expect((await desk.send(MAIL)).response).toMatch(/^250 2\.0\.0 Ok: queued as /);
		expect(desk.ofType('fault')).toEqual([]);
		expect(desk.ofType('submission')).toHaveLength(1);
	});
});

describe('a connection', () => {
	it('is dropped before the greeting, or after so many bytes of it', async () => {
		for (const afterBytes of [0, 9]) {
			desk.sandbox.faults.add({ at: 'smtp.connection', action: { do: 'drop', afterBytes } });
			expect(await desk.untilClosed([])).toBe('220 localhost'.slice(0, afterBytes));
		}
	});

	it.each([421, 554])('is refused with %i', async (reply) => {
		const action = { do: 'answer', reply, text: 'troppi collegamenti' } as const;
		desk.sandbox.faults.add({ at: 'smtp.connection', action });
		expect(await desk.untilClosed([])).toBe(`${reply} troppi collegamenti\r\n`);
	});

	it('counts the bytes of the protocol after STARTTLS too', async () => {
		const rule = desk.sandbox.faults.add({
			at: 'smtp.command',
			command: 'AUTH',
			action: { do: 'drop', afterBytes: 3 },
		});
		await expect(desk.send(MAIL, { startTls: true })).rejects.toMatchObject({
			code: expect.stringMatching(/ECONNECTION|ESOCKET|EAUTH/),
		});
		expect(rule.fired).toBe(1);
		expect(desk.ofType('submission')).toEqual([]);
	});

	it('is stalled before the greeting until it is released', async () => {
		const rule = desk.sandbox.faults.add({ at: 'smtp.connection', action: { do: 'stall' } });
		const sent = desk.send(MAIL);
		await rule.happened();
		rule.release();
		expect((await sent).response).toMatch(/^250/);
	});

	it('is slow, and what was sent comes through to the byte', async () => {
		const rule = desk.sandbox.faults.add({
			at: 'smtp.connection',
			action: { do: 'slow', bytesPerSecond: 200_000 },
		});
		const text = `${'una riga di testo\r\n'.repeat(1500)}fine`;
		await desk.send({ ...MAIL, text });
		expect(rule.fired).toBe(1);
		const [submission] = desk.ofType('submission');
		expect(submission?.size).toBeGreaterThan(text.length);
		expect(desk.inbox(CLIENTE)[0]?.includes('fine')).toBe(true);
	});
});

describe('at a command', () => {
	it.each<[string, number, RegExp]>([
		['EHLO', 421, /ECONN|ESOCKET|EPROTOCOL/],
		['AUTH', 454, /EAUTH/],
		['MAIL', 452, /EENVELOPE/],
		['RCPT', 450, /EENVELOPE/],
		['DATA', 550, /EMESSAGE|EENVELOPE/],
	])('%s is answered with %i, and nothing is taken', async (command, reply, code) => {
		desk.sandbox.faults.add({
			at: 'smtp.command',
			command,
			name: 'no',
			action: { do: 'answer', reply, text: '4.7.1 un altro giorno' },
		});
		await expect(desk.send(MAIL)).rejects.toMatchObject({
			code: expect.stringMatching(code),
			response: `${reply} 4.7.1 un altro giorno`,
		});
		expect(desk.ofType('submission')).toEqual([]);
		expect(desk.ofType('fault')).toEqual([
			{
				seq: expect.any(Number),
				at: expect.any(String),
				type: 'fault',
				point: 'smtp.command',
				protocol: 'smtp',
				command,
				...(command === 'EHLO' || command === 'AUTH' ? {} : { account: STUDIO }),
				connection: expect.any(Number),
				action: 'answer',
				name: 'no',
			},
		]);
		expect((await desk.send(MAIL)).response).toMatch(/^250/);
	});

	it('RCPT fails for the second recipient only', async () => {
		desk.sandbox.faults.add({
			at: 'smtp.command',
			command: 'RCPT',
			account: STUDIO,
			skip: 1,
			action: { do: 'answer', reply: 451 },
		});
		await desk.send({ ...MAIL, to: [CLIENTE, 'cliente02@pec.beta.test'] });
		expect(desk.ofType('submission')[0]?.recipients).toEqual([CLIENTE]);
	});

	it('the connection is dropped before DATA', async () => {
		desk.sandbox.faults.add({ at: 'smtp.command', command: 'DATA', action: { do: 'drop' } });
		const text = await desk.untilClosed([...TO_DATA, `${BODY}.`]);
		expect(text).not.toContain('354');
		expect(desk.ofType('submission')).toEqual([]);
	});

	it('it stalls, the server goes down at once all the same', async () => {
		const rule = desk.sandbox.faults.add({
			at: 'smtp.command',
			command: 'MAIL',
			action: { do: 'stall' },
		});
		const { socket } = await desk.dialogue(SIGN_IN);
		socket.write(`MAIL FROM:<${STUDIO}>\r\n`);
		await rule.happened();
		await desk.sandbox.goDown();
		await closed(socket);
		await desk.sandbox.comeBack();
		await desk.send(MAIL);
	});

	it('a password line is no command and reaches no rule or log', async () => {
		const seen: FaultEvent[] = [];
		desk.sandbox.faults.add({
			at: 'smtp.command',
			times: 'always',
			action: { do: 'call', run: (event) => seen.push(event) },
		});
		const { socket } = await desk.dialogue([
			'EHLO prova',
			'AUTH LOGIN',
			btoa(STUDIO),
			btoa('prova-alfa'),
			'PAROLA segreta',
		]);
		socket.destroy();
		expect(seen.map(({ command }) => command)).toEqual(['EHLO', 'AUTH', 'unknown']);
		expect(JSON.stringify(desk.entries())).not.toMatch(/prova-alfa|segreta|PAROLA/i);
	});
});

describe('a sandbox with faults', () => {
	it('has them from the start, and stops while connections are stalled and calls are pending', async () => {
		const other = await PecDesk.open({
			faults: [
				{ at: 'smtp.command', command: 'MAIL', action: { do: 'stall' } },
				{ at: 'smtp.connection', skip: 1, action: { do: 'slow', bytesPerSecond: 1 } },
			],
		});
		const pending = other.sandbox.faults.add({
			at: 'imap.connection',
			action: { do: 'call', run: () => new Promise(() => undefined) },
		});
		const { socket } = await other.dialogue(SIGN_IN);
		socket.write(`MAIL FROM:<${STUDIO}>\r\n`);
		const slow = connect({ ...other.sandbox.smtp, ca: other.sandbox.tlsCa });
		slow.on('error', () => undefined);
		await new Promise((resolve) => slow.once('data', resolve));
		const imap = connect({ ...other.sandbox.imap, ca: other.sandbox.tlsCa });
		imap.on('error', () => undefined);
		await pending.happened();
		await other.sandbox.stop();
		await Promise.all([closed(socket), closed(slow), closed(imap)]);
		expect(other.sandbox.connections()).toBe(0);
	});

	it('does not start with a wrong rule', async () => {
		await expect(
			PecDesk.open({ faults: [{ at: 'smtp.dot', skip: -1, action: { do: 'drop' } }] }),
		).rejects.toThrow(new TypeError('skip is wrong'));
	});
});
