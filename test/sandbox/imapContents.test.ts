import { describe, expect, it } from 'vitest';
import { APPEND_LIMIT } from '../../sandbox/imap/capabilities.ts';
import { startDesk } from './imapDesk.ts';
import type { Desk } from './imapDesk.ts';

const MULTIPART = [
	'Content-Type: multipart/mixed; boundary=b',
	'',
	'--b',
	'Content-Type: application/pdf',
	'Content-Transfer-Encoding: base64',
	'',
	Buffer.from('%PDF\0\xff', 'latin1').toString('base64'),
	'--b',
	'Content-Transfer-Encoding: Quoted-Printable',
	'',
	'citt=C3=A0=',
	'!',
	'--b',
	'Content-Transfer-Encoding: x-uuencode',
	'',
	'begin',
	'--b--',
].join('\r\n');

async function selected(desk: Desk) {
	const wire = await desk.wire();
	await wire.command('SELECT INBOX');
	return wire;
}

describe('BINARY (RFC 3516)', () => {
	it('gives parts without their transfer encoding', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.from(MULTIPART), { flags: ['\\Seen'] });
		const wire = await selected(desk);
		const fetched = async (items: string) => await wire.command(`FETCH 1 (${items})`);
		expect(await fetched('BINARY.PEEK[1] BINARY.SIZE[1]')).toBe(
			'* 1 FETCH (BINARY[1] ~{6}\r\n%PDF\0\xff BINARY.SIZE[1] 6)\r\nT OK fetched\r\n',
		);
		expect(await fetched('BINARY.PEEK[2]')).toContain('BINARY[2] {7}\r\ncitt\xc3\xa0!)');
		expect(await fetched('BINARY.PEEK[1]<1.3>')).toContain('BINARY[1]<1> {3}\r\nPDF)');
		expect(await fetched('BINARY.SIZE[]')).toContain(`BINARY.SIZE[] ${MULTIPART.length})`);
		expect(await fetched('BINARY.PEEK[9]')).toContain('BINARY[9] NIL');
		expect(await fetched('BINARY.PEEK[3]')).toBe(
			'T NO [UNKNOWN-CTE] a part has an unknown encoding\r\n',
		);
		for (const bad of ['BINARY', 'BINARY[TEXT]', 'BINARY.SIZE[1]<0.1>', 'BINARY.PEEK[1.MIME]']) {
			expect(await fetched(bad)).toMatch(/^T BAD/);
		}
	});

	it('marks as seen unless it only peeks', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.from(MULTIPART));
		const wire = await selected(desk);
		await wire.command('FETCH 1 (BINARY.PEEK[1] BINARY.SIZE[1])');
		expect(desk.account.folder('INBOX')?.messages[0]?.flags.size).toBe(0);
		expect(await wire.command('FETCH 1 BINARY[1]')).toContain('FLAGS (\\Seen \\Recent)');
	});

	it('serves imapflow parts decoded, and takes a message with NUL from it', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.from(MULTIPART));
		const client = await desk.client();
		await client.mailboxOpen('INBOX');
		const fetched = await client.fetchOne('1', { bodyParts: ['1'] }, { binary: true });
		expect(fetched && fetched.bodyParts?.get('1')?.toString('latin1')).toBe('%PDF\0\xff');
		const raw = Buffer.from('A: b\r\n\r\n\0x');
		await client.append('INBOX', raw);
		expect(desk.account.folder('INBOX')?.messages[1]?.raw.equals(raw)).toBe(true);
	});
});

describe('OBJECTID (RFC 8474)', () => {
	it('follows a content through copies and moves, for imapflow', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.from('A: b\r\n\r\n'));
		const client = await desk.client();
		const opened = await client.mailboxOpen('INBOX');
		expect(opened.mailboxId).toBe(desk.account.folder('INBOX')?.mailboxId);
		const before = await client.fetchOne('1', { threadId: true });
		await client.messageCopy('1', 'Archivio');
		await client.messageMove('1', 'Cestino');
		for (const path of ['Archivio', 'Cestino']) {
			await client.mailboxOpen(path);
			const after = await client.fetchOne('1', { uid: true });
			expect(after && before && after.emailId).toBe(before && before.emailId);
		}
		const wire = await desk.wire();
		const created = /MAILBOXID \((\w+)\)/.exec(await wire.command('CREATE Nuova'))?.[1];
		expect(await wire.command('STATUS Nuova (MAILBOXID)')).toContain(`(MAILBOXID (${created}))`);
		await wire.command('SELECT Archivio');
		expect(await wire.command('FETCH 1 (EMAILID THREADID)')).toMatch(
			/^\* 1 FETCH \(EMAILID \(M\d+-1\) THREADID NIL\)\r\n/,
		);
	});
});

describe('UTF8=ACCEPT (RFC 6855)', () => {
	it('speaks folder names in UTF-8 with imapflow, & being a letter like others', async () => {
		const desk = await startDesk();
		const client = await desk.client();
		expect(client.enabled.has('UTF8=ACCEPT')).toBe(true);
		for (const name of ['Città & "Borgo"', '日本語', 'A&AOA-']) {
			await client.mailboxCreate(name);
			expect(desk.account.folder(name)?.path).toBe(name);
			expect((await client.list()).map(({ path }) => path)).toContain(name);
			await client.append(name, 'A: b\r\n\r\n');
			expect(await client.mailboxOpen(name)).toMatchObject({ path: name, exists: 1 });
			expect(await client.status(name, { messages: true })).toMatchObject({ messages: 1 });
		}
		desk.account.deliver(Buffer.from('Subject: perch\xc3\xa9\r\n\r\n', 'latin1'));
		await client.mailboxOpen('INBOX');
		expect(await client.search({ subject: 'perché' })).toEqual([1]);
	});

	it('leaves modified UTF-7 to clients that did not enable it, and one charset to those that did', async () => {
		const desk = await startDesk();
		desk.account.createFolder('Città');
		const wire = await desk.wire();
		expect(await wire.command('LIST "" Citt*')).toContain('"Citt&AOA-"');
		await wire.command('ENABLE UTF8=ACCEPT');
		expect(await wire.command('LIST "" Citt*')).toContain('"Citt\xc3\xa0"');
		expect(await wire.command('SELECT "Citt&AOA-"')).toMatch(/^T NO/m);
		expect(await wire.command('SELECT "Citt\xc3\xa0"')).toMatch(/^T OK/m);
		expect(await wire.command('SEARCH CHARSET UTF-8 ALL')).toMatch(/^T BAD/);
		expect(await wire.command('SEARCH SUBJECT "\xc3\xa0"')).toMatch(/^T OK/m);
		expect(await wire.command('APPEND INBOX UTF8 (~{5+}\r\nA: \xc3\xa0)')).toMatch(
			/T OK \[APPENDUID/,
		);
	});
});

describe('APPENDLIMIT (RFC 7889)', () => {
	it('says how large a message may be', async () => {
		const desk = await startDesk();
		const wire = await desk.wire();
		expect(await wire.command('CAPABILITY')).toContain(` APPENDLIMIT=${APPEND_LIMIT} `);
		expect(await wire.command('STATUS INBOX (APPENDLIMIT)')).toContain(
			`(APPENDLIMIT ${APPEND_LIMIT})`,
		);
		wire.send(`a APPEND INBOX {${APPEND_LIMIT + 1}}\r\n`);
		expect(await wire.until(/\r\n/)).toMatch(/^a NO \[TOOBIG\]/);
		const client = await desk.client();
		expect(client.capabilities.get('APPENDLIMIT')).toBe(APPEND_LIMIT);
	});
});
