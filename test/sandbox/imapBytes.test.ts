import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startDesk } from './imapDesk.ts';

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, value) => value));

const ODD_MESSAGES: readonly (readonly [name: string, raw: Buffer])[] = [
	['no final line end', Buffer.from('Subject: a\r\n\r\nno end')],
	['bare line feeds', Buffer.from('Subject: a\nTo: b\n\nbody\n\n\n')],
	['bare carriage returns', Buffer.from('Subject: a\rb\r\n\r\n\r\r\n\r')],
	['8-bit header and body', Buffer.from('Subject: \xe0\xff\r\n\r\n\x80\xfe\r\n', 'latin1')],
	['every byte, NUL too', Buffer.concat([Buffer.from('A: b\r\n\r\n'), everyByte, everyByte])],
	['white space at line ends', Buffer.from('A: b \t\r\n\r\nline \t \r\n\r\n\r\n')],
	['IMAP in the body', Buffer.from('A: b\r\n\r\n)\r\nT1 OK done\r\n* BYE {3}\r\n')],
	['only a header', Buffer.from('Subject: a\r\n')],
	['nothing but bytes', randomBytes(5000)],
	['a line without end', Buffer.alloc(300_000, 0x41)],
	[
		'a multipart with blank lines round its parts',
		Buffer.from(
			'Content-Type: multipart/mixed; boundary=x\r\n\r\n\r\npreamble\r\n\r\n--x\r\n\r\none\r\n\r\n--x--\r\n\r\n\r\nend',
		),
	],
	['nothing', Buffer.alloc(0)],
];

describe('bytes', () => {
	it('returns what was appended and what was delivered, to the byte', async () => {
		const desk = await startDesk();
		const client = await desk.client();
		for (const [, raw] of ODD_MESSAGES) {
			desk.account.deliver(raw);
			// imapflow sends no empty literal.
			if (raw.length > 0) await client.append('Archivio', raw);
		}
		for (const folder of ['INBOX', 'Archivio']) {
			await client.mailboxOpen(folder);
			const sent = ODD_MESSAGES.filter(([, raw]) => folder === 'INBOX' || raw.length > 0);
			const fetched = await client.fetchAll('1:*', { source: true, size: true });
			expect(fetched.map(({ size }) => size)).toEqual(sent.map(([, raw]) => raw.length));
			fetched.forEach(({ source }, index) => {
				const [name, raw] = sent[index] ?? ['', Buffer.alloc(0)];
				expect(source?.equals(raw), name).toBe(true);
			});
		}
	});

	it('splits any message into HEADER and TEXT that join to the whole', async () => {
		const desk = await startDesk();
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		const alphabet = fc.constantFrom(...['\r', '\n', '\r\n', 'a', ':', ' ', '\x00', '\xff']);
		await fc.assert(
			fc.asyncProperty(fc.array(alphabet, { maxLength: 40 }), async (parts) => {
				const raw = parts.join('');
				const { uid } = desk.account.deliver(Buffer.from(raw, 'latin1'));
				await wire.command('NOOP');
				const answer = await wire.command(`UID FETCH ${uid} (BODY.PEEK[HEADER] BODY.PEEK[TEXT])`);
				const header = literalAfter(answer, 'BODY[HEADER] ');
				expect(header + literalAfter(answer, 'BODY[TEXT] ')).toBe(raw);
				// The header ends with the first empty line, if there is one.
				const firstEmpty = /^\r?\n|\n\r?\n/.exec(raw);
				expect(header.length).toBe(
					firstEmpty === null ? raw.length : firstEmpty.index + firstEmpty[0].length,
				);
			}),
			{ numRuns: 150 },
		);
	});

	it('cuts partial fetches where asked, also beyond the end', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.from('A: b\r\n\r\n0123456789'));
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		const answer = await wire.command(
			'FETCH 1 (BODY.PEEK[TEXT]<0.4> BODY.PEEK[TEXT]<8.100> BODY.PEEK[]<18.1> BODY.PEEK[]<4.4>)',
		);
		expect(answer).toBe(
			'* 1 FETCH (BODY[TEXT]<0> {4}\r\n0123 BODY[TEXT]<8> {2}\r\n89 BODY[]<18> {0}\r\n BODY[]<4> {4}\r\n\r\n\r\n)\r\n' +
				'T OK fetched\r\n',
		);
	});

	it('sends large messages to several clients at once without mixing them up', async () => {
		const desk = await startDesk();
		const raws = [1, 2, 3].map((fill) => Buffer.alloc(3_000_000 + fill, fill + 0x40));
		for (const raw of raws) desk.account.deliver(raw);
		const clients = await Promise.all([desk.client(), desk.client()]);
		await Promise.all(
			clients.map(async (client) => {
				await client.mailboxOpen('INBOX');
				const fetched = await client.fetchAll('1:*', { source: true });
				expect(fetched.map(({ source }, i) => source?.equals(raws[i] ?? Buffer.alloc(0)))).toEqual([
					true,
					true,
					true,
				]);
			}),
		);
	});
});

function literalAfter(answer: string, label: string): string {
	const at = answer.indexOf(label);
	const match = /^\{(\d+)\}\r\n/.exec(answer.slice(at + label.length));
	const start = at + label.length + (match?.[0].length ?? 0);
	return answer.slice(start, start + Number(match?.[1]));
}
