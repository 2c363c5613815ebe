import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';

import { fetched, type LineClient } from '../servers/lineClient.ts';
import { append, overEachServer } from './bench.ts';
import { expected } from './differences.ts';

const HEAD = 'From: a@pec.example\r\nSubject: Prova\r\nDate: Sun, 01 Feb 2026 10:00:00 +0000\r\n';

/** Bodies from which nothing may be lost. */
const MESSAGES: ReadonlyArray<readonly [string, Buffer]> = [
	['plain', Buffer.from(`${HEAD}\r\nTesto.\r\n`)],
	['8bit in header and body', Buffer.from(`${HEAD}\r\n\xff\x80\x01.\r\n`, 'latin1')],
	[
		'every byte but NUL',
		Buffer.concat([Buffer.from(`${HEAD}\r\n`), everyByte(), Buffer.from('\r\n')]),
	],
	['a line of 100,000 bytes', Buffer.from(`${HEAD}\r\n${'x'.repeat(100_000)}\r\n`)],
	['no line end at its end', Buffer.from(`${HEAD}\r\nfine`)],
	['empty lines and dots', Buffer.from(`${HEAD}\r\n\r\n\r\n.\r\n..\r\n\r\n`)],
	['blanks at line ends', Buffer.from(`${HEAD}X-Blank: a \t \r\n\r\nb \t\r\n \r\n`)],
	['a header alone', Buffer.from(`${HEAD}\r\n`)],
	[
		'folded and odd header fields',
		Buffer.from(`${HEAD}x-A:b\r\nX-Long: a\r\n\tb\r\n  c\r\nX-A: d\r\n\r\nx\r\n`),
	],
	['lines that look like IMAP', Buffer.from(`${HEAD}\r\n)\r\n* 1 EXISTS\r\nA1 OK {5}\r\n~~~\r\n`)],
	['2 MB', large()],
];

function everyByte(): Buffer {
	// CR and LF only as a pair: a lone one is no line end everywhere.
	return Buffer.from(
		Array.from({ length: 255 }, (_, n) => n + 1).filter((n) => n !== 10 && n !== 13),
	);
}

function large(): Buffer {
	const line = Buffer.from(`${createHash('sha512').update('x').digest('base64').slice(0, 76)}\r\n`);
	return Buffer.concat([Buffer.from(`${HEAD}\r\n`), ...Array.from({ length: 27_000 }, () => line)]);
}

async function itemOf(client: LineClient, items: string, name: string): Promise<Buffer> {
	const value = fetched(await client.ok(`FETCH 1 (${items})`))
		.get(1)
		?.get(name);
	return Buffer.from(typeof value === 'string' ? value : '', 'latin1');
}

overEachServer('bytes', (bench) => {
	it.each(MESSAGES)('come back as they were handed in: %s', async (_, raw) => {
		const folder = await bench.folder([raw]);
		const client = await bench.open();
		await client.ok(`EXAMINE ${folder}`);
		const end = raw.indexOf('\r\n\r\n') + 4;
		const body = await itemOf(client, 'BODY.PEEK[] RFC822.SIZE', 'BODY[]');
		expect(body.equals(raw)).toBe(true);
		expect((await itemOf(client, 'RFC822.SIZE', 'RFC822.SIZE')).toString()).toBe(
			String(raw.length),
		);
		expect(
			(await itemOf(client, 'BODY.PEEK[HEADER]', 'BODY[HEADER]')).equals(raw.subarray(0, end)),
		).toBe(true);
		expect(
			(await itemOf(client, 'RFC822.HEADER', 'RFC822.HEADER')).equals(raw.subarray(0, end)),
		).toBe(true);
		expect((await itemOf(client, 'BODY.PEEK[TEXT]', 'BODY[TEXT]')).equals(raw.subarray(end))).toBe(
			true,
		);
		expect((await itemOf(client, 'RFC822.TEXT', 'RFC822.TEXT')).equals(raw.subarray(end))).toBe(
			true,
		);
		expect((await itemOf(client, 'RFC822', 'RFC822')).equals(raw)).toBe(true);
		const flow = await bench.flow();
		await flow.mailboxOpen(JSON.parse(folder) as string);
		const one = await flow.fetchOne('1', { source: true });
		expect(one && one.source?.equals(raw)).toBe(true);
	});

	it.each([
		['0.10', 0, 10],
		['5.7', 5, 7],
		['60.100000', 60, 100_000],
		['100000.5', 100_000, 5],
	])('are given in parts: <%s>', async (range, start, length) => {
		const raw = Buffer.from(`${HEAD}\r\nTesto lungo abbastanza.\r\n`);
		const folder = await bench.folder([raw]);
		const client = await bench.open();
		await client.ok(`EXAMINE ${folder}`);
		const part = await itemOf(client, `BODY.PEEK[]<${range}>`, `BODY[]<${start}>`);
		expect(part.toString()).toBe(raw.subarray(start, start + length).toString());
	});

	it('are given by header field, with their ends as they are and an empty line after them', async () => {
		const folder = await bench.folder([MESSAGES[8]?.[1] ?? Buffer.alloc(0)]);
		const client = await bench.open();
		await client.ok(`EXAMINE ${folder}`);
		const answer = fetched(
			await client.ok(
				'FETCH 1 (BODY.PEEK[HEADER.FIELDS (X-A x-long Missing)] BODY.PEEK[HEADER.FIELDS.NOT (From Subject Date X-LONG)])',
			),
		).get(1);
		const values = [...(answer ?? [])].map(([name, value]) => [name.includes('.NOT'), value]);
		expect(values).toContainEqual([false, 'x-A:b\r\nX-Long: a\r\n\tb\r\n  c\r\nX-A: d\r\n\r\n']);
		expect(values).toContainEqual([true, 'x-A:b\r\nX-A: d\r\n\r\n']);
	});

	it('are stored by a literal that is not asked for (LITERAL+), and one in two halves', async () => {
		const raw = MESSAGES[10]?.[1] ?? Buffer.alloc(0);
		const folder = await bench.folder();
		const client = await bench.open();
		client.write(`X1 APPEND ${folder} {${raw.length}+}\r\n`);
		client.write(raw.subarray(0, 1_000_000));
		await (await bench.open()).ok('NOOP');
		client.write(raw.subarray(1_000_000));
		client.write('\r\n');
		expect(await client.untagged(/^X1 /)).toMatch(/^X1 OK \[APPENDUID \d+ 1\]/);
		await client.ok(`EXAMINE ${folder}`);
		expect((await itemOf(client, 'BODY.PEEK[]', 'BODY[]')).equals(raw)).toBe(true);
	});

	it('are stored with flags and date, and the reply names the message', async () => {
		const client = await bench.open();
		const folder = await bench.folder();
		const raw = Buffer.from(`${HEAD}\r\nx\r\n`);
		const how = '(\\Seen \\Flagged $Mio) "01-Feb-2026 10:20:30 +0100"';
		const { code } = await append(client, folder, raw, how);
		const { untagged } = await client.ok(`EXAMINE ${folder}`);
		const validity = untagged.flatMap((line) => /UIDVALIDITY (\d+)/.exec(line)?.[1] ?? [])[0];
		expect(code).toBe(`APPENDUID ${validity} 1`);
		const item = fetched(await client.ok('FETCH 1 (UID FLAGS INTERNALDATE)')).get(1);
		expect(item?.get('UID')).toBe('1');
		expect(
			[...(item?.get('FLAGS') as string[])].filter((flag) => flag !== '\\Recent').sort(),
		).toEqual(['$Mio', '\\Flagged', '\\Seen'].sort());
		const given = String(item?.get('INTERNALDATE'));
		expect(new Date(given.replace(/^ /, '')).toISOString()).toBe('2026-02-01T09:20:30.000Z');
		expect(given).toMatch(/^[ \d]\d-\w{3}-\d{4} \d\d:\d\d:\d\d [+-]\d{4}$/);
	});

	it('that are no message are refused, or kept as they are', async () => {
		const client = await bench.open();
		const folder = await bench.folder();
		for (const [what, raw] of [
			['nulInMessage', Buffer.from(`${HEAD}\r\na\0b\r\n`)],
			['loneLineFeeds', Buffer.from(`${HEAD}\r\na\nb\nc\r\n`)],
			['eightBitHeader', Buffer.from(`${HEAD}X-Nome: perch\xe9\r\n\r\nx\r\n`, 'latin1')],
		] as const) {
			const { status, code } = await append(client, folder, raw);
			let kept = '';
			if (status === 'OK') {
				await client.ok(`EXAMINE ${folder}`);
				const uid = code?.split(' ')[2] ?? '';
				const rows = fetched(await client.ok(`UID FETCH ${uid} (UID BODY.PEEK[])`));
				const body = [...rows.values()][0]?.get('BODY[]');
				kept = Buffer.from(String(body), 'latin1').equals(raw) ? ', kept' : ', changed';
			}
			expect(`${status}${kept}`, what).toBe(expected(bench.name, what));
		}
	});

	it('of which there are none are no message', async () => {
		const client = await bench.open();
		const { status } = await append(client, await bench.folder(), Buffer.alloc(0));
		expect(status).toBe('NO');
	});

	it('say whether they were read: only what asks for the body without PEEK marks it', async () => {
		const raw = Buffer.from(`${HEAD}\r\nx\r\n`);
		const client = await bench.open();
		for (const [items, seen] of [
			['BODY.PEEK[] RFC822.HEADER BODY.PEEK[TEXT] ENVELOPE BODYSTRUCTURE RFC822.SIZE', false],
			['BODY[]', true],
			['BODY[HEADER]', true],
			['RFC822', true],
			['RFC822.TEXT', true],
		] as const) {
			await client.ok(`SELECT ${await bench.folder([raw])}`);
			await client.ok(`FETCH 1 (${items})`);
			const flags = fetched(await client.ok('FETCH 1 FLAGS'))
				.get(1)
				?.get('FLAGS');
			expect((flags as string[]).includes('\\Seen'), items).toBe(seen);
		}
	});

	it.each([
		['ALL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE']],
		['FAST', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE']],
		['FULL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY']],
	])('the macro %s stands for its items', async (macro, items) => {
		const client = await bench.open();
		await client.ok(`EXAMINE ${await bench.folder([Buffer.from(`${HEAD}\r\nx\r\n`)])}`);
		const row = fetched(await client.ok(`FETCH 1 ${macro}`)).get(1);
		expect([...(row?.keys() ?? [])].sort()).toEqual([...items].sort());
	});
});
