import { describe, expect, it } from 'vitest';
import { startDesk } from './imapDesk.ts';
import type { Desk } from './imapDesk.ts';

const NOW = new Date('2026-03-01T12:00:00Z');

/** Five messages, an hour old to five hours old; UIDs 2, 4, 6, 8, 10. */
function fill(desk: Desk): void {
	const folder = desk.account.folder('INBOX');
	for (let hours = 5; hours > 0; hours -= 1) {
		const { uid } = folder?.append(Buffer.from('skip')) ?? { uid: 0 };
		folder?.expunge([uid]);
		desk.account.deliver(Buffer.from(`Subject: ${hours}\r\n\r\n`), {
			internalDate: new Date(NOW.getTime() - hours * 3_600_000),
			flags: hours % 2 === 0 ? ['\\Seen'] : [],
		});
	}
}

async function selected(desk: Desk) {
	fill(desk);
	const wire = await desk.wire();
	await wire.command('SELECT INBOX');
	return wire;
}

describe('SEARCH RETURN', () => {
	it.each([
		['SEARCH RETURN () ALL', 'ALL 1:5'],
		['UID SEARCH RETURN (ALL) ALL', 'UID ALL 2,4,6,8,10'],
		['UID SEARCH RETURN (MIN MAX COUNT) UNSEEN', 'UID MIN 2 MAX 10 COUNT 3'],
		['SEARCH RETURN (COUNT ALL) SEEN', 'COUNT 2 ALL 2,4'],
		['SEARCH RETURN (MIN MAX ALL COUNT) DRAFT', 'COUNT 0'],
		['SEARCH RETURN (MIN) DRAFT', ''],
		['SEARCH RETURN (COUNT) CHARSET UTF-8 SUBJECT 3', 'COUNT 1'],
		// RFC 7162 3.1.10: the mod-sequence is that of what is told.
		['SEARCH RETURN (ALL) MODSEQ 5', 'ALL 2:5 MODSEQ 16'],
		['SEARCH RETURN (MIN) MODSEQ 5', 'MIN 2 MODSEQ 7'],
		['SEARCH RETURN (MIN MAX) MODSEQ 5', 'MIN 2 MAX 5 MODSEQ 16'],
		['SEARCH RETURN (MIN COUNT) MODSEQ 5', 'MIN 2 COUNT 4 MODSEQ 16'],
		['SEARCH RETURN (COUNT) MODSEQ 99', 'COUNT 0'],
		// RFC 9394
		['SEARCH RETURN (PARTIAL 2:3) ALL', 'PARTIAL (2:3 2:3)'],
		['UID SEARCH RETURN (PARTIAL -1:-2 COUNT) ALL', 'UID COUNT 5 PARTIAL (-1:-2 8,10)'],
		['SEARCH RETURN (PARTIAL 9:6) ALL', 'PARTIAL (9:6 NIL)'],
		['SEARCH RETURN (PARTIAL -4:-99) ALL', 'PARTIAL (-4:-99 1:2)'],
	])('%s: %s (RFC 4731)', async (command, told) => {
		const desk = await startDesk({ now: () => NOW });
		const wire = await selected(desk);
		const answer = (await wire.command(command)).replace(/^\* OK \[HIGHESTMODSEQ .*\r\n/, '');
		// The third command, behind AUTHENTICATE and SELECT.
		expect(answer).toBe(
			`* ESEARCH (TAG "T3")${told === '' ? '' : ` ${told}`}\r\nT OK searched\r\n`,
		);
	});

	it.each([
		'SEARCH RETURN',
		'SEARCH RETURN ()',
		'SEARCH RETURN ALL ALL',
		'SEARCH RETURN (NONSENSE) ALL',
		'SEARCH RETURN (PARTIAL 1:5 ALL) ALL',
		'SEARCH RETURN (PARTIAL 1) ALL',
		'SEARCH RETURN (PARTIAL -1:5) ALL',
	])('%s is bad', async (command) => {
		const wire = await selected(await startDesk());
		expect(await wire.command(command)).toMatch(/^T BAD/);
	});

	it('answers imapflow', async () => {
		const desk = await startDesk({ now: () => NOW });
		fill(desk);
		const client = await desk.client();
		await client.mailboxOpen('INBOX');
		const returnOptions = ['MIN' as const, 'MAX' as const, 'COUNT' as const, 'ALL' as const];
		expect(await client.search({ seen: false }, { uid: true, returnOptions })).toMatchObject({
			min: 2,
			max: 10,
			count: 3,
			all: '2,6,10',
		});
		expect(
			await client.search({ all: true }, { uid: true, returnOptions: [{ partial: '1:2' }] }),
		).toMatchObject({ partial: { range: '1:2', messages: '2,4' } });
	});
});

describe('what a search put aside (RFC 5182)', () => {
	it('is $ to the next commands, without what went meanwhile', async () => {
		const desk = await startDesk({ now: () => NOW });
		const wire = await selected(desk);
		expect(await wire.command('UID SEARCH RETURN (SAVE) UNSEEN')).toBe('T OK searched\r\n');
		expect(await wire.command('FETCH $ UID')).toBe(
			'* 1 FETCH (UID 2)\r\n* 3 FETCH (UID 6)\r\n* 5 FETCH (UID 10)\r\nT OK fetched\r\n',
		);
		desk.account.folder('INBOX')?.expunge([2]);
		expect(await wire.command('NOOP')).toContain('* 1 EXPUNGE');
		expect(await wire.command('UID SEARCH $ LARGER 1')).toContain('* SEARCH 6 10\r\n');
		expect(await wire.command('SEARCH UID $')).toContain('* SEARCH 2 4\r\n');
		await wire.command('UID STORE $ +FLAGS.SILENT (\\Deleted)');
		expect(await wire.command('UID COPY $ Archivio')).toMatch(/COPYUID \d+ 6,10 1:2\]/);
		expect(await wire.command('SEARCH RETURN (SAVE MIN) ALL')).toContain('MIN 1\r\n');
		expect(await wire.command('FETCH $ UID')).toBe('* 1 FETCH (UID 4)\r\nT OK fetched\r\n');
		expect(await wire.command('SEARCH RETURN (SAVE) CHARSET KOI8-R ALL')).toMatch(/^T NO/);
		expect(await wire.command('FETCH $ UID')).toBe('T OK fetched\r\n');
		await wire.command('SEARCH RETURN (SAVE) ALL');
		await wire.command('SELECT INBOX');
		expect(await wire.command('FETCH $ UID')).toBe('T OK fetched\r\n');
	});
});

describe('UID FETCH PARTIAL (RFC 9394 3.3)', () => {
	it('answers with so many of the messages that fit', async () => {
		const desk = await startDesk({ now: () => NOW });
		const wire = await selected(desk);
		const uids = async (modifier: string) =>
			[...(await wire.command(`UID FETCH 3:* (UID) (${modifier})`)).matchAll(/UID (\d+)/g)].map(
				(match) => Number(match[1]),
			);
		expect(await uids('PARTIAL 1:2')).toEqual([4, 6]);
		expect(await uids('PARTIAL -1:-3')).toEqual([6, 8, 10]);
		expect(await uids('CHANGEDSINCE 8 PARTIAL 1:1')).toEqual([6]);
		expect(await wire.command('FETCH 1:* (UID) (PARTIAL 1:2)')).toMatch(/^T BAD/);
	});
});

describe('search keys of extensions', () => {
	it('ask for the age of a message by the clock of the server (RFC 5032)', async () => {
		let now = NOW;
		const desk = await startDesk({ now: () => now });
		const wire = await selected(desk);
		expect(await wire.command('SEARCH YOUNGER 7200')).toContain('* SEARCH 4 5\r\n');
		expect(await wire.command('SEARCH OLDER 7200')).toContain('* SEARCH 1 2 3 4\r\n');
		now = new Date(NOW.getTime() + 1000);
		expect(await wire.command('SEARCH YOUNGER 7200')).toContain('* SEARCH 5\r\n');
		for (const bad of ['YOUNGER', 'OLDER 0', 'OLDER x']) {
			expect(await wire.command(`SEARCH ${bad}`)).toMatch(/^T BAD/);
		}
	});

	it('find a content by its id, and no thread (RFC 8474 5.4)', async () => {
		const desk = await startDesk();
		fill(desk);
		const client = await desk.client();
		await client.mailboxOpen('INBOX');
		const [{ emailId } = { emailId: '' }] = await client.fetchAll('3', { uid: true });
		expect(emailId).toMatch(/^M\d+-6$/);
		expect(await client.search({ emailId }, { uid: true })).toEqual([6]);
		expect(await client.search({ threadId: 'T1' }, { uid: true })).toEqual([]);
	});
});

describe('a server that searches headers by whole words', () => {
	it.each([
		['SUBJECT ricevuta', [1, 2]],
		['SUBJECT ricev', []],
		['SUBJECT "di avvenuta"', [1]],
		['SUBJECT "avvenuta di"', []],
		['HEADER X-Riferimento-Message-ID <pec1.abc.1@pec.example>', [1]],
		['HEADER X-Riferimento-Message-ID pec1.abc.1@pec.example', [1]],
		['HEADER X-Riferimento-Message-ID pec1.abc.', []],
		['HEADER X-Riferimento-Message-ID ""', [1]],
		['FROM rossi@pec.example', [1]],
		['FROM rossi', [2]],
		['FROM pec.example', []],
		['BODY icev', [2]],
	])('answers %s with %j', async (keys, found) => {
		const messages = [
			'From: <rossi@pec.example>\r\nSubject: Ricevuta di avvenuta: consegna\r\n' +
				'X-Riferimento-Message-ID: <pec1.abc.1@pec.example>\r\n\r\nx',
			'From: Rossi\r\nSubject: =?utf-8?q?Perch=C3=A9_RICEVUTA?=\r\n\r\nricevuta',
		];
		const desk = await startDesk({ without: ['search=header'] });
		for (const message of messages) desk.account.deliver(Buffer.from(message));
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		const numbers = found.map((number) => ` ${number}`).join('');
		expect(await wire.command(`SEARCH ${keys}`)).toBe(`* SEARCH${numbers}\r\nT OK searched\r\n`);
	});
});
