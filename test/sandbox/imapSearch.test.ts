import { describe, expect, it } from 'vitest';
import { startDesk } from './imapDesk.ts';
import type { Desk } from './imapDesk.ts';

function base64(text: string): string {
	return Buffer.from(text, 'utf8').toString('base64');
}

/** Messages 1 to 5; UIDs are ten times that. */
function fill(desk: Desk): void {
	const folder = desk.account.folder('INBOX');
	const messages: readonly (readonly [lines: string[], flags: string[], received: string])[] = [
		[
			[
				'From: "Rossi" <rossi@pec.example>',
				'To: a@pec.example',
				'Subject: POSTA CERTIFICATA: =?utf-8?q?Citt=C3=A0?= =?utf-8?q?_alta?=',
				'X-Riferimento-Message-ID: <pec1.abc.',
				' 0001.1@pec.example>',
				'Date: Sun, 1 Feb 2026 00:30:12 +0100',
				'',
				'hello body',
			],
			['\\Seen', 'Fatto'],
			'2026-01-31T23:30:12Z',
		],
		[
			[
				'From: bianchi@pec.example',
				'Cc: capo@pec.example',
				'Bcc: nascosto@pec.example',
				'Subject: Ricevuta',
				'Date: Tue, 3 Feb 2026 10:00:00 +0100',
				'Content-Type: text/plain; charset=utf-8',
				'Content-Transfer-Encoding: base64',
				'',
				base64('una parola segreta: perché'),
			],
			['\\Flagged', '\\Answered'],
			'2026-02-03T09:00:00Z',
		],
		[
			['Subject: Re: Ricevuta', 'X-Vuoto:', '', 'x'.repeat(500)],
			['\\Draft'],
			'2026-02-03T23:59:59Z',
		],
		[
			[
				'Subject: multi',
				'Content-Type: multipart/mixed; boundary=b',
				'',
				'--b',
				'Content-Type: text/html; charset=iso-8859-1',
				'Content-Transfer-Encoding: quoted-printable',
				'',
				'<p>citt=E0 spez=',
				'zata',
				'--b--',
			],
			['\\Deleted'],
			'2026-02-04T00:00:00Z',
		],
		[['Subject: plain utf-8 perché', '', 'tail'], [], '2026-02-05T00:00:00Z'],
	];
	for (const [lines, flags, received] of messages) {
		for (let skipped = 0; skipped < 9; skipped += 1) {
			const { uid } = folder?.append(Buffer.from('skip')) ?? { uid: 0 };
			folder?.expunge([uid]);
		}
		desk.account.deliver(Buffer.from(lines.join('\r\n'), 'utf8'), {
			flags,
			internalDate: new Date(received),
		});
	}
}

const utf8 = (text: string): string => {
	const bytes = Buffer.from(text, 'utf8').toString('latin1');
	return `{${bytes.length}+}\r\n${bytes}`;
};

const SEARCHES: readonly (readonly [keys: string, found: number[]])[] = [
	['ALL', [1, 2, 3, 4, 5]],
	['SEEN', [1]],
	['UNSEEN', [2, 3, 4, 5]],
	['FLAGGED ANSWERED', [2]],
	['UNFLAGGED UNANSWERED UNDRAFT UNDELETED', [1, 5]],
	['DRAFT', [3]],
	['DELETED', [4]],
	['KEYWORD fatto', [1]],
	['UNKEYWORD FATTO', [2, 3, 4, 5]],
	['RECENT', [1, 2, 3, 4, 5]],
	['NEW', [2, 3, 4, 5]],
	['OLD', []],
	['2:3', [2, 3]],
	['*', [5]],
	['UID 20:30', [2, 3]],
	['UID 41:*', [5]],
	['UID 999:*', [5]],
	['UID 1:9', []],
	['FROM rossi', [1]],
	['TO A@PEC', [1]],
	['CC capo', [2]],
	['BCC nascosto', [2]],
	['SUBJECT ricevuta', [2, 3]],
	['SUBJECT "re: ric"', [3]],
	['SUBJECT "POSTA CERTIFICATA:"', [1]],
	[`SUBJECT ${utf8('città alta')}`, [1]],
	[`CHARSET UTF-8 SUBJECT ${utf8('PERCHÉ')}`, [5]],
	['HEADER X-Riferimento-Message-ID pec1.abc.', [1]],
	['HEADER x-riferimento-message-id "pec1.ABC. 0001"', [1]],
	['HEADER X-Vuoto ""', [3]],
	['HEADER X-Riferimento-Message-ID pec1.abd.', []],
	['HEADER Riferimento pec1', []],
	['BODY hello', [1]],
	[`BODY ${utf8('segreta: perché')}`, [2]],
	[`BODY ${utf8('città spezzata')}`, [4]],
	['BODY rossi', []],
	['TEXT rossi', [1]],
	['TEXT tail', [5]],
	['BEFORE 3-Feb-2026', [1]],
	['ON 3-Feb-2026', [2, 3]],
	['SINCE 04-Feb-2026', [4, 5]],
	['SENTON "1-Feb-2026"', [1]],
	['SENTBEFORE 2-Feb-2026', [1]],
	['SENTSINCE 2-Feb-2026', [2]],
	['LARGER 500', [3]],
	['SMALLER 40', [5]],
	['NOT SEEN NOT DRAFT', [2, 4, 5]],
	['OR SEEN OR DRAFT UID 50', [1, 3, 5]],
	['(SEEN) (OR (FROM rossi) (DRAFT))', [1]],
	['NOT (SEEN)', [2, 3, 4, 5]],
];

describe('SEARCH', () => {
	it.each(SEARCHES)('%s', async (keys, found) => {
		const desk = await startDesk();
		fill(desk);
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		const expected = (numbers: number[]) =>
			`* SEARCH${numbers.map((number) => ` ${number}`).join('')}\r\nT OK searched\r\n`;
		expect(await wire.command(`SEARCH ${keys}`)).toBe(expected(found));
		expect(await wire.command(`UID SEARCH ${keys}`)).toBe(expected(found.map((n) => n * 10)));
	});

	it.each([
		['SEARCH', /^T BAD/],
		['SEARCH NONSENSE', /^T BAD/],
		['SEARCH SEEN ', /^T BAD/],
		['SEARCH (SEEN', /^T BAD/],
		['SEARCH OR SEEN', /^T BAD/],
		['SEARCH BEFORE 31-Feb-2026', /^T BAD/],
		['SEARCH SMALLER x', /^T BAD/],
		[`SEARCH ${'NOT '.repeat(5000)}ALL`, /^T BAD/],
		[`SEARCH ${'('.repeat(5000)}ALL${')'.repeat(5000)}`, /^T BAD/],
		['SEARCH CHARSET KOI8-R ALL', /^T NO \[BADCHARSET \(US-ASCII UTF-8\)\]/],
	])('refuses %.40s', async (command, answer) => {
		const desk = await startDesk();
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		expect(await wire.command(command)).toMatch(answer);
	});

	it('finds for imapflow by header and by text that is not ASCII', async () => {
		const desk = await startDesk();
		fill(desk);
		const client = await desk.client();
		await client.mailboxOpen('INBOX');
		const found = (criteria: object) => client.search(criteria, { uid: true });
		expect(await found({ header: { 'X-Riferimento-Message-ID': 'pec1.abc.' } })).toEqual([10]);
		expect(await found({ subject: 'Città' })).toEqual([10]);
		// With WITHIN (RFC 5032) imapflow asks to the second, without it to the day.
		const noon = new Date('2026-02-04T12:00:00Z');
		expect(await found({ since: noon, seen: false })).toEqual([50]);
	});
});
