import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	decodeMailboxName,
	encodeMailboxName,
	matchesPattern,
} from '../../sandbox/imap/mailboxName.ts';
import { startDesk } from './imapDesk.ts';

const LISTED = /^\* (?:LIST|LSUB) \(.*?\) "\/" "(.*)"\r$/gm;

function names(answer: string): string[] {
	return [...answer.matchAll(LISTED)].map((match) => match[1] ?? '');
}

describe('LIST', () => {
	it('names every folder with its use and its children, INBOX first', async () => {
		const desk = await startDesk();
		desk.account.createFolder('Clienti/Rossi');
		const wire = await desk.wire();
		expect(await wire.command('LIST "" "*"')).toBe(
			[
				'* LIST (\\HasNoChildren) "/" "INBOX"',
				'* LIST (\\HasNoChildren \\Archive) "/" "Archivio"',
				'* LIST (\\HasNoChildren \\Drafts) "/" "Bozze"',
				'* LIST (\\HasNoChildren \\Trash) "/" "Cestino"',
				'* LIST (\\HasChildren) "/" "Clienti"',
				'* LIST (\\HasNoChildren) "/" "Clienti/Rossi"',
				'* LIST (\\HasNoChildren \\Sent) "/" "Inviata"',
				'T OK listed',
				'',
			].join('\r\n'),
		);
	});

	it.each([
		['LIST "" %', ['INBOX', 'A', 'Archivio', 'Bozze', 'Cestino', 'Inviata']],
		['LIST "" "A/%"', ['A/b']],
		['LIST A/ *', ['A/b', 'A/b/c']],
		['LIST "" inbox', ['INBOX']],
		['LIST "" Archivi%', ['Archivio']],
		['LIST "" archivio', []],
		['LIST "" (INBOX "Boz*")', ['INBOX', 'Bozze']],
		['LIST (SUBSCRIBED) "" *', ['INBOX', 'A', 'A/b', 'A/b/c', 'Archivio', 'Cestino', 'Inviata']],
		['LIST (SPECIAL-USE) "" *', ['Archivio', 'Bozze', 'Cestino', 'Inviata']],
		['LSUB "" *o*', ['INBOX', 'Archivio', 'Cestino']],
	])('%s', async (command, expected) => {
		const desk = await startDesk();
		desk.account.createFolder('A/b/c');
		desk.account.subscribe('Bozze', false);
		const wire = await desk.wire();
		// INBOX is matched in any case.
		expect(names(await wire.command(command))).toEqual(expected);
	});

	it('answers an empty name with the separator', async () => {
		const desk = await startDesk();
		const wire = await desk.wire();
		expect(await wire.command('LIST "" ""')).toBe('* LIST (\\Noselect) "/" ""\r\nT OK listed\r\n');
	});

	it('adds status and subscription when asked to', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.alloc(123), { flags: ['\\Seen'] });
		const wire = await desk.wire();
		const answer = await wire.command(
			'LIST "" INBOX RETURN (STATUS (MESSAGES UNSEEN SIZE) SUBSCRIBED SPECIAL-USE CHILDREN)',
		);
		expect(answer).toBe(
			'* LIST (\\HasNoChildren \\Subscribed) "/" "INBOX"\r\n' +
				'* STATUS "INBOX" (MESSAGES 1 UNSEEN 0 SIZE 123)\r\nT OK listed\r\n',
		);
		expect(await wire.command('LIST "" * RETURN (NONSENSE)')).toMatch(/^T BAD/);
		expect(await wire.command('LIST "" * RETURN (STATUS (NONSENSE))')).toMatch(/^T BAD/);
	});

	it('tells imapflow which folder is which', async () => {
		const desk = await startDesk();
		const client = await desk.client();
		const listed = await client.list({ statusQuery: { messages: true, size: true } });
		expect(Object.fromEntries(listed.map(({ path, specialUse }) => [path, specialUse]))).toEqual({
			INBOX: '\\Inbox',
			Inviata: '\\Sent',
			Bozze: '\\Drafts',
			Cestino: '\\Trash',
			Archivio: '\\Archive',
		});
		expect(listed.map(({ status }) => status?.size)).toEqual([0, 0, 0, 0, 0]);
	});
});

describe('folders', () => {
	it('are made, found under any name, renamed and deleted by imapflow', async () => {
		const desk = await startDesk();
		const client = await desk.client();
		const name = 'Città & "perché" 日本 😀';
		await client.mailboxCreate(name);
		expect(desk.account.folder(name)?.path).toBe(name);
		await client.append(name, 'A: b\r\n\r\n');
		expect((await client.mailboxOpen(name)).exists).toBe(1);
		await client.mailboxClose();
		await client.mailboxRename(name, 'Altro/Sotto');
		expect(desk.account.folder('Altro/Sotto')?.messages).toHaveLength(1);
		await client.mailboxUnsubscribe('Altro/Sotto');
		expect(desk.account.folder('Altro/Sotto')?.subscribed).toBe(false);
		await client.mailboxDelete('Altro/Sotto');
		expect(desk.account.folder('Altro/Sotto')).toBeUndefined();
	});

	it('leave a name without a folder when they had others below', async () => {
		const desk = await startDesk();
		const wire = await desk.wire();
		await wire.command('CREATE A/b/');
		await wire.command('DELETE A');
		expect(await wire.command('LIST "" A')).toContain('(\\HasChildren \\Noselect) "/" "A"');
		expect(await wire.command('SELECT A')).toMatch(/^T NO \[NONEXISTENT\]/);
	});

	it.each([
		['SELECT Manca', 'T NO [NONEXISTENT] '],
		['STATUS Manca (MESSAGES)', 'T NO [NONEXISTENT] '],
		['DELETE Manca', 'T NO [NONEXISTENT] '],
		['SUBSCRIBE Manca', 'T NO [NONEXISTENT] '],
		['RENAME Manca x', 'T NO [NONEXISTENT] '],
		['CREATE inbox', 'T NO [ALREADYEXISTS] '],
		['CREATE ""', 'T NO [CANNOT] '],
		['DELETE INBOX', 'T NO [CANNOT] '],
		['STATUS INBOX (NONSENSE)', 'T BAD '],
		['STATUS INBOX (constructor)', 'T BAD '],
		['STATUS INBOX', 'T BAD '],
		['SELECT', 'T BAD '],
		['SELECT INBOX x', 'T BAD '],
	])('%s gives %s', async (command, answer) => {
		const desk = await startDesk();
		const wire = await desk.wire();
		expect((await wire.command(command)).startsWith(answer)).toBe(true);
	});

	it('are missing for imapflow when they are', async () => {
		const desk = await startDesk();
		const client = await desk.client();
		await expect(client.mailboxOpen('Manca')).rejects.toMatchObject({ mailboxMissing: true });
		await expect(client.append('Manca', 'A: b\r\n\r\n')).rejects.toMatchObject({
			serverResponseCode: 'TRYCREATE',
		});
	});

	it('count what STATUS asks for', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.alloc(10));
		desk.account.deliver(Buffer.alloc(20), { flags: ['\\Seen'] });
		const { uidValidity } = desk.account.deliver(Buffer.alloc(30));
		desk.account.folder('INBOX')?.expunge([1]);
		const wire = await desk.wire();
		expect(
			await wire.command('STATUS inbox (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN SIZE)'),
		).toContain(
			`* STATUS "INBOX" (MESSAGES 2 RECENT 2 UIDNEXT 4 UIDVALIDITY ${uidValidity} UNSEEN 1 SIZE 50)`,
		);
	});

	it('open with what RFC 3501 6.3.1 requires, and EXAMINE lets nothing change', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.alloc(1), { flags: ['\\Seen', 'kw'] });
		const { uidValidity } = desk.account.deliver(Buffer.alloc(1));
		const wire = await desk.wire();
		const flags = '\\Answered \\Flagged \\Deleted \\Seen \\Draft kw';
		const common = (permanent: string) =>
			`* FLAGS (${flags})\r\n* OK [PERMANENTFLAGS (${permanent})] kept\r\n* 2 EXISTS\r\n* 2 RECENT\r\n` +
			`* OK [UNSEEN 2] first unseen\r\n* OK [UIDVALIDITY ${uidValidity}] valid\r\n* OK [UIDNEXT 3] next\r\n` +
			`* OK [HIGHESTMODSEQ 3] highest\r\n* OK [MAILBOXID (F${uidValidity})] this folder\r\n`;
		expect(await wire.command('EXAMINE INBOX')).toBe(`${common('')}T OK [READ-ONLY] selected\r\n`);
		for (const command of ['STORE 1 FLAGS ()', 'EXPUNGE', 'UID EXPUNGE 1', 'MOVE 1 Cestino']) {
			expect(await wire.command(command)).toMatch(/^T NO \[READ-ONLY\]/);
		}
		expect(await wire.command('SELECT INBOX')).toBe(
			`* OK [CLOSED] the other folder is closed\r\n${common(`${flags} \\*`)}T OK [READ-WRITE] selected\r\n`,
		);
		expect(await wire.command('SELECT Manca')).toMatch(/^T NO/m);
		expect(await wire.command('FETCH 1 UID')).toMatch(/^T BAD/);
	});
});

describe('folder names', () => {
	it.each([
		['Entwürfe & mehr', 'Entw&APw-rfe &- mehr'],
		['日本語', '&ZeVnLIqe-'],
		['~peter/mail/台北', '~peter/mail/&U,BTFw-'],
	])('%s is %s in modified UTF-7', (name, encoded) => {
		expect(encodeMailboxName(name)).toBe(encoded);
		expect(decodeMailboxName(Buffer.from(encoded))).toBe(name);
	});

	it('come back from modified UTF-7 as they went', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme' }), (name) => {
				const encoded = encodeMailboxName(name);
				expect(encoded).toMatch(/^[\x20-\x7e]*$/);
				expect(decodeMailboxName(Buffer.from(encoded))).toBe(name);
			}),
		);
	});

	it('match patterns as a regular expression would', () => {
		const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 });
		const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '%'), maxLength: 6 });
		fc.assert(
			fc.property(text, pattern, (name, glob) => {
				const regex = new RegExp(`^${glob.replaceAll('*', '.*').replaceAll('%', '[^/]*')}$`);
				expect(matchesPattern(name, glob)).toBe(regex.test(name));
			}),
			{ numRuns: 1000 },
		);
		expect(matchesPattern('a'.repeat(200), '*a'.repeat(500))).toBe(false);
	});
});
