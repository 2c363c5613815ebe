import { expect, it } from 'vitest';

import { valuesOf, type LineClient } from '../servers/lineClient.ts';
import { append, overEachServer } from './bench.ts';
import { expected } from './differences.ts';

const HEAD = 'From: Mario Rossi <mario@pec.example>\r\nTo: studio@pec.example\r\n';

/** Five messages that differ in all that can be searched. UIDs count from 1. */
const MAILS: ReadonlyArray<readonly [how: string, raw: string]> = [
	[
		'(\\Seen \\Answered) "31-Dec-2025 23:30:00 +0000"',
		`${HEAD}Subject: Fattura 1\r\nDate: Wed, 31 Dec 2025 12:00:00 +0000\r\nX-Riferimento-Message-ID: <pec1.abc.def.1@pec.example>\r\n\r\nUno due.\r\n`,
	],
	[
		'(\\Flagged Importante) "01-Jan-2026 12:00:00 +0000"',
		`From: altri@altrove.example\r\nCc: copia@pec.example\r\nSubject: Ricevuta\r\nDate: Tue, 30 Dec 2025 12:00:00 +0000\r\nX-Ricevuta: \r\n\r\nTre quattro FATTURA.\r\n`,
	],
	[
		'(\\Draft) "02-Jan-2026 12:00:00 +0000"',
		`${HEAD}Bcc: nascosto@pec.example\r\nSubject: =?utf-8?Q?perch=C3=A9_no?=\r\nDate: Fri, 02 Jan 2026 12:00:00 +0000\r\n\r\n${'riga lunga\r\n'.repeat(50)}`,
	],
	[
		'(\\Deleted \\Seen) "03-Jan-2026 12:00:00 +0000"',
		`${HEAD}Subject: Quattro\r\nDate: Sat, 03 Jan 2026 12:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from('città segreta').toString('base64')}\r\n`,
	],
	[
		'"04-Jan-2026 12:00:00 +0000"',
		`${HEAD}Subject: cinque\r\nDate: Sun, 04 Jan 2026 12:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nperch=C3=A9 cos=C3=AC\r\n`,
	],
];
const SIZES = MAILS.map(([, raw]) => Buffer.byteLength(raw));

const KEYS: ReadonlyArray<readonly [key: string, uids: readonly number[]]> = [
	['ALL', [1, 2, 3, 4, 5]],
	['SEEN', [1, 4]],
	['UNSEEN', [2, 3, 5]],
	['ANSWERED', [1]],
	['UNANSWERED', [2, 3, 4, 5]],
	['FLAGGED', [2]],
	['UNFLAGGED', [1, 3, 4, 5]],
	['DRAFT', [3]],
	['UNDRAFT', [1, 2, 4, 5]],
	['DELETED', [4]],
	['UNDELETED', [1, 2, 3, 5]],
	['KEYWORD Importante', [2]],
	['KEYWORD importante', [2]],
	['UNKEYWORD Importante', [1, 3, 4, 5]],
	['KEYWORD Nessuno', []],
	['BEFORE 1-Jan-2026', [1]],
	['ON 01-Jan-2026', [2]],
	['SINCE 1-Jan-2026', [2, 3, 4, 5]],
	['SINCE "3-Jan-2026"', [4, 5]],
	['SENTBEFORE 31-Dec-2025', [2]],
	['SENTON 31-Dec-2025', [1]],
	['SENTSINCE 2-Jan-2026', [3, 4, 5]],
	[`LARGER ${SIZES[2]}`, []],
	[`LARGER ${(SIZES[2] ?? 0) - 1}`, [3]],
	[
		`SMALLER ${(SIZES[1] ?? 0) + 1}`,
		[1, 2, 4, 5].filter((uid) => (SIZES[uid - 1] ?? 0) <= (SIZES[1] ?? 0)),
	],
	['SUBJECT fattura', [1]],
	['SUBJECT "FATTURA 1"', [1]],
	['SUBJECT {4+}\r\nperc', [3]],
	['FROM mario@', [1, 3, 4, 5]],
	['FROM "Mario Rossi"', [1, 3, 4, 5]],
	['TO studio@pec', [1, 3, 4, 5]],
	['CC copia@', [2]],
	['BCC nascosto', [3]],
	['HEADER X-Riferimento-Message-ID pec1.abc.', [1]],
	['HEADER x-riferimento-message-id "<PEC1.ABC"', [1]],
	['HEADER X-Ricevuta ""', [2]],
	['HEADER X-Manca ""', []],
	['BODY "due"', [1]],
	['BODY FATTURA', [2]],
	['TEXT fattura', [1, 2]],
	['TEXT Riferimento', [1]],
	['NOT SEEN', [2, 3, 5]],
	['NOT (SEEN ANSWERED)', [2, 3, 4, 5]],
	['OR SEEN FLAGGED', [1, 2, 4]],
	['OR (SEEN ANSWERED) OR FLAGGED DRAFT', [1, 2, 3]],
	['SEEN UNDELETED', [1]],
	['UID 2:3', [2, 3]],
	['UID 4:*', [4, 5]],
	['UID 77:*', [5]],
	['UID 1,3,99', [1, 3]],
	['1:2', [1, 2]],
	['2,5', [2, 5]],
	['*', [5]],
	['NOT 1:4', [5]],
	['NOT UID 2 UNSEEN', [3, 5]],
	['CHARSET US-ASCII SUBJECT fattura', [1]],
	['CHARSET UTF-8 SUBJECT {10+}\r\nPERCH\xc3\x89 NO', [3]],
	['CHARSET UTF-8 SUBJECT {7+}\r\nperch\xc3\xa9', [3]],
	['CHARSET UTF-8 SUBJECT {7+}\r\nPERCH\xc3\x89', [3]],
	['CHARSET UTF-8 BODY {6+}\r\ncitt\xc3\xa0', [4]],
	['CHARSET UTF-8 TEXT {7+}\r\nperch\xc3\xa9', [3, 5]],
	['NEW', []],
	['OLD', [1, 2, 3, 4, 5]],
	['RECENT', []],
];

overEachServer('searching', (bench) => {
	let filled: string | undefined;

	async function opened(): Promise<LineClient> {
		const client = await bench.open();
		if (filled === undefined) {
			filled = await bench.folder();
			for (const [how, raw] of MAILS) await append(client, filled, Buffer.from(raw), how);
			// Whoever selects first is told that they are recent: not the tests.
			await client.ok(`SELECT ${filled}`);
		}
		await client.ok(`EXAMINE ${filled}`);
		return client;
	}

	const search = async (client: LineClient, key: string) =>
		valuesOf(await client.ok(`UID SEARCH ${key}`), 'SEARCH')
			.flat()
			.map(Number)
			.sort((a, b) => a - b);

	it('finds by every key of RFC 3501 what it should', async () => {
		const client = await opened();
		const found = [];
		for (const [key] of KEYS) found.push([key, await search(client, key)]);
		expect(found).toEqual(KEYS);
	});

	it('finds 8-bit letters of another charset than the search', async () => {
		const raw = Buffer.from(
			`${HEAD}Subject: sei\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nperch=E9 cos=EC\r\n`,
		);
		const client = await bench.open();
		await client.ok(`EXAMINE ${await bench.folder([raw])}`);
		const found = await search(client, 'CHARSET UTF-8 BODY {7+}\r\nperch\xc3\xa9');
		expect(found.length === 1 ? 'found' : 'not found').toBe(expected(bench.name, 'latin1Body'));
	});

	it('gives numbers by SEARCH, UIDs by UID SEARCH', async () => {
		const client = await bench.open();
		const raw = Buffer.from(MAILS[0]?.[1] ?? '');
		const folder = await bench.folder([raw, raw, raw]);
		await client.ok(`SELECT ${folder}`);
		await client.ok('STORE 1 +FLAGS.SILENT (\\Deleted)');
		await client.ok('EXPUNGE');
		expect(valuesOf(await client.ok('SEARCH ALL'), 'SEARCH')).toEqual([['1', '2']]);
		expect(await search(client, 'ALL')).toEqual([2, 3]);
	});

	it('that finds nothing answers all the same', async () => {
		const client = await opened();
		expect((await client.ok('SEARCH SUBJECT niente-di-simile')).untagged).toEqual(['SEARCH']);
	});

	it('refuses a charset it does not know, and a key that is none', async () => {
		const client = await opened();
		const { status, code } = await client.command('SEARCH CHARSET X-NONE SUBJECT x');
		expect(`${status}, ${code?.split(' ')[0] ?? 'no code'}`).toBe(
			expected(bench.name, 'unknownCharset'),
		);
		for (const key of ['FROB', 'SUBJECT', 'SINCE 99-Foo-2026', 'LARGER x', '']) {
			expect(await client.command(`SEARCH ${key}`), key).toMatchObject({ status: 'BAD' });
		}
	});
});
