import { describe, expect, it } from 'vitest';
import { startDesk } from './imapDesk.ts';

/** A receipt's shape: text and XML, and the message itself with an attachment of its own. */
const NESTED = [
	'Subject: outer',
	'X-Long: one',
	'\ttwo',
	'Content-Type: multipart/mixed; boundary="out er"',
	'',
	'preamble',
	'--out er',
	'Content-Type: text/plain; charset=utf-8',
	'X-Part: 1',
	'',
	'first, not --out er',
	'--out er-not-a-boundary',
	'--out er \t',
	'Content-Type: message/rfc822; name=postacert.eml',
	'',
	'Subject: inner',
	'Content-Type: multipart/alternative; boundary=in',
	'',
	'--in',
	'',
	'plain',
	'--in',
	'Content-Type: text/html',
	'',
	'<p>html',
	'--in--',
	'inner epilogue',
	'--out er',
	'Content-Type: message/rfc822',
	'',
	'Subject: single',
	'',
	'single body',
	'--out er--',
	'epilogue',
	'',
].join('\r\n');

const FLAT = 'Subject: flat\r\nContent-Type: text/plain\r\n\r\nflat body\r\n';

/** Message 1 is NESTED, message 2 FLAT. */
const SECTIONS: readonly (readonly [
	message: number,
	section: string,
	bytes: string | undefined,
])[] = [
	[1, '1', 'first, not --out er\r\n--out er-not-a-boundary'],
	[1, '1.MIME', 'Content-Type: text/plain; charset=utf-8\r\nX-Part: 1\r\n\r\n'],
	[1, '1.HEADER', undefined],
	[1, '1.1', undefined],
	[1, '2.HEADER', 'Subject: inner\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n'],
	[
		1,
		'2.TEXT',
		'--in\r\n\r\nplain\r\n--in\r\nContent-Type: text/html\r\n\r\n<p>html\r\n--in--\r\ninner epilogue',
	],
	[1, '2.1', 'plain'],
	[1, '2.1.MIME', '\r\n'],
	[1, '2.2', '<p>html'],
	[1, '2.2.MIME', 'Content-Type: text/html\r\n\r\n'],
	[1, '2.3', undefined],
	[1, '2.HEADER.FIELDS (SUBJECT)', 'Subject: inner\r\n\r\n'],
	[1, '3', 'Subject: single\r\n\r\nsingle body'],
	[1, '3.1', 'single body'],
	[1, '3.TEXT', 'single body'],
	[1, '3.1.MIME', 'Subject: single\r\n\r\n'],
	[1, '3.2', undefined],
	[1, '4', undefined],
	[1, 'HEADER.FIELDS (X-LONG)', 'X-Long: one\r\n\ttwo\r\n\r\n'],
	[1, 'HEADER.FIELDS (ABSENT)', '\r\n'],
	[1, 'HEADER.FIELDS.NOT (X-LONG CONTENT-TYPE)', 'Subject: outer\r\n\r\n'],
	[2, '1', 'flat body\r\n'],
	[2, '1.MIME', 'Subject: flat\r\nContent-Type: text/plain\r\n\r\n'],
	[2, '1.1', undefined],
	[2, '2', undefined],
];

describe('sections', () => {
	it.each(SECTIONS)(
		'of message %i, %s are the bytes RFC 3501 6.4.5 names',
		async (n, section, bytes) => {
			const desk = await startDesk();
			desk.account.deliver(Buffer.from(NESTED));
			desk.account.deliver(Buffer.from(FLAT));
			const wire = await desk.wire();
			await wire.command('EXAMINE INBOX');
			const value = bytes === undefined ? 'NIL' : `{${bytes.length}}\r\n${bytes}`;
			expect(await wire.command(`FETCH ${n} BODY[${section}]`)).toBe(
				`* ${n} FETCH (BODY[${section}] ${value})\r\nT OK fetched\r\n`,
			);
		},
	);

	it('answers the old RFC822 names', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.from(FLAT));
		const wire = await desk.wire();
		await wire.command('EXAMINE INBOX');
		const answer = await wire.command('FETCH 1 (RFC822.HEADER RFC822.TEXT RFC822)');
		const header = 'Subject: flat\r\nContent-Type: text/plain\r\n\r\n';
		expect(answer).toContain(`RFC822.HEADER {${header.length}}\r\n${header} `);
		expect(answer).toContain(`RFC822.TEXT {11}\r\nflat body\r\n `);
		expect(answer).toContain(`RFC822 {${FLAT.length}}\r\n${FLAT})`);
	});

	it.each([
		['FETCH 1 BODY[', 'an open bracket'],
		['FETCH 1 BODY[0]', 'a part 0'],
		['FETCH 1 BODY[MIME]', 'MIME without a part'],
		['FETCH 1 BODY[1.]', 'a dot without more'],
		['FETCH 1 BODY[HEADER.FIELDS]', 'fields without names'],
		['FETCH 1 BODY[HEADER.FIELDS ()]', 'an empty list of names'],
		['FETCH 1 BODY[]<1>', 'a partial without a length'],
		['FETCH 1 BODY[]<0.0>', 'a partial of nothing'],
		['FETCH 1 NONSENSE', 'an unknown item'],
		['FETCH 1 (UID', 'an open list'],
		['FETCH 0 UID', 'a message 0'],
		['FETCH 1: UID', 'half a range'],
		['FETCH 1', 'no items'],
	])('%s is BAD: %s', async (command) => {
		const desk = await startDesk();
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		expect(await wire.command(command)).toMatch(/^T BAD /);
	});

	it('marks a message seen when its body is read, not when it is peeked at or only examined', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.from(FLAT));
		const flags = () => [...(desk.account.folder('INBOX')?.messages[0]?.flags ?? [])];
		const wire = await desk.wire();
		await wire.command('EXAMINE INBOX');
		await wire.command('FETCH 1 BODY[]');
		expect(flags()).toEqual([]);
		await wire.command('SELECT INBOX');
		await wire.command('FETCH 1 (BODY.PEEK[] RFC822.HEADER)');
		expect(flags()).toEqual([]);
		expect(await wire.command('FETCH 1 BODY[TEXT]')).toContain('FLAGS (\\Seen \\Recent))');
		expect(flags()).toEqual(['\\Seen']);
		expect(await wire.command('FETCH 1 BODY[TEXT]')).not.toContain('FLAGS');
	});
});
