import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { MessageReader } from '../../sandbox/imap/messageReader.ts';
import { sectionBytes } from '../../sandbox/imap/section.ts';
import type { Section } from '../../sandbox/imap/section.ts';
import { heldBytes } from '../../sandbox/store/messageBytes.ts';
import { SPOOL_THRESHOLD } from '../../sandbox/store/spool.ts';
import { collectGarbage } from '../garbage.ts';
import { startDesk } from './imapDesk.ts';

/** A message of this many bytes with a text and an attachment. */
function messageOf(size: number): Buffer {
	const head = Buffer.from(
		'Subject: grande\r\nDate: Sun, 1 Feb 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n' +
			'Content-Type: multipart/mixed; boundary=b\r\n\r\n' +
			'--b\r\nContent-Type: text/plain\r\n\r\nciao\r\n' +
			'--b\r\nContent-Type: application/octet-stream\r\n\r\n',
	);
	const tail = Buffer.from('\r\n--b--\r\n');
	const filler = Buffer.from(randomBytes(size).toString('base64'), 'latin1');
	return Buffer.concat([head, filler.subarray(0, size - head.length - tail.length), tail]);
}

const SIZES = [SPOOL_THRESHOLD - 1, SPOOL_THRESHOLD, SPOOL_THRESHOLD + 1, 2_000_000];

describe.each(SIZES)('a message of %i bytes', (size) => {
	const raw = messageOf(size);

	it('comes back to the byte whichever way it came in and is asked for', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.from(raw));
		const client = await desk.client();
		await client.append('INBOX', raw);
		await client.mailboxOpen('INBOX');
		await client.messageCopy('2', 'Bozze');
		await client.messageMove('2', 'Archivio');
		desk.account.renameFolder('INBOX', 'Vecchia');
		desk.account.folder('Vecchia')?.resetUidValidity();
		for (const folder of ['Vecchia', 'Bozze', 'Archivio']) {
			await client.mailboxOpen(folder);
			const message = await client.fetchOne('1', { source: true, size: true });
			if (message === false) throw new Error('no message');
			expect(message.size).toBe(size);
			expect(message.source?.equals(raw)).toBe(true);
			const attachment = raw.subarray(raw.lastIndexOf('\r\n\r\n') + 4, -9);
			for (const [part, bytes] of [
				[undefined, raw],
				['2', attachment],
			] as const) {
				const { content } = await client.download('1', part);
				if (content === undefined) throw new Error('no content');
				expect((await buffer(content)).equals(bytes)).toBe(true);
			}
		}
	});

	it('is cut where a partial FETCH says, to the byte', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.from(raw));
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		const text = raw.subarray(raw.indexOf('\r\n\r\n') + 4);
		const offsets = [0, 1, SPOOL_THRESHOLD - 1, SPOOL_THRESHOLD, size - 1, size, size + 1];
		for (const offset of offsets) {
			for (const [section, bytes] of [
				['', raw],
				['TEXT', text],
			] as const) {
				const cut = bytes.subarray(offset, offset + 70_000);
				const label = `BODY[${section}]<${offset}>`;
				const answer = await wire.command(`FETCH 1 BODY.PEEK[${section}]<${offset}.70000>`);
				expect(
					answer ===
						`* 1 FETCH (${label} {${cut.length}}\r\n${cut.toString('latin1')})\r\nT OK fetched\r\n`,
					label,
				).toBe(true);
			}
		}
	});
});

describe('what only needs to know how large a message is', () => {
	it('does not read it', async () => {
		const desk = await startDesk({ quotaLimit: 4 * 1024 * 1024 });
		desk.account.deliver(messageOf(2_000_000));
		const wire = await desk.wire();
		await wire.command('SELECT INBOX');
		// From here on whatever reads the message fails.
		desk.store.close();
		expect(await wire.command('FETCH 1 BODY.PEEK[]')).toBe(
			'T NO [SERVERBUG] the server failed\r\n',
		);
		expect(await wire.command('FETCH 1 FAST')).toMatch(/RFC822\.SIZE 2000000[^]*T OK/);
		expect(await wire.command('STORE 1 +FLAGS (\\Seen)')).toMatch(/\\Seen[^]*T OK/);
		expect(await wire.command('STATUS INBOX (SIZE)')).toMatch(/SIZE 2000000[^]*T OK/);
		expect(await wire.command('GETQUOTA "User quota"')).toMatch(/STORAGE 1954 4096[^]*T OK/);
		expect(await wire.command('SEARCH SEEN LARGER 1999999 SINCE 1-Jan-2000')).toMatch(/SEARCH 1\r/);
		expect(await wire.command('COPY 1 Archivio')).toMatch(/T OK/);
		expect(await wire.command('MOVE 1 Archivio')).toMatch(/T OK/);
		expect(desk.account.folder('Archivio')?.size).toBe(4_000_000);
	});
});

describe('reading the header alone', () => {
	function recorded(raw: Buffer): { reader: MessageReader; furthest: () => number } {
		const bytes = heldBytes(raw);
		let furthest = 0;
		const reader = new MessageReader({
			size: raw.length,
			slice: (start, end) => {
				furthest = Math.max(furthest, Math.min(end, raw.length));
				return bytes.slice(start, end);
			},
		});
		return { reader, furthest: () => furthest };
	}

	const section = (what: Section['what'], fields: string[] = []): Section => ({
		path: [],
		what,
		fields,
	});

	it.each([section('HEADER'), section('HEADER.FIELDS', ['subject'])])(
		'for $what leaves the body alone',
		(wanted) => {
			const raw = messageOf(2_000_000);
			const { reader, furthest } = recorded(raw);
			expect(sectionBytes(reader, wanted)?.toString('latin1')).toMatch(/^Subject: grande\r\n/);
			expect(furthest()).toBeLessThanOrEqual(16 * 1024);
		},
	);

	it.each([100, 16_383, 16_384, 16_385, 32_768, 100_000])(
		'finds its end wherever that is: a header of %i bytes',
		(length) => {
			const header = Buffer.from(`X: ${'a'.repeat(length - 7)}\r\n\r\n`);
			const { reader, furthest } = recorded(Buffer.concat([header, Buffer.alloc(2_000_000)]));
			expect(header).toHaveLength(length);
			expect(reader.header.equals(header)).toBe(true);
			expect(furthest()).toBeLessThanOrEqual(Math.max(16 * 1024, 2 * length));
		},
	);

	it('takes a message without an empty line for a header as a whole', () => {
		for (const size of [0, 1, 16_384, 16_385, 50_000]) {
			const raw = Buffer.alloc(size, 'a');
			expect(recorded(raw).reader.header.equals(raw)).toBe(true);
		}
	});
});

it('a message that is gone, but whose going a client was not told of, is still its own bytes', async () => {
	const desk = await startDesk();
	const raw = messageOf(SPOOL_THRESHOLD + 1);
	desk.account.deliver(Buffer.from(raw));
	const wire = await desk.wire();
	await wire.command('SELECT INBOX');
	desk.account.folder('INBOX')?.expunge([1]);
	await collectGarbage();
	desk.account.deliver(messageOf(SPOOL_THRESHOLD + 1), { folder: 'Archivio' });
	const answer = await wire.command('FETCH 1 BODY.PEEK[]');
	expect(answer.includes(raw.toString('latin1'))).toBe(true);
});
