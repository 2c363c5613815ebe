import { describe, expect, it } from 'vitest';
import { startDesk, type Desk } from './imapDesk.ts';

async function noneLeft(desk: Desk): Promise<void> {
	await expect.poll(() => desk.server.connections).toBe(0);
}

describe('a connection', () => {
	it('is dropped before its greeting', async () => {
		const desk = await startDesk();
		const rule = desk.faults.add({ at: 'imap.connection', action: { do: 'drop' } });
		await expect(desk.wire({ signIn: false })).rejects.toThrow('closed after ""');
		await expect(desk.wire()).resolves.toBeDefined();
		expect(rule.fired).toBe(1);
		expect(desk.struck).toEqual([
			{ type: 'fault', point: 'imap.connection', protocol: 'imap', connection: 1, action: 'drop' },
		]);
	});

	it('is dropped after exactly so many bytes were sent, before TLS and inside it', async () => {
		const desk = await startDesk();
		for (const secure of [true, false]) {
			desk.faults.add({ at: 'imap.connection', action: { do: 'drop', afterBytes: 7 } });
			await expect(desk.wire({ secure, signIn: false })).rejects.toThrow('closed after "* OK [C"');
		}
		await noneLeft(desk);
	});

	it('is refused with BYE', async () => {
		const desk = await startDesk();
		desk.faults.add({
			at: 'imap.connection',
			action: { do: 'answer', status: 'BYE', code: 'UNAVAILABLE', text: 'too many connections' },
		});
		await expect(desk.wire({ signIn: false })).rejects.toThrow(
			'closed after "* BYE [UNAVAILABLE] too many connections\\r\\n"',
		);
		await noneLeft(desk);
	});

	it('gets no greeting when it is stalled, until it is released', async () => {
		const desk = await startDesk();
		const rule = desk.faults.add({ at: 'imap.connection', action: { do: 'stall' } });
		const greeted = desk.wire({ signIn: false });
		await rule.happened();
		expect(desk.server.connections).toBe(1);
		rule.release();
		expect(await (await greeted).command('NOOP')).toBe('T OK done\r\n');
	});

	it.each(['goes down', 'drops its connections'])(
		'ends at once when the server %s while it is stalled',
		async (how) => {
			const desk = await startDesk();
			const rule = desk.faults.add({
				at: 'imap.command',
				command: 'NOOP',
				action: { do: 'stall' },
			});
			const wire = await desk.wire();
			wire.send('a NOOP\r\n');
			await rule.happened();
			if (how === 'goes down') await desk.server.goDown();
			else desk.server.dropConnections();
			expect(await wire.untilClosed()).toBe('');
			await noneLeft(desk);
		},
	);

	it('is forgotten when its client goes while it is stalled', async () => {
		const desk = await startDesk();
		const rule = desk.faults.add({
			at: 'imap.command',
			command: 'NOOP',
			times: 'always',
			action: { do: 'stall' },
		});
		const wires = await Promise.all([desk.wire(), desk.wire()]);
		for (const wire of wires) wire.send('a NOOP\r\nb CAPABILITY\r\n');
		await rule.happened(2);
		wires[0].destroy();
		wires[1].reset();
		await noneLeft(desk);
	});

	it('is forgotten when its client goes while half of a reply is held', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.alloc(400_000, 0x41));
		for (const secure of [true, false]) {
			desk.faults.add({
				at: 'imap.command',
				command: secure ? 'FETCH' : 'CAPABILITY',
				action: { do: 'stall', afterBytes: 5 },
			});
			const wire = await desk.wire({ secure });
			if (secure) await wire.command('SELECT INBOX');
			wire.send(secure ? 'a FETCH 1 BODY.PEEK[]\r\n' : 'a CAPABILITY\r\n');
			await wire.until(/^.{5}/);
			wire.destroy();
		}
		await noneLeft(desk);
	});

	it('is slow in both directions and says the same', async () => {
		const desk = await startDesk();
		const raw = Buffer.from(`A: b\r\n\r\n${'riga\r\n'.repeat(2000)}`);
		const rule = desk.faults.add({
			at: 'imap.connection',
			times: 'always',
			action: { do: 'slow', bytesPerSecond: 200_000 },
		});
		const client = await desk.client();
		await client.append('INBOX', raw);
		await client.mailboxOpen('INBOX');
		const found = await client.fetchOne('1', { source: true });
		expect(found === false ? undefined : found.source?.equals(raw)).toBe(true);
		expect(rule.fired).toBe(1);
	});

	it('ends at once when the server goes down while it is slow', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.alloc(1_000_000, 0x41));
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		desk.faults.add({ at: 'imap.command', action: { do: 'slow', bytesPerSecond: 1 } });
		wire.send('a FETCH 1 BODY.PEEK[]\r\n');
		await wire.until(/^\*/);
		await desk.server.goDown();
		await wire.untilClosed();
		await noneLeft(desk);
	});
});

describe('within a reply', () => {
	it('the connection drops after exactly so many bytes of a FETCH', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.alloc(400_000, 0x41));
		for (const afterBytes of [0, 1, 40, 300_000]) {
			const wire = await desk.wire();
			await wire.command('SELECT INBOX');
			desk.faults.add({ at: 'imap.command', command: 'FETCH', action: { do: 'drop', afterBytes } });
			wire.send('a FETCH 1 BODY.PEEK[]\r\n');
			const text = await wire.untilClosed();
			expect(text).toHaveLength(afterBytes);
			expect('* 1 FETCH (BODY[] {400000}\r\nAAAA'.startsWith(text.slice(0, 32))).toBe(true);
		}
		await noneLeft(desk);
	});

	it('it stalls after so many bytes and goes on when released', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.alloc(400_000, 0x41));
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		const rule = desk.faults.add({
			at: 'imap.command',
			command: 'FETCH',
			action: { do: 'stall', afterBytes: 5 },
		});
		wire.send('a FETCH 1 BODY.PEEK[]\r\n');
		expect(await wire.until(/^.{5}/)).toBe('* 1 F');
		rule.release();
		expect((await wire.until(/^a OK .*\r\n/m)).length).toBeGreaterThan(400_000);
	});

	it('imapflow sees the connection fail in the middle of a message', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.alloc(400_000, 0x41));
		const client = await desk.client();
		await client.mailboxOpen('INBOX');
		desk.faults.add({
			at: 'imap.command',
			command: 'FETCH',
			action: { do: 'drop', afterBytes: 100_000 },
		});
		await expect(client.fetchOne('1', { source: true })).rejects.toMatchObject({
			code: 'NoConnection',
		});
		await noneLeft(desk);
	});
});

describe('within a literal', () => {
	it.each([
		['a literal the client waits with', ''],
		['a literal it sends at once', '+'],
	])('the upload breaks off after so many bytes of %s', async (_, plus) => {
		const desk = await startDesk();
		const wire = await desk.wire();
		const rule = desk.faults.add({
			at: 'imap.literal',
			command: 'APPEND',
			action: { do: 'drop', afterBytes: 500, direction: 'received' },
		});
		wire.send(`a APPEND INBOX {1000${plus}}\r\n`);
		if (plus === '') await wire.until(/^\+ .*\r\n/);
		wire.send('x'.repeat(499));
		await rule.happened();
		const other = await desk.wire();
		expect(await other.command('NOOP')).toBe('T OK done\r\n');
		expect(desk.server.connections).toBe(2);
		wire.send('xy');
		expect(await wire.untilClosed()).toBe('');
		await expect.poll(() => desk.server.connections).toBe(1);
		expect(desk.account.folder('INBOX')?.messages).toHaveLength(0);
	});
});

describe('once the reply has left', () => {
	it('the client has its OK, and then the connection dies', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.alloc(3_000_000, 0x41));
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		desk.faults.add({ at: 'imap.replied', command: 'FETCH', action: { do: 'drop' } });
		wire.send('a FETCH 1 BODY.PEEK[]\r\n');
		const text = await wire.untilClosed();
		expect(text.length).toBeGreaterThan(3_000_000);
		expect(text).toMatch(/a OK fetched\r\n$/);
		await noneLeft(desk);
	});

	it('the connection can be closed with BYE, also before STARTTLS', async () => {
		const desk = await startDesk();
		const wire = await desk.wire({ secure: false });
		desk.faults.add({
			at: 'imap.replied',
			command: 'STARTTLS',
			action: { do: 'answer', status: 'BYE', text: 'ciao' },
		});
		wire.send('a STARTTLS\r\n');
		expect(await wire.untilClosed()).toBe('a OK begin TLS\r\n* BYE ciao\r\n');
	});
});
