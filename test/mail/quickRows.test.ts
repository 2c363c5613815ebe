import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Transform } from 'node:stream';
import fc from 'fast-check';
import type { FetchMessageObject, ImapFlow } from 'imapflow';
import { describe, expect, it } from 'vitest';
import { readRowsQuickly } from '../../nodes/mail/quickRows.ts';
import { piecesOf } from './pieces.ts';

interface Parsed {
	readonly payload: Buffer;
	readonly literals: readonly Buffer[];
	next(): void;
}

const require = createRequire(import.meta.url);
const { ImapStream } = require(
	join(dirname(require.resolve('imapflow')), 'handler', 'imap-stream.js'),
) as { ImapStream: new (options: object) => Transform };

/** imapflow's own parser of the stream, and a FETCH that ends when it is told to. */
function desk() {
	const streamer = new ImapStream({ logger: { trace: () => undefined } });
	const passed: string[] = [];
	streamer.on('readable', () => {
		for (;;) {
			const parsed = streamer.read() as Parsed | null;
			if (!parsed) return;
			passed.push([parsed.payload, ...parsed.literals].map(String).join('|'));
			parsed.next();
		}
	});
	let end: (() => void) | undefined;
	const client = {
		streamer,
		fetchAll: async (): Promise<FetchMessageObject[]> => {
			await new Promise<void>((resolve) => (end = resolve));
			return [];
		},
	};
	readRowsQuickly(client as unknown as ImapFlow);
	return {
		passed,
		streamer,
		send: async (bytes: string | Buffer) => {
			streamer.write(Buffer.from(bytes));
			await settled();
		},
		fetch: async () => await client.fetchAll(),
		end: () => end?.(),
	};
}

/** The parser works in turns of its own, ten pieces in each. */
async function settled(): Promise<void> {
	for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

const OTHERS = {
	exists: '* 7 EXISTS',
	literal: '* LIST () "/" {5}\r\nINBOX',
	flags: '* 7 FETCH (FLAGS (\\Seen))',
} as const;

const HEADERS = 'Subject: prova\r\n\r\n';

const row = (uid: number): string =>
	`* ${uid} FETCH (UID ${uid} RFC822.SIZE 7000 BODY[HEADER] {${HEADERS.length}}\r\n${HEADERS})\r\n`;

describe('rows of a FETCH', () => {
	it('are read before the parser, and all else by it, in whatever pieces they come', async () => {
		const kinds = fc.constantFrom('row' as const, 'exists', 'literal', 'flags');
		const lengths = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 4 });
		await fc.assert(
			fc.asyncProperty(fc.array(kinds, { maxLength: 12 }), lengths, async (sent, cut) => {
				const { passed, streamer, fetch, end } = desk();
				const reading = fetch();
				const others: string[] = [];
				const uids: number[] = [];
				let text = '';
				for (const [index, kind] of sent.entries()) {
					const uid = index + 1;
					text += kind === 'row' ? row(uid) : `${OTHERS[kind]}\r\n`;
					if (kind === 'row') uids.push(uid);
					else others.push(OTHERS[kind].replace('INBOX', '|INBOX'));
				}
				text += 'A1 OK done\r\n';
				others.push('A1 OK done');
				for (const piece of piecesOf(Buffer.from(text), cut)) streamer.write(piece);
				await settled();
				while (passed.length < others.length) await settled();
				end();
				expect((await reading).map(({ uid }) => uid)).toEqual(uids);
				expect(passed).toEqual(others);
			}),
			{ numRuns: 60 },
		);
	});

	it('are left to the parser where nobody asked for them', async () => {
		const { passed, send, fetch, end } = desk();
		await send(row(1));
		expect(passed).toHaveLength(1);
		const reading = fetch();
		await send(`${row(2)}A1 OK done\r\n`);
		end();
		expect(await reading).toMatchObject([{ uid: 2 }]);
		await send(row(3));
		expect(passed).toHaveLength(3);
	});

	it('are read from the next response on where one was under way', async () => {
		const { passed, send, fetch, end } = desk();
		await send('* LIST () "/" {6}\r\nIN');
		const reading = fetch();
		await send('BOX');
		await send('.\r\n');
		await send(`${row(1)}A1 OK done\r\n`);
		end();
		expect(await reading).toMatchObject([{ uid: 1 }]);
		expect(passed).toEqual(['* LIST () "/" {6}\r\n|INBOX.', 'A1 OK done']);
	});

	it('leave nothing behind of what came after the end', async () => {
		const { passed, send, fetch, end } = desk();
		const reading = fetch();
		await send(`${row(1)}A1 OK done\r\n* 7 EXI`);
		end();
		await reading;
		await send('STS\r\n');
		expect(passed).toEqual(['A1 OK done', '* 7 EXISTS']);
	});

	it('are read by the parser from a message on that is too large', async () => {
		const { passed, send, fetch, end } = desk();
		const reading = fetch();
		const large = 9 * 1024 * 1024;
		await send(`${row(1)}* 2 FETCH (UID 2 RFC822.SIZE ${large} BODY[] {${large}}\r\n`);
		await send(Buffer.alloc(large, 'a'));
		await send(')\r\n');
		await send(`${row(3)}A1 OK done\r\n`);
		end();
		expect((await reading).map(({ uid }) => uid)).toEqual([1, 3]);
		expect(passed.map(({ length }) => length > large)).toEqual([true, false]);
	});

	it('give the memory of what came back, unless it is not its own', async () => {
		const { streamer, fetch, end } = desk();
		const reading = fetch();
		const [own, shared] = [Buffer.alloc(row(1).length, row(1)), Buffer.from(row(2))];
		expect(shared.length).toBeLessThan(shared.buffer.byteLength);
		streamer.write(own);
		streamer.write(shared);
		streamer.write(Buffer.from('A1 OK done\r\n'));
		end();
		expect((await reading).map(({ headers }) => String(headers))).toEqual([HEADERS, HEADERS]);
		expect(own).toHaveLength('transfer' in ArrayBuffer.prototype ? 0 : row(1).length);
		expect(String(shared)).toBe(row(2));
	});

	it('end the connection, and not the process, where a piece cannot be read', async () => {
		const { streamer, fetch, end } = desk();
		const errors: unknown[] = [];
		streamer.on('error', (error) => errors.push(error));
		const reading = fetch();
		const broken = Object.assign(Buffer.from('* 1'), {
			indexOf: () => {
				throw new Error('broken');
			},
		});
		expect(streamer.write(broken)).toBe(false);
		end();
		await reading;
		await settled();
		expect(errors).toMatchObject([{ message: 'broken' }]);
	});

	it('do not outlive a connection that ends in the middle of one', async () => {
		const { send, fetch, end, streamer } = desk();
		const errors: unknown[] = [];
		streamer.on('error', (error) => errors.push(error));
		const reading = fetch();
		await send(`${row(1)}* 2 FETCH (UID 2`);
		streamer.end();
		end();
		expect(await reading).toHaveLength(1);
		await settled();
		expect(errors).toEqual([]);
	});
});
