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

const mixed = (body: string | Buffer) =>
	writeOrdinary([['Content-Type', 'multipart/mixed; boundary=b']], body);

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
			const raw = writeOrdinary([['Content-Type', 'text/plain (nothing plain)']]);
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
