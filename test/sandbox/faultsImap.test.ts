import { describe, expect, it } from 'vitest';
import type { FaultEvent } from '../../sandbox/faults/rules.ts';
import { ADDRESS, startDesk, type Desk } from './imapDesk.ts';

const RAW = Buffer.from('A: b\r\n\r\n');

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

describe('at a command', () => {
	it.each([
		['NO', '[OVERQUOTA] ', { status: 'NO', code: 'OVERQUOTA', text: 'piena' }],
		['BAD', '', { status: 'BAD', text: 'piena' }],
	] as const)('the client is told %s, and nothing is done', async (status, code, answer) => {
		const desk = await startDesk();
		const wire = await desk.wire();
		desk.faults.add({ at: 'imap.command', command: 'append', action: { do: 'answer', ...answer } });
		const text = `APPEND INBOX {${RAW.length}+}\r\n${RAW.toString()}`;
		expect(await wire.command(text)).toBe(`T ${status} ${code}piena\r\n`);
		expect(desk.account.folder('INBOX')?.messages).toHaveLength(0);
		expect(await wire.command(text)).toMatch(/^T OK \[APPENDUID/m);
	});

	it('BYE ends the connection, and what was pipelined is not done', async () => {
		const desk = await startDesk();
		desk.account.deliver(RAW);
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		desk.faults.add({
			at: 'imap.command',
			command: 'NOOP',
			action: { do: 'answer', status: 'BYE' },
		});
		wire.send('a NOOP\r\nb STORE 1 +FLAGS (\\Deleted)\r\nc EXPUNGE\r\n');
		expect(await wire.untilClosed()).toBe('* BYE a fault on request\r\n');
		await noneLeft(desk);
		expect(desk.account.folder('INBOX')?.messages[0]?.flags.size).toBe(0);
	});

	it.each(['imap.command', 'imap.done', 'imap.replied'] as const)(
		'a drop at %s leaves what was pipelined undone',
		async (at) => {
			const desk = await startDesk();
			desk.account.deliver(RAW);
			const wire = await desk.wire();
			await wire.command('SELECT INBOX');
			desk.faults.add({ at, command: 'NOOP', action: { do: 'drop' } });
			wire.send('a NOOP\r\nb STORE 1 +FLAGS (\\Deleted)\r\n');
			expect(await wire.untilClosed()).toBe(at === 'imap.replied' ? 'a OK done\r\n' : '');
			await noneLeft(desk);
			expect(desk.account.folder('INBOX')?.messages[0]?.flags.size).toBe(0);
		},
	);

	it.each([
		['UID STORE', 'UID STORE 1 +FLAGS (\\Deleted)'],
		['UID EXPUNGE', 'UID EXPUNGE 1'],
		['UID MOVE', 'UID MOVE 1 Archivio'],
		['APPEND', `APPEND INBOX {${RAW.length}+}\r\n${RAW.toString()}`],
	])('OK to %s that did nothing', async (command, text) => {
		const desk = await startDesk();
		const flags = command === 'UID EXPUNGE' ? ['\\Deleted'] : [];
		desk.account.deliver(RAW, { flags });
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		desk.faults.add({ at: 'imap.command', command, name: 'finto', action: { do: 'ignore' } });
		expect(await wire.command(text)).toBe('T OK done\r\n');
		const messages = desk.account.folder('INBOX')?.messages ?? [];
		expect(messages.map((each) => [each.uid, [...each.flags]])).toEqual([[1, flags]]);
		expect(desk.struck).toEqual([
			{
				type: 'fault',
				point: 'imap.command',
				protocol: 'imap',
				command,
				account: ADDRESS,
				connection: 1,
				action: 'ignore',
				name: 'finto',
			},
		]);
	});

	it('the N-th one, of one account and one connection', async () => {
		const desk = await startDesk();
		const [one, two] = [await desk.wire(), await desk.wire()];
		const rule = desk.faults.add({
			at: 'imap.command',
			command: 'NOOP',
			account: ADDRESS.toUpperCase(),
			connection: 2,
			skip: 2,
			action: { do: 'answer', status: 'NO' },
		});
		for (let i = 0; i < 4; i += 1) expect(await one.command('NOOP')).toMatch(/OK/);
		const said: string[] = [];
		for (let i = 0; i < 4; i += 1) said.push((await two.command('NOOP')).slice(2, 4));
		expect(said).toEqual(['OK', 'OK', 'NO', 'OK']);
		expect(rule.fired).toBe(1);
	});

	it('unknown to the server, nothing of what was sent gets into the log', async () => {
		const desk = await startDesk();
		const wire = await desk.wire();
		desk.faults.add({ at: 'imap.command', action: { do: 'answer', status: 'NO' } });
		expect(await wire.command('SEGRETO parola')).toBe('T NO a fault on request\r\n');
		expect(desk.struck[0]?.command).toBe('unknown');
		expect(JSON.stringify(desk.struck)).not.toMatch(/SEGRETO|parola/i);
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

describe('when a command is done', () => {
	it('an APPEND is committed although its OK is lost', async () => {
		const desk = await startDesk();
		const client = await desk.client();
		desk.faults.add({ at: 'imap.done', command: 'APPEND', action: { do: 'drop' } });
		await expect(client.append('INBOX', RAW)).rejects.toMatchObject({ code: 'NoConnection' });
		await noneLeft(desk);
		expect(desk.account.folder('INBOX')?.messages.map(({ raw }) => raw)).toEqual([RAW]);
	});

	it('an APPEND is committed although the client is told NO', async () => {
		const desk = await startDesk();
		const client = await desk.client();
		desk.faults.add({
			at: 'imap.done',
			command: 'APPEND',
			action: { do: 'answer', status: 'NO', code: 'SERVERBUG' },
		});
		await expect(client.append('INBOX', RAW)).rejects.toMatchObject({
			serverResponseCode: 'SERVERBUG',
		});
		expect(desk.account.folder('INBOX')?.messages).toHaveLength(1);
	});

	it('the point knows what happened, and the reply waits for the call', async () => {
		const desk = await startDesk();
		const seen: (FaultEvent | number)[] = [];
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		let finish = (): void => undefined;
		const rule = desk.faults.add({
			at: 'imap.done',
			command: 'APPEND',
			action: {
				do: 'call',
				run: async (event) => {
					seen.push(event, event.mailbox?.folder('INBOX')?.messages.length ?? 0);
					await new Promise<void>((resolve) => (finish = resolve));
				},
			},
		});
		wire.send(`a APPEND INBOX {${RAW.length}+}\r\n${RAW.toString()}\r\n`);
		await rule.happened();
		const other = await desk.wire();
		expect(await other.command('STATUS INBOX (MESSAGES)')).toContain('(MESSAGES 1)');
		expect(seen).toEqual([
			expect.objectContaining({
				point: 'imap.done',
				command: 'APPEND',
				account: ADDRESS,
				connection: 1,
				mailbox: desk.account,
				folder: desk.account.folder('INBOX'),
			}),
			1,
		]);
		finish();
		expect(await wire.until(/^a OK .*\r\n/m)).toContain('* 1 EXISTS');
	});

	it('a call that never ends keeps no server up', async () => {
		const desk = await startDesk();
		const rule = desk.faults.add({
			at: 'imap.command',
			action: { do: 'call', run: () => new Promise(() => undefined) },
		});
		const wire = await desk.wire({ signIn: false });
		wire.send('a NOOP\r\n');
		await rule.happened();
		await desk.server.goDown();
		expect(await wire.untilClosed()).toBe('');
		await desk.server.comeBack();
		await desk.wire();
	});

	it('a call that takes the server down there and back', async () => {
		const desk = await startDesk();
		desk.faults.add({
			at: 'imap.done',
			command: 'APPEND',
			action: {
				do: 'call',
				run: async () => {
					await desk.server.goDown();
					await desk.server.comeBack();
				},
			},
		});
		const client = await desk.client();
		await expect(client.append('INBOX', RAW)).rejects.toMatchObject({ code: 'NoConnection' });
		const again = await desk.client();
		expect((await again.mailboxOpen('INBOX')).exists).toBe(1);
	});

	it('a call that fails cuts the connection, and its error is kept', async () => {
		const desk = await startDesk();
		const error = new Error('il test ha torto');
		const wire = await desk.wire();
		const rule = desk.faults.add({
			at: 'imap.command',
			action: {
				do: 'call',
				run: () => {
					throw error;
				},
			},
		});
		wire.send('a NOOP\r\n');
		expect(await wire.untilClosed()).toBe('');
		expect(rule.error).toBe(error);
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

describe('meanwhile somebody else', () => {
	it('moves the messages of the selected folder', async () => {
		const desk = await startDesk();
		for (let i = 0; i < 3; i += 1) desk.account.deliver(RAW);
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		desk.faults.add({
			at: 'imap.command',
			command: 'UID FETCH',
			action: { do: 'moveMessages', to: 'Altrove', uids: [2] },
		});
		expect(await wire.command('UID FETCH 2 (UID)')).toContain('* 2 EXPUNGE');
		expect(desk.account.folder('INBOX')?.messages.map(({ uid }) => uid)).toEqual([1, 3]);
		expect(desk.account.folder('Altrove')?.messages).toHaveLength(1);
	});

	it('moves messages into the folder they are in: new UIDs, none twice', async () => {
		const desk = await startDesk();
		for (let i = 0; i < 2; i += 1) desk.account.deliver(RAW);
		const wire = await desk.wire();
		desk.faults.add({ at: 'imap.command', action: { do: 'moveMessages', to: 'INBOX' } });
		await wire.command('NOOP');
		expect(desk.account.folder('INBOX')?.messages.map(({ uid }) => uid)).toEqual([3, 4]);
	});

	it('deletes the messages of a named folder', async () => {
		const desk = await startDesk();
		desk.account.deliver(RAW, { folder: 'Archivio' });
		desk.account.deliver(RAW);
		const wire = await desk.wire();
		desk.faults.add({
			at: 'imap.replied',
			command: 'SELECT',
			action: { do: 'deleteMessages', folder: 'Archivio' },
		});
		await wire.command('SELECT INBOX');
		expect(await wire.command('STATUS Archivio (MESSAGES)')).toContain('(MESSAGES 0)');
		expect(await wire.command('STATUS INBOX (MESSAGES)')).toContain('(MESSAGES 1)');
	});

	it('makes the server renumber: the session is over, the next sees another UIDVALIDITY', async () => {
		const desk = await startDesk();
		desk.account.deliver(RAW);
		const client = await desk.client();
		const before = (await client.mailboxOpen('INBOX')).uidValidity;
		desk.faults.add({ at: 'imap.done', command: 'NOOP', action: { do: 'resetUidValidity' } });
		const closed = new Promise((resolve) => client.once('close', resolve));
		await client.noop();
		await closed;
		const again = await desk.client();
		expect((await again.mailboxOpen('INBOX')).uidValidity).toBeGreaterThan(before);
	});

	it('fills the mailbox but for so many bytes', async () => {
		const desk = await startDesk();
		desk.account.deliver(RAW);
		const client = await desk.client();
		const fill = { do: 'fillQuota', freeBytes: RAW.length } as const;
		desk.faults.add({ at: 'imap.command', command: 'APPEND', action: fill });
		await client.append('INBOX', RAW);
		await expect(client.append('INBOX', RAW)).rejects.toMatchObject({
			serverResponseCode: 'OVERQUOTA',
		});
	});
});
