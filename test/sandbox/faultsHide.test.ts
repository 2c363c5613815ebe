import { ImapFlow } from 'imapflow';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Clock } from '../../sandbox/pec/clock.ts';
import { startDesk } from './imapDesk.ts';
import { CLIENTE, PecDesk, STUDIO } from './pecDesk.ts';

const RAW = 'A: b\r\n\r\n';
const APPEND = `APPEND INBOX {${RAW.length}+}\r\n${RAW}`;
const STATUS = 'STATUS INBOX (MESSAGES UIDNEXT UNSEEN)';
const HIDE = { at: 'imap.command', command: 'APPEND', action: { do: 'hide' } } as const;

describe('a hidden APPEND', () => {
	it('is seen by its own connection and by no other, old or new, until it is released', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.from(RAW));
		const [own, other] = [await desk.wire(), await desk.wire()];
		for (const wire of [own, other]) await wire.command('SELECT INBOX');
		const rule = desk.faults.add(HIDE);
		expect(await own.command(APPEND)).toMatch(/\* 2 EXISTS\r\n.*T OK \[APPENDUID \d+ 2\]/s);
		expect(await own.command(STATUS)).toContain('(MESSAGES 2 UIDNEXT 3 UNSEEN 2)');

		for (const wire of [other, await desk.wire()]) {
			expect(await wire.command('NOOP')).toBe('T OK done\r\n');
			expect(await wire.command(STATUS)).toContain('(MESSAGES 1 UIDNEXT 2 UNSEEN 1)');
			expect(await wire.command('LIST "" INBOX RETURN (STATUS (MESSAGES))')).toContain(
				'(MESSAGES 1)',
			);
			expect(await wire.command('SELECT INBOX')).toMatch(/\* 1 EXISTS[^]*\[UIDNEXT 2\]/);
			expect(await wire.command('UID FETCH 1:* (UID)')).not.toContain('UID 2');
			expect(await wire.command('UID SEARCH ALL')).toContain('* SEARCH 1\r\n');
			expect(await wire.command('UID COPY 2 Archivio')).not.toContain('COPYUID');
		}

		rule.release();
		expect(await other.command('NOOP')).toContain('* 2 EXISTS\r\n');
		expect(await other.command(STATUS)).toContain('(MESSAGES 2 UIDNEXT 3 UNSEEN 2)');
	});

	it('holds back what comes after it: every view is a prefix by UID', async () => {
		const desk = await startDesk();
		const [own, other] = [await desk.wire(), await desk.wire()];
		await other.command('SELECT INBOX');
		const rule = desk.faults.add(HIDE);
		await own.command(APPEND);
		desk.account.deliver(Buffer.from(RAW));
		expect(await other.command(APPEND)).toBe(
			`T OK [APPENDUID ${desk.account.folder('INBOX')?.uidValidity} 3] appended\r\n`,
		);
		expect(await other.command('UID SEARCH ALL')).toContain('* SEARCH\r\n');
		expect(await own.command(STATUS)).toContain('(MESSAGES 3 UIDNEXT 4 UNSEEN 3)');
		rule.release();
		expect(await other.command('NOOP')).toContain('* 3 EXISTS\r\n');
	});

	it('hides no other folder, and nothing when the APPEND fails', async () => {
		const desk = await startDesk();
		const [own, other] = [await desk.wire(), await desk.wire()];
		desk.faults.add({ ...HIDE, times: 2 });
		await own.command(APPEND);
		desk.account.deliver(Buffer.from(RAW), { folder: 'Archivio' });
		expect(await other.command('STATUS Archivio (MESSAGES)')).toContain('(MESSAGES 1)');
		expect(await own.command(APPEND.replace('INBOX', 'Nulla'))).toMatch(/T NO \[TRYCREATE\]/);
		for (const action of [HIDE.action, { do: 'answer', status: 'NO' } as const]) {
			desk.faults.add({ ...HIDE, action });
		}
		expect(await own.command(APPEND.replace('INBOX', 'Archivio'))).toMatch(/T NO/);
		desk.account.deliver(Buffer.from(RAW), { folder: 'Archivio' });
		expect(await other.command('STATUS Archivio (MESSAGES)')).toContain('(MESSAGES 2)');
	});

	it('is not jumped by the HIGHESTMODSEQ of an EXPUNGE, after which it would never be asked for', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.from(RAW), { flags: ['\\Deleted'] });
		const [own, other] = [await desk.wire(), await desk.wire()];
		await other.command('ENABLE QRESYNC');
		await other.command('SELECT INBOX');
		const rule = desk.faults.add(HIDE);
		await own.command(APPEND);
		const told = /HIGHESTMODSEQ (\d+)/.exec(await other.command('UID EXPUNGE 1'))?.[1];
		rule.release();
		await other.command('NOOP');
		expect(await other.command(`UID FETCH 1:* (UID) (CHANGEDSINCE ${told} VANISHED)`)).toContain(
			'* 1 FETCH (UID 2 ',
		);
	});

	it('that was deleted meanwhile is never heard of', async () => {
		const desk = await startDesk();
		const [own, other] = [await desk.wire(), await desk.wire()];
		await other.command('SELECT INBOX');
		const rule = desk.faults.add(HIDE);
		await own.command(APPEND);
		desk.account.folder('INBOX')?.expunge([1]);
		rule.release();
		expect(await other.command('NOOP')).toBe('T OK done\r\n');
	});

	it('whose OK was lost too is not there for the next connection, and then it is', async () => {
		const desk = await startDesk();
		const rule = desk.faults.add(HIDE);
		desk.faults.add({ at: 'imap.done', command: 'APPEND', action: { do: 'drop' } });
		const client = await desk.client();
		await expect(client.append('INBOX', RAW)).rejects.toMatchObject({ code: 'NoConnection' });
		const again = await desk.client();
		expect((await again.mailboxOpen('INBOX')).exists).toBe(0);
		rule.release();
		await again.noop();
		expect(again.mailbox === false ? 0 : again.mailbox.exists).toBe(1);
	});

	it('by a connection that closes before it is done hides nothing for ever', async () => {
		const desk = await startDesk();
		desk.faults.add(HIDE);
		desk.faults.add({ at: 'imap.command', command: 'APPEND', action: { do: 'drop' } });
		const own = await desk.wire();
		own.send(`a ${APPEND}\r\n`);
		await own.untilClosed();
		desk.account.deliver(Buffer.from(RAW));
		expect(await (await desk.wire()).command(STATUS)).toContain('(MESSAGES 1 ');
	});

	it('is void once the folder was renumbered', async () => {
		const desk = await startDesk();
		const own = await desk.wire();
		desk.faults.add(HIDE);
		await own.command(APPEND);
		desk.account.folder('INBOX')?.resetUidValidity();
		expect(await (await desk.wire()).command(STATUS)).toContain('(MESSAGES 1 UIDNEXT 2 ');
	});

	it('appears after its time by the clock, to who idles and to who asks', async () => {
		const clock = new Clock(() => new Date('2026-03-02T09:00:00Z'));
		const desk = await startDesk({ clock });
		const [own, idling, other] = [await desk.wire(), await desk.wire(), await desk.wire()];
		await idling.command('SELECT INBOX');
		idling.send('i IDLE\r\n');
		await idling.until(/^\+ idling\r\n/);
		desk.faults.add({ ...HIDE, action: { do: 'hide', forMs: 30_000 } });
		await own.command(APPEND);
		clock.advance(29_999);
		expect(await other.command(STATUS)).toContain('(MESSAGES 0 ');
		idling.send('DONE\r\n');
		expect(await idling.until(/^i OK .*\r\n/m)).toBe('i OK done\r\n');
		idling.send('j IDLE\r\n');
		await idling.until(/^\+ idling\r\n/);
		clock.advance(1);
		expect(await idling.until(/^\* 1 EXISTS\r\n/)).toBe('* 1 EXISTS\r\n');
		expect(await other.command(STATUS)).toContain('(MESSAGES 1 ');
	});

	it('appears to who asks once a clock that nobody advances has come there', async () => {
		let time = Date.parse('2026-03-02T09:00:00Z');
		const desk = await startDesk({ now: () => new Date(time) });
		const [own, other] = [await desk.wire(), await desk.wire()];
		desk.faults.add({ ...HIDE, action: { do: 'hide', forMs: 30_000 } });
		await own.command(APPEND);
		time += 29_999;
		expect(await other.command(STATUS)).toContain('(MESSAGES 0 ');
		time += 1;
		expect(await other.command(STATUS)).toContain('(MESSAGES 1 ');
	});

	it('appears to who idles in real time too', async () => {
		const desk = await startDesk();
		const [own, idling] = [await desk.wire(), await desk.wire()];
		await idling.command('SELECT INBOX');
		idling.send('i IDLE\r\n');
		await idling.until(/^\+ idling\r\n/);
		desk.faults.add({ ...HIDE, action: { do: 'hide', forMs: 50 } });
		await own.command(APPEND);
		expect(await idling.until(/^\* 1 EXISTS\r\n/)).toBe('* 1 EXISTS\r\n');
	});
});

describe('a hidden delivery', () => {
	it('is in the log, and its reader sees it when the clock says so', async () => {
		const desk = await PecDesk.open();
		onTestFinished(() => desk.sandbox.stop());
		const { sandbox } = desk;
		sandbox.faults.add({
			at: 'mailbox.delivered',
			account: CLIENTE,
			action: { do: 'hide', forMs: 60_000 },
		});
		const client = new ImapFlow({
			...sandbox.imap,
			auth: { user: CLIENTE, pass: 'prova-beta' },
			tls: { ca: sandbox.tlsCa },
			logger: false,
		});
		client.on('error', () => undefined);
		onTestFinished(() => client.close());
		await client.connect();
		await client.mailboxOpen('INBOX');
		await sandbox.sendAs(STUDIO, { to: CLIENTE, subject: 'Prova', text: 'ciao' });
		await sandbox.settled();
		expect(sandbox.log.deliveries(CLIENTE)).toHaveLength(1);
		expect(sandbox.log.ofType('fault')).toEqual([
			expect.objectContaining({
				point: 'mailbox.delivered',
				protocol: 'mailbox',
				account: CLIENTE,
				action: 'hide',
			}),
		]);
		expect(await client.status('INBOX', { messages: true })).toMatchObject({ messages: 0 });
		await sandbox.advance(60_000);
		expect(await client.status('INBOX', { messages: true })).toMatchObject({ messages: 1 });
	});

	it('told to a client that idles before it could be hidden: not any more, only once it is released', async () => {
		const desk = await PecDesk.open();
		onTestFinished(() => desk.sandbox.stop());
		const { sandbox } = desk;
		const rule = sandbox.faults.add({
			at: 'mailbox.delivered',
			account: CLIENTE,
			action: { do: 'hide' },
		});
		const client = new ImapFlow({
			...sandbox.imap,
			auth: { user: CLIENTE, pass: 'prova-beta' },
			tls: { ca: sandbox.tlsCa },
			logger: false,
		});
		client.on('error', () => undefined);
		onTestFinished(() => client.close());
		await client.connect();
		await client.mailboxOpen('INBOX');
		const told: number[] = [];
		client.on('exists', ({ count }: { count: number }) => told.push(count));
		const idle = client.idle();
		await sandbox.sendAs(STUDIO, { to: CLIENTE, subject: 'Prova', text: 'ciao' });
		await sandbox.settled();
		await client.noop();
		await idle;
		expect(told).toEqual([]);
		rule.release();
		await client.noop();
		expect(told).toEqual([1]);
	});
});
