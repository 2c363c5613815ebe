import { describe, expect, it } from 'vitest';
import { startDesk } from './imapDesk.ts';

const RAW = Buffer.from('Subject: a\r\n\r\nbody\r\n');

describe('APPEND', () => {
	it('takes flags and a date, and answers with the UID (RFC 4315)', async () => {
		const desk = await startDesk();
		const client = await desk.client();
		const at = new Date('2026-02-01T00:30:12Z');
		const appended = await client.append('Bozze', RAW, ['\\Draft', '$Kw'], at);
		const folder = desk.account.folder('Bozze');
		expect(appended).toMatchObject({ uid: 1, uidValidity: BigInt(folder?.uidValidity ?? 0) });
		expect(folder?.messages).toMatchObject([
			{ uid: 1, raw: RAW, internalDate: at, flags: new Set(['\\Draft', '$Kw']) },
		]);
	});

	it.each([
		['" 1-Feb-2026 00:30:12 +0100"', '2026-01-31T23:30:12.000Z'],
		['"01-feb-2026 00:30:12 -0030"', '2026-02-01T01:00:12.000Z'],
		['"29-Feb-2024 23:59:60 +0000"', '2024-03-01T00:00:00.000Z'],
	])('reads the date %s', async (written, expected) => {
		const desk = await startDesk();
		const wire = await desk.wire();
		await wire.command(`APPEND INBOX ${written} {1+}\r\nx`);
		expect(desk.account.folder('INBOX')?.messages[0]?.internalDate.toISOString()).toBe(expected);
	});

	it.each([
		'APPEND INBOX',
		'APPEND INBOX "a string"',
		'APPEND INBOX "31-Feb-2026 00:00:00 +0000" {1+}\r\nx',
		'APPEND INBOX "1-Feb-2026 24:00:00 +0000" {1+}\r\nx',
		'APPEND INBOX (\\Seen {1+}\r\nx',
		'APPEND INBOX {1+}\r\nx {1+}\r\ny',
		'APPEND INBOX {1+}\r\nx y',
	])('%j is BAD and stores nothing', async (command) => {
		const desk = await startDesk();
		const wire = await desk.wire();
		expect(await wire.command(command)).toMatch(/^T BAD/);
		expect(desk.account.usedBytes).toBe(0);
		expect(await wire.command('NOOP')).toBe('T OK done\r\n');
	});

	it('asks for a literal before it is sent, and refuses one that is too large', async () => {
		const desk = await startDesk();
		const wire = await desk.wire();
		wire.send('a APPEND INBOX {5}\r\n');
		expect(await wire.until(/\r\n/)).toMatch(/^\+ /);
		wire.send('12345\r\n');
		expect(await wire.until(/\r\n/)).toMatch(/^a OK \[APPENDUID \d+ 1\]/);
		wire.send('b APPEND INBOX {999999999}\r\n');
		expect(await wire.until(/\r\n/)).toMatch(/^b NO \[TOOBIG\]/);
		expect(await wire.command('NOOP')).toBe('T OK done\r\n');
		wire.send('c APPEND INBOX {999999999+}\r\n');
		expect(await wire.untilClosed()).toMatch(/^\* BYE /);
	});

	it('shows the message to the session that appended it before the command is done', async () => {
		const desk = await startDesk();
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		expect(await wire.command('APPEND INBOX {1+}\r\nx')).toMatch(
			/^\* 1 EXISTS\r\n\* 1 RECENT\r\nT OK \[APPENDUID/,
		);
	});
});

describe('STORE', () => {
	it('replaces, adds and removes flags of the messages it names', async () => {
		const desk = await startDesk();
		for (let i = 0; i < 3; i += 1) desk.account.deliver(RAW);
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		expect(await wire.command('STORE 1:2 FLAGS (\\SEEN kw)')).toBe(
			'* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft kw)\r\n' +
				'* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft kw \\*)] kept\r\n' +
				'* 1 FETCH (FLAGS (\\Seen kw \\Recent))\r\n* 2 FETCH (FLAGS (\\Seen kw \\Recent))\r\nT OK stored\r\n',
		);
		expect(await wire.command('UID STORE 2,9 -FLAGS \\seen KW')).toBe(
			'* 2 FETCH (UID 2 FLAGS (\\Recent))\r\nT OK stored\r\n',
		);
		expect(await wire.command('STORE * +FLAGS \\Deleted')).toContain('* 3 FETCH');
		expect(await wire.command('STORE 1 NONSENSE (x)')).toMatch(/^T BAD/);
		expect(await wire.command('STORE 1 FLAGS.LOUD (x)')).toMatch(/^T BAD/);
		const flags = desk.account.folder('INBOX')?.messages.map((message) => [...message.flags]);
		expect(flags).toEqual([['\\Seen', 'kw'], [], ['\\Deleted']]);
	});
});

describe('removing', () => {
	it('expunges by UID only what is both named and marked', async () => {
		const desk = await startDesk();
		for (let i = 0; i < 4; i += 1) desk.account.deliver(RAW);
		desk.account.folder('INBOX')?.setFlags([2, 3], ['\\Deleted']);
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		expect(await wire.command('UID EXPUNGE 3:9')).toBe('* 3 EXPUNGE\r\nT OK expunged\r\n');
		expect(await wire.command('EXPUNGE')).toBe('* 2 EXPUNGE\r\nT OK expunged\r\n');
		expect(desk.account.folder('INBOX')?.messages.map(({ uid }) => uid)).toEqual([1, 4]);
	});

	it.each([
		['CLOSE', 'SELECT', [1]],
		['CLOSE', 'EXAMINE', [1, 2]],
		['UNSELECT', 'SELECT', [1, 2]],
		['LOGOUT', 'SELECT', [1, 2]],
	])('%s after %s leaves the messages %j', async (command, opening, left) => {
		const desk = await startDesk();
		for (let i = 0; i < 2; i += 1) desk.account.deliver(RAW);
		desk.account.folder('INBOX')?.setFlags([2], ['\\Deleted']);
		const wire = await desk.wire();
		await wire.command(`${opening} INBOX`);
		expect(await wire.command(command)).not.toContain('EXPUNGE');
		expect(desk.account.folder('INBOX')?.messages.map(({ uid }) => uid)).toEqual(left);
	});
});

describe('COPY and MOVE', () => {
	it('tell imapflow the new UIDs, and keep bytes, flags and date', async () => {
		const desk = await startDesk();
		const at = new Date('2020-01-01T00:00:00Z');
		desk.account.deliver(RAW, { folder: 'Archivio' });
		for (let i = 0; i < 3; i += 1) {
			desk.account.deliver(RAW, { internalDate: at, flags: ['\\Seen'] });
		}
		const client = await desk.client();
		await client.mailboxOpen('INBOX');
		expect(await client.messageCopy('1,3', 'Archivio', { uid: true })).toMatchObject({
			uidMap: new Map([
				[1, 2],
				[3, 3],
			]),
		});
		expect(await client.messageMove('2', 'Archivio', { uid: true })).toMatchObject({
			uidMap: new Map([[2, 4]]),
		});
		expect(desk.account.folder('INBOX')?.messages.map(({ uid }) => uid)).toEqual([1, 3]);
		expect(desk.account.folder('Archivio')?.messages.slice(1)).toMatchObject(
			[2, 3, 4].map((uid) => ({ uid, raw: RAW, internalDate: at, flags: new Set(['\\Seen']) })),
		);
		expect(await client.messageMove('1', 'Manca', { uid: true })).toBe(false);
	});

	it('answer a missing folder with TRYCREATE, and no messages with OK', async () => {
		const desk = await startDesk();
		desk.account.deliver(RAW);
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		expect(await wire.command('COPY 1 Manca')).toMatch(/^T NO \[TRYCREATE\]/);
		expect(await wire.command('UID COPY 7 Archivio')).toBe('T OK copied\r\n');
	});
});

describe('quota', () => {
	it('is told in units of 1024 bytes, and imapflow reads bytes', async () => {
		const desk = await startDesk({ quotaLimit: 10 * 1024 });
		desk.account.deliver(Buffer.alloc(1025));
		const wire = await desk.wire();
		expect(await wire.command('GETQUOTAROOT INBOX')).toBe(
			'* QUOTAROOT "INBOX" "User quota"\r\n* QUOTA "User quota" (STORAGE 2 10)\r\nT OK counted\r\n',
		);
		expect(await wire.command('GETQUOTA "User quota"')).toContain('(STORAGE 2 10)');
		expect(await wire.command('GETQUOTA ""')).toMatch(/^T NO \[NONEXISTENT\]/);
		expect(await wire.command('SETQUOTA "User quota" (STORAGE 99)')).toMatch(/^T NO \[NOPERM\]/);
		const client = await desk.client();
		expect(await client.getQuota('INBOX')).toMatchObject({
			storage: { usage: 2048, limit: 10_240 },
		});
	});

	it('stops APPEND and COPY, not MOVE, and gives room again after a removal', async () => {
		const desk = await startDesk({ quotaLimit: 100 });
		desk.account.deliver(Buffer.alloc(60));
		const client = await desk.client();
		await client.mailboxOpen('INBOX');
		await expect(client.append('INBOX', Buffer.alloc(41, 0x41))).rejects.toMatchObject({
			serverResponseCode: 'OVERQUOTA',
		});
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		expect(await wire.command('COPY 1 Archivio')).toMatch(/^T NO \[OVERQUOTA\]/);
		expect(await wire.command('MOVE 1 Archivio')).toMatch(/T OK moved\r\n$/);
		desk.account.folder('Archivio')?.expunge([1]);
		await client.append('INBOX', Buffer.alloc(100, 0x41));
		expect(desk.account.usedBytes).toBe(100);
	});
});
