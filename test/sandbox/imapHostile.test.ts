import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommandReader, MAX_TEXT } from '../../sandbox/imap/commandReader.ts';
import type { ReaderEvent } from '../../sandbox/imap/commandReader.ts';
import { parseAddressList } from '../../sandbox/imap/addressList.ts';
import { bodyStructureText } from '../../sandbox/imap/bodyStructure.ts';
import { parseMessage } from '../../sandbox/imap/mimeTree.ts';
import { startDesk } from './imapDesk.ts';

function read(chunks: readonly Buffer[], maxLiteral = 100): ReaderEvent[] {
	const reader = new CommandReader(maxLiteral);
	const events: ReaderEvent[] = [];
	for (const chunk of chunks) {
		reader.push(chunk);
		for (let event = reader.next(); event !== undefined; event = reader.next()) {
			events.push(event);
			if (event.kind === 'overflow') return events;
		}
	}
	return events;
}

const WORDS = [
	...[
		'a',
		'FETCH',
		'STORE',
		'SEARCH',
		'APPEND',
		'LIST',
		'STATUS',
		'UID',
		'SELECT',
		'INBOX',
		'COPY',
	],
	...[
		'(',
		')',
		'[',
		']',
		'<',
		'>',
		'"',
		'\\',
		'{',
		'}',
		'{3}',
		'{3+}\r\n',
		'{0+}\r\n',
		'*',
		'%',
		':',
		',',
	],
	...[
		' ',
		' ',
		' ',
		'  ',
		'\r\n',
		'\n',
		'\r',
		'\0',
		'\xff',
		'1',
		'0',
		'4294967296',
		'NIL',
		'BODY',
		'BODY[',
	],
	...[
		'HEADER.FIELDS',
		'FLAGS',
		'+FLAGS',
		'\\Seen',
		'NOT',
		'OR',
		'HEADER',
		'RETURN',
		'MESSAGES',
		'=',
		'&',
		'&-',
	],
];

describe('the command reader', () => {
	it('reads the same commands however the bytes are cut', () => {
		const stream = Buffer.from(
			'a NOOP\r\nb APPEND x (\\Seen) {5}\r\n1\r\n{2 {3+}\r\nxyz tail\nc LOGIN {101}\r\nd X\r\n{0+}\r\n\r\n',
			'latin1',
		);
		const whole = read([stream]);
		expect(whole.map(({ kind }) => kind)).toEqual([
			'command',
			'literal',
			'literal',
			'command',
			'refused',
			'command',
			'literal',
			'command',
		]);
		expect(whole[1]).toEqual({
			kind: 'literal',
			firstLine: 'b APPEND x (\\Seen) ',
			waits: true,
		});
		expect(whole[3]).toEqual({
			kind: 'command',
			command: {
				lines: ['b APPEND x (\\Seen) ', ' ', ' tail'],
				literals: [Buffer.from('1\r\n{2'), Buffer.from('xyz')],
			},
		});
		fc.assert(
			fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
				const edges = [0, ...cuts.sort((a, b) => a - b), stream.length];
				const chunks = edges.slice(1).map((end, i) => stream.subarray(edges[i], end));
				expect(read(chunks)).toEqual(whole);
			}),
		);
	});

	it.each([
		['a line without end', [Buffer.alloc(MAX_TEXT + 1, 0x41)]],
		['a long line', [Buffer.concat([Buffer.alloc(MAX_TEXT + 1, 0x41), Buffer.from('\n')])]],
		[
			'many short lines round literals',
			Array.from({ length: 20 }, () => Buffer.from(`${'x'.repeat(4000)}{0+}\r\n`)),
		],
		['a literal over the limit that does not wait', [Buffer.from('a {101+}\r\n')]],
	])('gives up on %s', (_, chunks) => {
		expect(read(chunks).at(-1)).toEqual({ kind: 'overflow' });
	});
});

describe('hostile input', () => {
	it('is always answered, or the connection ends; the next client is served', async () => {
		const desk = await startDesk();
		desk.account.deliver(Buffer.from('A: b\r\n\r\nx'));
		const noise = fc.array(fc.constantFrom(...WORDS), { maxLength: 30 });
		await fc.assert(
			fc.asyncProperty(fc.boolean(), noise, async (signIn, words) => {
				const wire = await desk.wire({ signIn });
				if (signIn) await wire.command('SELECT INBOX');
				wire.send(`${words.join('')}\r\n`);
				// Ends whatever literal or IDLE the noise may have opened.
				wire.send(`${'\r\n'.repeat(4)}DONE\r\nend LOGOUT\r\n`);
				expect(await wire.untilClosed()).toMatch(/BYE|BAD/);
				wire.destroy();
			}),
			{ numRuns: 150 },
		);
		expect(await (await desk.wire()).command('NOOP')).toBe('T OK done\r\n');
		// No command failed for any other reason than being wrong.
		expect(desk.log.filter(({ error }) => error !== undefined)).toEqual([]);
	});

	it('without a tag is BAD, and blank lines too', async () => {
		const desk = await startDesk();
		const wire = await desk.wire();
		wire.send('\r\n');
		expect(await wire.until(/\r\n/)).toMatch(/^\* BAD/);
		wire.send('tagonly\r\n');
		expect(await wire.until(/\r\n/)).toMatch(/^\* BAD/);
		expect(await wire.command('')).toMatch(/^T BAD/);
	});

	it('in place of a message or an address list breaks nothing', () => {
		const pieces = fc.array(
			fc.constantFrom(
				...[
					'Content-Type: multipart/mixed; boundary=b\r\n',
					'Content-Type: message/rfc822\n',
					'--b',
					'--b--',
				],
				...[
					'Content-Type: text/',
					'boundary="',
					';',
					'=',
					'"',
					'\\',
					'\r\n',
					'\n',
					' ',
					'(',
					')',
					'<',
					'>',
					',',
				],
				...[':', '@', 'To: ', 'x', '\xff', '\0', 'Content-Disposition: '],
			),
			{ maxLength: 60 },
		);
		fc.assert(
			fc.property(pieces, (parts) => {
				const raw = Buffer.from(parts.join(''), 'latin1');
				const part = parseMessage(raw);
				expect(bodyStructureText(raw, part, true)).toMatch(/^\([\s\S]*\)$/);
				expect(part.header.start).toBe(0);
				expect(part.header.end).toBe(part.body.start);
				expect(part.body.end).toBe(raw.length);
				parseAddressList(raw.toString('latin1'));
			}),
			{ numRuns: 2000 },
		);
	});

	it('ends a client that sends a line without end', async () => {
		const desk = await startDesk();
		const wire = await desk.wire();
		wire.send('x'.repeat(MAX_TEXT + 1));
		expect(await wire.untilClosed()).toMatch(/^\* BYE /);
	});

	it('may not store before signing in: literals are short then', async () => {
		const desk = await startDesk();
		const wire = await desk.wire({ signIn: false });
		wire.send('a LOGIN x {9000}\r\n');
		expect(await wire.until(/\r\n/)).toMatch(/^a NO \[TOOBIG\]/);
	});
});
