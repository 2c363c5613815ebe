import { describe, expect, it } from 'vitest';
import type { ImapFlow } from 'imapflow';
import { startDesk } from './imapDesk.ts';
import type { Desk } from './imapDesk.ts';

function fill(desk: Desk, count: number): void {
	for (let i = 0; i < count; i += 1) desk.account.deliver(Buffer.from(`A: ${i}\r\n\r\n`));
}

function next(client: ImapFlow, event: string): Promise<Record<string, unknown>> {
	return new Promise((resolve) => client.once(event as 'exists', (told) => resolve({ ...told })));
}

describe('IDLE', () => {
	it('pushes arrivals, flags and removals to imapflow the moment another client makes them', async () => {
		const desk = await startDesk();
		fill(desk, 2);
		const [watcher, actor] = await Promise.all([desk.client(), desk.client()]);
		await watcher.mailboxOpen('INBOX');
		await actor.mailboxOpen('INBOX');
		const idling = watcher.idle();

		const exists = next(watcher, 'exists');
		await actor.append('INBOX', 'A: 3\r\n\r\n');
		expect(await exists).toMatchObject({ path: 'INBOX', count: 3, prevCount: 2 });

		const flags = next(watcher, 'flags');
		await actor.messageFlagsAdd('2', ['\\Flagged', 'kw'], { uid: true });
		expect(await flags).toMatchObject({ seq: 2, flags: new Set(['\\Flagged', 'kw', '\\Recent']) });

		const expunge = next(watcher, 'expunge');
		await actor.messageDelete('1', { uid: true });
		expect(await expunge).toMatchObject({ seq: 1 });

		expect(watcher.mailbox).toMatchObject({ exists: 2 });
		await watcher.noop();
		await idling;
	});

	it('tells a burst of deliveries in one go, and what came before it as well', async () => {
		const desk = await startDesk();
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		fill(desk, 1);
		wire.send('i IDLE\r\n');
		expect(await wire.until(/RECENT\r\n/)).toBe('+ idling\r\n* 1 EXISTS\r\n* 1 RECENT\r\n');
		fill(desk, 3);
		expect(await wire.until(/RECENT\r\n/)).toBe('* 4 EXISTS\r\n* 4 RECENT\r\n');
		wire.send('done\r\n');
		expect(await wire.until(/\r\n/)).toBe('i OK done\r\n');
	});

	it('calls anything but DONE bad', async () => {
		const desk = await startDesk();
		const wire = await desk.wire();
		wire.send('i IDLE\r\n');
		await wire.until(/^\+ idling\r\n/);
		wire.send('j NOOP\r\n');
		expect(await wire.until(/\r\n/)).toMatch(/^i BAD/);
	});
});

describe('changes made elsewhere', () => {
	it.each([
		['FETCH 1:* UID', false],
		['STORE 1 +FLAGS.SILENT (x)', false],
		['SEARCH ALL', false],
		['FETCH 1 NONSENSE', false],
		['UID FETCH 1:* UID', true],
		['UID STORE 4 +FLAGS.SILENT (x)', true],
		['UID SEARCH ALL', true],
		['NOOP', true],
		['CHECK', true],
		['EXPUNGE', true],
	])('during %s are told with EXPUNGE: %s (RFC 3501 7.4.1)', async (command, expunges) => {
		const desk = await startDesk();
		fill(desk, 4);
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		desk.account.folder('INBOX')?.expunge([1, 3]);
		const answer = await wire.command(command);
		expect(answer.includes('* 3 EXPUNGE\r\n* 1 EXPUNGE\r\n')).toBe(expunges);
		// Numbers stay what they were until the client has been told.
		expect(await wire.command('FETCH 2 UID')).toContain(
			expunges ? '* 2 FETCH (UID 4)' : '* 2 FETCH (UID 2)',
		);
	});

	it('never shift the numbers of a session that was not told, and serve it what it still sees', async () => {
		const desk = await startDesk();
		fill(desk, 3);
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		desk.account.folder('INBOX')?.expunge([1]);
		fill(desk, 1);
		expect(await wire.command('FETCH 1 BODY.PEEK[]')).toBe(
			'* 1 FETCH (BODY[] {8}\r\nA: 0\r\n\r\n)\r\n* 4 EXISTS\r\n* 4 RECENT\r\nT OK fetched\r\n',
		);
		expect(await wire.command('FETCH 4 UID')).toBe('* 4 FETCH (UID 4)\r\nT OK fetched\r\n');
		expect(await wire.command('NOOP')).toBe('* 1 EXPUNGE\r\nT OK done\r\n');
		expect(await wire.command('FETCH * UID')).toBe('* 3 FETCH (UID 4)\r\nT OK fetched\r\n');
	});

	it('do not show what came and went meanwhile', async () => {
		const desk = await startDesk();
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		fill(desk, 3);
		desk.account.folder('INBOX')?.expunge([2]);
		expect(await wire.command('NOOP')).toBe('* 2 EXISTS\r\n* 2 RECENT\r\nT OK done\r\n');
		expect(await wire.command('FETCH 1:* UID')).toContain('* 2 FETCH (UID 3)');
	});

	it('do not come back when a session copies or moves what it still sees', async () => {
		const desk = await startDesk();
		fill(desk, 2);
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		desk.account.folder('INBOX')?.expunge([1]);
		expect(await wire.command('MOVE 1:2 Archivio')).toMatch(/COPYUID \d+ 2 1\]/);
		expect(desk.account.folder('Archivio')?.messages).toHaveLength(1);
	});

	it('tell flags with the UID, and not to the session that stored them silently', async () => {
		const desk = await startDesk();
		fill(desk, 1);
		const [one, other] = await Promise.all([desk.wire(), desk.wire()]);
		await one.command('SELECT INBOX');
		await other.command('SELECT INBOX');
		expect(await one.command('STORE 1 +FLAGS.SILENT (\\Seen)')).toBe('T OK stored\r\n');
		expect(await other.command('NOOP')).toBe('* 1 FETCH (UID 1 FLAGS (\\Seen))\r\nT OK done\r\n');
		expect(await one.command('NOOP')).toBe('T OK done\r\n');
	});

	it.each([
		[
			'a new UIDVALIDITY',
			'reset',
			(desk: Desk) => desk.account.folder('Bozze')?.resetUidValidity(),
		],
		['the deletion', 'deleted', (desk: Desk) => desk.account.deleteFolder('Bozze')],
	])('end a session when they are %s of its folder', async (_, word, change) => {
		const desk = await startDesk();
		for (const idle of [false, true]) {
			if (idle && word === 'deleted') desk.account.createFolder('Bozze');
			const wire = await desk.wire();
			await wire.command('SELECT Bozze');
			if (idle) {
				wire.send('i IDLE\r\n');
				await wire.until(/^\+ idling\r\n/);
			}
			change(desk);
			expect(await wire.untilClosed()).toBe(
				`* BYE the selected folder was ${word}, sign in again\r\n`,
			);
		}
	});

	it('let a session delete its own folder and go on', async () => {
		const desk = await startDesk();
		const wire = await desk.wire();
		await wire.command('SELECT Bozze');
		expect(await wire.command('DELETE Bozze')).toBe('T OK deleted\r\n');
		expect(await wire.command('NOOP')).toBe('T OK done\r\n');
	});

	it('give \\Recent to the first session that may change the folder', async () => {
		const desk = await startDesk();
		fill(desk, 1);
		const [reader, first, second] = await Promise.all([desk.wire(), desk.wire(), desk.wire()]);
		expect(await reader.command('EXAMINE INBOX')).toContain('* 1 RECENT');
		expect(await first.command('SELECT INBOX')).toContain('* 1 RECENT');
		expect(await second.command('SELECT INBOX')).toContain('* 0 RECENT');
		fill(desk, 1);
		expect(await second.command('NOOP')).toContain('* 2 EXISTS\r\n* 0 RECENT');
		expect(await first.command('NOOP')).toContain('* 2 EXISTS\r\n* 2 RECENT');
	});
});
