import { describe, expect, it } from 'vitest';
import type { FaultEvent } from '../../sandbox/faults/rules.ts';
import { ADDRESS, startDesk, type Desk } from './imapDesk.ts';

const RAW = Buffer.from('A: b\r\n\r\n');

async function noneLeft(desk: Desk): Promise<void> {
	await expect.poll(() => desk.server.connections).toBe(0);
}

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

	it('a drop leaves it undone', async () => {
		const desk = await startDesk();
		desk.faults.add({ at: 'imap.command', command: 'APPEND', action: { do: 'drop' } });
		const client = await desk.client();
		await expect(client.append('INBOX', RAW)).rejects.toMatchObject({ code: 'NoConnection' });
		await noneLeft(desk);
		expect(desk.account.folder('INBOX')?.messages).toHaveLength(0);
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
