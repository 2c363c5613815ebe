import { type TLSSocket } from 'node:tls';
import { createTransport } from 'nodemailer';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CLIENTE, PecDesk, STUDIO } from './pecDesk.ts';
import { BODY, closed, MAIL, TO_DATA } from './smtpFaults.ts';

let desk: PecDesk;

beforeAll(async () => {
	desk = await PecDesk.open();
});

afterAll(async () => await desk.sandbox.stop());

beforeEach(() => desk.startOver());

afterEach(() => desk.sandbox.faults.clear());

describe('within DATA', () => {
	it.each([0, 1, 10, BODY.length, BODY.length + 2])(
		'the connection is dropped after %i bytes of the body, and nothing is taken',
		async (afterBytes) => {
			desk.sandbox.faults.add({
				at: 'smtp.body',
				action: { do: 'drop', afterBytes, direction: 'received' },
			});
			const text = await desk.untilClosed([...TO_DATA, `${BODY}.`]);
			expect(text).toMatch(/354 [^\r\n]*\r\n$/);
			await desk.sandbox.settled();
			expect(desk.ofType('submission')).toEqual([]);
		},
	);

	it('bytes are counted inside of STARTTLS too', async () => {
		desk.sandbox.faults.add({
			at: 'smtp.body',
			action: { do: 'drop', afterBytes: 50, direction: 'received' },
		});
		await expect(desk.send(MAIL, { startTls: true })).rejects.toThrow();
		expect(desk.ofType('submission')).toEqual([]);
	});

	it('the submission is not taken before a call is over', async () => {
		let finish = (): void => undefined;
		const finished = new Promise<void>((resolve) => (finish = resolve));
		const call = { do: 'call', run: () => finished } as const;
		const rule = desk.sandbox.faults.add({ at: 'smtp.body', action: call });
		const sent = desk.send(MAIL);
		await rule.happened();
		// by the time that another has come so far, the first has sent its all
		(await desk.dialogue(TO_DATA)).socket.destroy();
		expect(desk.ofType('submission')).toEqual([]);
		finish();
		expect((await sent).response).toMatch(/^250/);
	});

	it('a byte more than was sent, and the message is taken as ever', async () => {
		desk.sandbox.faults.add({
			at: 'smtp.body',
			action: { do: 'drop', afterBytes: BODY.length + 4, direction: 'received' },
		});
		const { replies, socket } = await desk.dialogue([...TO_DATA, `${BODY}.`]);
		expect(replies.at(-1)).toMatch(/^250/);
		socket.write('Q');
		await closed(socket);
		expect(desk.ofType('submission')).toHaveLength(1);
	});

	it('nodemailer sees the connection stall, and gives up by itself', async () => {
		const rule = desk.sandbox.faults.add({
			at: 'smtp.body',
			action: { do: 'stall', afterBytes: 20, direction: 'received' },
		});
		const transport = createTransport({
			...desk.sandbox.smtp,
			auth: { user: STUDIO, pass: 'prova-alfa' },
			tls: { ca: desk.sandbox.tlsCa },
			socketTimeout: 200,
		});
		await expect(transport.sendMail({ from: STUDIO, ...MAIL })).rejects.toMatchObject({
			code: 'ETIMEDOUT',
		});
		transport.close();
		expect(rule.fired).toBe(1);
		// once released, the server would find the whole message
		await desk.sandbox.goDown();
		await desk.sandbox.comeBack();
		rule.release();
		expect(desk.ofType('submission')).toEqual([]);
	});
});

describe('after the final dot', () => {
	it.each([421, 451, 452, 550])('the submission is refused with %i', async (reply) => {
		desk.sandbox.faults.add({ at: 'smtp.dot', action: { do: 'answer', reply, text: 'no' } });
		await expect(desk.send(MAIL)).rejects.toMatchObject({ responseCode: reply });
		expect(desk.ofType('submission')).toEqual([]);
	});

	it('the connection dies and nothing was taken', async () => {
		desk.sandbox.faults.add({ at: 'smtp.dot', action: { do: 'drop' } });
		await expect(desk.send(MAIL)).rejects.toThrow();
		expect(desk.ofType('submission')).toEqual([]);
	});

	it('250 for what was not taken: the fault is in the log, no submission is', async () => {
		desk.sandbox.faults.add({ at: 'smtp.dot', action: { do: 'ignore' } });
		expect((await desk.send(MAIL)).response).toMatch(/^250/);
		expect(desk.entries()).toEqual([
			expect.objectContaining({ type: 'fault', point: 'smtp.dot', action: 'ignore' }),
		]);
	});

	it('the connection dies before the 250 of a submission that was taken', async () => {
		desk.sandbox.faults.add({ at: 'smtp.accepted', action: { do: 'drop' } });
		const text = await desk.untilClosed([...TO_DATA, `${BODY}.`]);
		await desk.sandbox.settled();
		expect(text).toMatch(/354 [^\r\n]*\r\n$/);
		expect(desk.ofType('submission')).toHaveLength(1);
		expect(desk.inbox(CLIENTE)).toHaveLength(1);
	});

	it('the client is told 451 of a submission that was taken', async () => {
		desk.sandbox.faults.add({ at: 'smtp.accepted', action: { do: 'answer', reply: 451 } });
		await expect(desk.send(MAIL)).rejects.toMatchObject({ responseCode: 451 });
		await desk.sandbox.settled();
		expect(desk.inbox(CLIENTE)).toHaveLength(1);
	});

	it('a call finds the submission in the log and the 250 not sent', async () => {
		let replies = '';
		const before = desk.sandbox.log.submissions().length;
		const found: number[] = [];
		let socket: TLSSocket | undefined;
		desk.sandbox.faults.add({
			at: 'smtp.accepted',
			action: {
				do: 'call',
				run: ({ mailbox }) => {
					found.push(desk.sandbox.log.submissions().length - before);
					expect(mailbox?.address).toBe(STUDIO);
					expect(replies).toBe('');
				},
			},
		});
		({ socket } = await desk.dialogue(TO_DATA));
		const replied = new Promise((resolve) => {
			socket?.on('data', (chunk) => {
				replies += String(chunk);
				resolve(undefined);
			});
		});
		socket.write(`${BODY}.\r\n`);
		await replied;
		socket.destroy();
		expect(found).toEqual([1]);
		expect(replies).toMatch(/^250/);
	});

	it('the client has its 250, and then the connection dies', async () => {
		const rule = desk.sandbox.faults.add({ at: 'smtp.replied', action: { do: 'drop' } });
		const text = await desk.untilClosed([...TO_DATA, `${BODY}.`]);
		expect(text).toMatch(/\r\n250 [^\r\n]*\r\n$/);
		expect(rule.fired).toBe(1);
		expect(desk.ofType('submission')).toHaveLength(1);
		expect((await desk.send(MAIL)).response).toMatch(/^250/);
	});
});
