import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { readPecHeaders, readPecMessage } from '../../nodes/pec/message.ts';
import {
	daticertPart,
	postacertPart,
	RECIPIENT,
	writeDaticert,
	writeEnvelope,
	writeMultipart,
	writeOrdinary,
	writeReceipt,
	TRUST,
} from './pecWriter.ts';

const OPTIONS = { trust: TRUST, now: new Date('2026-03-01T00:00:00Z') };
const read = (raw: Uint8Array) => readPecMessage(raw, OPTIONS);

/** Quadratic work on these sizes takes minutes: the bound only has to tell it from linear on a busy machine. */
const QUICKLY = 4_000;

const MB = 1024 * 1024;
const mixed = (body: string | Buffer) =>
	writeOrdinary([['Content-Type', 'multipart/mixed; boundary=b']], body);

function nestedMultiparts(levels: number): string {
	let text = '';
	for (let level = 0; level < levels; level += 1) {
		text += `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`;
	}
	return text;
}

const HOSTILE: [string, () => Buffer, string[]][] = [
	['10,000 nested multiparts', () => Buffer.from(nestedMultiparts(10_000)), ['tooDeep']],
	[
		'10,000 nested messages',
		() => Buffer.from('Content-Type: message/rfc822\r\n\r\n'.repeat(10_000)),
		['tooDeep'],
	],
	['10,000 parts', () => mixed('--b\r\n\r\nx\r\n'.repeat(10_000)), ['tooManyParts']],
	['a million boundaries', () => mixed('--b\n'.repeat(1_000_000)), ['tooManyParts']],
	['a million lines almost a boundary', () => mixed('--bb\n'.repeat(1_000_000)), ['textTooLarge']],
	['10 MB of dashes', () => mixed('-'.repeat(10 * MB)), ['textTooLarge']],
	['a header line of 10 MB', () => writeOrdinary([['X-Long', 'x'.repeat(10 * MB)]]), []],
	['10 MB of recipients', () => writeOrdinary([['Cc', 'a@b.it, '.repeat(MB)]]), []],
	['10 MB of encoded words', () => writeOrdinary([['Subject', '=?utf-8?Q?a?= '.repeat(MB)]]), []],
	[
		'10 MB of opening encoded words',
		() => writeOrdinary([['Subject', '=?utf-8?Q?'.repeat(MB)]]),
		[],
	],
	['10 MB of folding', () => Buffer.from(`A: b\r\n${' \r\n'.repeat(3 * MB)}\r\n`), []],
	['a million header fields', () => Buffer.from('A: b\r\n'.repeat(1_000_000)), ['tooManyFields']],
	['a million lines that are no field', () => Buffer.from(`A: b\n${'x\n'.repeat(1_000_000)}`), []],
	[
		'a million parameters',
		() => writeOrdinary([['Content-Type', `a/b${';a*1=x'.repeat(1_000_000)}`]]),
		[],
	],
	[
		'10 MB of broken quoted-printable',
		() =>
			writeOrdinary([['Content-Transfer-Encoding', 'quoted-printable']], `${'= '.repeat(5 * MB)}x`),
		['textTooLarge'],
	],
	[
		'a daticert of 20 MB',
		() => writeReceipt('accettazione', `${writeDaticert()}${' '.repeat(20 * MB)}`),
		['daticertMissing', 'daticertTooLarge'],
	],
	[
		'a daticert of 100,000 levels',
		() => writeReceipt('accettazione', '<postacert>'.repeat(40_000)),
		['daticertMissing', 'daticertUnreadable'],
	],
	[
		'an entity bomb',
		() =>
			writeReceipt(
				'accettazione',
				writeDaticert({ tipo: 'accettazione', oggetto: 'X' })
					.replace(
						'?>',
						`?><!DOCTYPE p [<!ENTITY e0 "aaaaaaaaaa">${Array.from(
							{ length: 30 },
							(_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`,
						).join('')}]>`,
					)
					.replace('<oggetto>X', '<oggetto>&e30;'),
			),
		['daticertDamaged'],
	],
	[
		'a thousand daticerts',
		() =>
			writeReceipt(
				'accettazione',
				{},
				{ parts: Array.from({ length: 1000 }, () => daticertPart(writeDaticert())) },
			),
		['daticertRepeated'],
	],
];

describe('a hostile message', () => {
	it.each(HOSTILE)('is read quickly: %s', async (_, write, findings) => {
		const raw = write();
		const start = performance.now();
		const message = await read(raw);
		expect(performance.now() - start).toBeLessThan(QUICKLY);
		expect(message.size).toBe(raw.length);
		expect(message.findings.map(({ code }) => code)).toEqual(findings);
	});
});

describe('any bytes', () => {
	const seeds = [
		writeReceipt(
			'avvenuta-consegna',
			{ consegna: RECIPIENT, ricevuta: 'completa' },
			{ parts: [postacertPart(writeOrdinary())] },
		),
		writeEnvelope(mixed(writeMultipart('b', [daticertPart(writeDaticert())]))),
		writeOrdinary([['Content-Type', 'text/plain; charset=utf-8; format=flowed']]),
	];

	it('give a message of that size', async () => {
		await fc.assert(
			fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
				const message = await read(bytes);
				expect(message.size).toBe(bytes.length);
				expect(message.verified).toBe(false);
				expect(message.kind === 'receipt').toBe(message.receipt !== undefined);
			}),
			{ numRuns: 500 },
		);
	});

	it('of a message cut, patched and mixed give a message that is not the reader failing', async () => {
		const edit = fc.record({
			seed: fc.nat({ max: seeds.length - 1 }),
			at: fc.nat({ max: 3000 }),
			remove: fc.nat({ max: 200 }),
			insert: fc.oneof(
				fc.uint8Array({ maxLength: 20 }),
				fc
					.constantFrom(
						'\r\n',
						'\n\n',
						'--',
						'=?',
						'"',
						'<',
						'&',
						'X-Ricevuta: accettazione\r\n',
						'Content-Type: ',
					)
					.map((text) => Buffer.from(text)),
			),
		});
		await fc.assert(
			fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 5 }), async (edits) => {
				let raw = seeds[edits[0]?.seed ?? 0] ?? Buffer.alloc(0);
				for (const { at, remove, insert } of edits) {
					raw = Buffer.concat([raw.subarray(0, at), insert, raw.subarray(at + remove)]);
				}
				const message = await read(raw);
				expect(message.findings.map(({ code }) => code)).not.toContain('readerFailed');
				expect(() => JSON.stringify(message.envelope)).not.toThrow();
			}),
			{ numRuns: 500 },
		);
	});

	it('given as headers and certification data are judged without an exception', () => {
		fc.assert(
			fc.property(
				fc.uint8Array({ maxLength: 200 }),
				fc.uint8Array({ maxLength: 200 }),
				(tail, data) => {
					const block = Buffer.concat([Buffer.from('X-Ricevuta: accettazione\r\n'), tail]);
					expect(readPecHeaders(block, data).kind).toBe('receipt');
				},
			),
		);
	});

	it('that a library cannot bear give an unreadable message with its identity', async () => {
		vi.resetModules();
		vi.doMock('libmime', () => ({
			default: {
				parseHeaderValue: () => {
					throw new RangeError('Cannot create a string longer than 0x1fffffe8 characters');
				},
			},
		}));
		try {
			const { readPecMessage: readWithout } = await import('../../nodes/pec/message.ts');
			const raw = writeReceipt('accettazione');
			const message = await readWithout(raw, OPTIONS);
			const { pecKey, sha256, size } = await read(raw);
			expect(message).toMatchObject({
				kind: 'unreadable',
				pecKey,
				sha256,
				size,
				consistent: false,
			});
			expect(message.findings.map(({ code }) => code)).toEqual(['readerFailed']);
		} finally {
			vi.doUnmock('libmime');
			vi.resetModules();
		}
	});
});
