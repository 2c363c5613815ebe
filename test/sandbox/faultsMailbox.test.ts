import { describe, expect, it } from 'vitest';
import { SPOOL_THRESHOLD } from '../../sandbox/store/spool.ts';
import { startDesk } from './imapDesk.ts';

const RAW = Buffer.from('A: b\r\n\r\n');

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

	it('moves messages, which got a new EMAILID and another place on disk: they keep both', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.from(`A: b\r\n\r\n${'x'.repeat(SPOOL_THRESHOLD)}`));
		const [before] = desk.account.folder('INBOX')?.messages ?? [];
		const wire = await desk.wire();
		desk.faults.add({ at: 'imap.command', action: { do: 'moveMessages', to: 'Archivio' } });
		await wire.command('NOOP');
		const [moved] = desk.account.folder('Archivio')?.messages ?? [];
		expect(moved?.emailId).toBe(before?.emailId);
		expect(moved?.bytes).toBe(before?.bytes);
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

	it.each(['UID MOVE 2 Archivio', 'UID STORE 2 +FLAGS (\\Seen)', 'CLOSE', 'EXPUNGE'])(
		'renumbers before %s, which struck another message of the same UID: not any more, the session ends',
		async (command) => {
			const desk = await startDesk();
			const inbox = desk.account.folder('INBOX');
			for (const letter of ['a', 'b', 'c']) {
				desk.account.deliver(Buffer.from(`A: ${letter}\r\n\r\n`));
			}
			inbox?.expunge([1]);
			const wire = await desk.wire();
			await wire.command('SELECT INBOX');
			await wire.command('UID STORE 2 +FLAGS.SILENT (\\Deleted)');
			desk.faults.add({
				at: 'imap.command',
				command: command.replace(/ \d.*/, ''),
				action: { do: 'resetUidValidity' },
			});
			wire.send(`t ${command}\r\n`);
			expect(await wire.untilClosed()).toBe(
				'* BYE the selected folder was reset, sign in again\r\n',
			);
			const left = inbox?.messages.map(({ raw, flags }) => [String(raw).charAt(3), ...flags]);
			expect(left).toEqual([['b', '\\Deleted'], ['c']]);
			expect(desk.account.folder('Archivio')?.messages).toEqual([]);
		},
	);

	it('renumbers in the middle of a FETCH, which marked another message as read: not any more', async () => {
		const desk = await startDesk();
		const inbox = desk.account.folder('INBOX');
		for (const letter of ['a', 'b', 'c', 'd']) {
			desk.account.deliver(Buffer.from(`A: ${letter}\r\n\r\n${'x'.repeat(1_500_000)}`));
		}
		inbox?.expunge([1]);
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		const stall = desk.faults.add({
			at: 'imap.command',
			command: 'UID FETCH',
			action: { do: 'stall', afterBytes: 100_000 },
		});
		wire.send('t UID FETCH 2,3 (BODY[])\r\n');
		await wire.until(/BODY\[\] \{\d+\}/);
		await expect.poll(() => inbox?.message(2)?.flags.size).toBe(1);
		inbox?.resetUidValidity();
		stall.release();
		expect(await wire.untilClosed()).toContain('A: c\r\n');
		const seen = inbox?.messages.filter(({ flags }) => flags.has('\\Seen'));
		expect(seen?.map(({ raw }) => raw.toString('latin1', 3, 4))).toEqual(['b']);
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
