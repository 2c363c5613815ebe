import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { nameWithoutP7m, unwrapP7m } from '../../nodes/pec/p7m.ts';
import { readMime } from '../../nodes/pec/mime.ts';
import { contentOf } from '../../nodes/pec/content.ts';
import { withoutOpenssl } from '../sandbox/pecOpenssl.ts';
import { ber, SigningDesk, writeSignedFile } from './signedFiles.ts';
import type { LengthForm } from './signedFiles.ts';

const MB = 1024 * 1024;
const INVOICE = Buffer.from('<?xml version="1.0"?>\r\n<p:FatturaElettronica/>\n');

const contentIn = (file: Uint8Array) => unwrapP7m(file).content;
const armoured = (file: Buffer, label: string, lineEnd: string) =>
	Buffer.from(
		`-----BEGIN ${label}-----${lineEnd}${file
			.toString('base64')
			.replace(/(.{64})/g, `$1${lineEnd}`)}${lineEnd}-----END ${label}-----${lineEnd}`,
	);

describe.skipIf(withoutOpenssl)('a file signed by openssl', () => {
	const desk = new SigningDesk();
	afterAll(() => desk.close());
	const large = randomBytes(5 * MB);

	it.each<[string, Buffer, readonly string[]]>([
		['DER', INVOICE, ['-outform', 'DER']],
		['BER, streamed', INVOICE, ['-outform', 'DER', '-stream']],
		['PEM', INVOICE, ['-outform', 'PEM']],
		['PEM, streamed', INVOICE, ['-outform', 'PEM', '-stream']],
		['5 MB in DER', large, ['-outform', 'DER']],
		['5 MB in BER, streamed', large, ['-outform', 'DER', '-stream']],
		['5 MB in PEM', large, ['-outform', 'PEM']],
		['without certificates', INVOICE, ['-outform', 'DER', '-nocerts']],
		['its key named by identifier', INVOICE, ['-outform', 'DER', '-keyid']],
		['without attributes', INVOICE, ['-outform', 'DER', '-noattr']],
		['CAdES', INVOICE, ['-outform', 'DER', '-cades']],
	])('is unwrapped to its very bytes: %s', (_, content, form) => {
		const unwrapped = unwrapP7m(desk.sign(content, { signers: ['Mario Rossi'], form }));
		// Vitest's own comparison of 5 MB takes half a minute.
		expect(unwrapped.content?.equals(content)).toBe(true);
		expect({ ...unwrapped, content: undefined }).toEqual({
			depth: 1,
			signedBy: form.includes('-nocerts') ? undefined : ['Mario Rossi'],
		});
	});

	it('names all who signed it, in their own letters', () => {
		const signers = ['Niccolò Forlì', 'Anna Bianchi'];
		const unwrapped = unwrapP7m(desk.sign(INVOICE, { signers }));
		expect(new Set('signedBy' in unwrapped ? unwrapped.signedBy : [])).toEqual(new Set(signers));
	});

	it('leaves out a signer whose certificate has no name', () => {
		expect(unwrapP7m(desk.sign(INVOICE, { signers: [''] }))).toEqual({
			content: INVOICE,
			depth: 1,
		});
	});

	it('is unwrapped to the innermost content when it was signed again, in any form', () => {
		const first = desk.sign(INVOICE, { signers: ['Anna Bianchi'], form: ['-outform', 'PEM'] });
		const second = desk.sign(first, { signers: ['Mario Rossi'] });
		const third = desk.sign(second, {
			signers: ['Anna Bianchi'],
			form: ['-outform', 'DER', '-stream'],
		});
		expect(unwrapP7m(third)).toEqual({
			content: INVOICE,
			depth: 3,
			signedBy: ['Anna Bianchi', 'Mario Rossi'],
		});
	});

	it('keeps a detached signature that was itself signed', () => {
		const signature = desk.signature(INVOICE, 'Mario Rossi');
		expect(unwrapP7m(signature)).toEqual({ reason: 'detached' });
		expect(contentIn(desk.sign(signature, { signers: ['Anna Bianchi'] }))).toEqual(signature);
	});

	it('is never given in part when it was cut', () => {
		for (const form of [[], ['-stream']]) {
			const file = desk.sign(INVOICE, {
				signers: ['Mario Rossi'],
				form: ['-outform', 'DER', ...form],
			});
			// The last of a streamed file are the ends of what is open.
			for (let length = 16; length < file.length - 8; length += 1) {
				expect(unwrapP7m(file.subarray(0, length))).toEqual({ reason: 'damaged' });
			}
		}
	});
});

const FORMS: readonly LengthForm[] = ['definite', 'long', 'indefinite'];

describe('a signed file', () => {
	it.each(FORMS)('is unwrapped with lengths of every form: %s', (form) => {
		expect(unwrapP7m(writeSignedFile(ber(0x04, INVOICE), form))).toEqual({
			content: INVOICE,
			depth: 1,
		});
	});

	it('gives its content without copying it', () => {
		const file = writeSignedFile(ber(0x04, Buffer.alloc(50 * MB, 'x')));
		const content = contentIn(file);
		expect(content?.length).toBe(50 * MB);
		expect(content?.buffer === file.buffer).toBe(true);
	});

	it('gives what its octet strings hold, however they are cut into pieces', () => {
		const pieces = fc.letrec<{ string: { content: Buffer; octets: Buffer } }>((tie) => ({
			string: fc.oneof(
				{ maxDepth: 4 },
				fc.uint8Array({ maxLength: 300 }).map((bytes) => {
					const content = Buffer.from(bytes);
					return { content, octets: ber(0x04, content) };
				}),
				fc
					.tuple(fc.array(tie('string'), { maxLength: 4 }), fc.constantFrom(...FORMS))
					.map(([parts, form]) => ({
						content: Buffer.concat(parts.map(({ content }) => content)),
						octets: ber(0x24, Buffer.concat(parts.map(({ octets }) => octets)), form),
					})),
			),
		})).string;
		fc.assert(
			fc.property(pieces, fc.constantFrom(...FORMS), ({ content, octets }, form) => {
				expect(contentIn(writeSignedFile(octets, form))).toEqual(content);
			}),
		);
	});

	const file = writeSignedFile(ber(0x04, INVOICE));
	it.each<[string, Buffer]>([
		['one line', Buffer.from(file.toString('base64'))],
		['lines of 76', Buffer.from(file.toString('base64').replace(/(.{76})/g, '$1\r\n'))],
		['lines of one', Buffer.from(file.toString('base64').replace(/(.)/g, '$1\n'))],
		['after a byte order mark', Buffer.from(`\ufeff${file.toString('base64')}`)],
		['armour after a byte order mark', Buffer.from(`\ufeff${armoured(file, 'CMS', '\n')}`)],
		['after empty lines', Buffer.from(`\r\n \n${file.toString('base64')}\n`)],
		['PKCS7 armour', armoured(file, 'PKCS7', '\n')],
		['CMS armour', armoured(file, 'CMS', '\r\n')],
		['old Macintosh lines', armoured(file, 'PKCS7', '\r')],
		[
			'armour without an end',
			armoured(file, 'CMS', '\n').subarray(0, -'-----END CMS-----\n'.length),
		],
	])('in base64 is unwrapped: %s', (_, text) => {
		expect(contentIn(text)).toEqual(INVOICE);
	});

	it('may be padded, and may hold nothing', () => {
		expect(contentIn(Buffer.concat([file, Buffer.alloc(100)]))).toEqual(INVOICE);
		expect(contentIn(writeSignedFile(ber(0x04, Buffer.alloc(0))))).toEqual(Buffer.alloc(0));
	});

	it.each<[string, Buffer, string]>([
		['nothing', Buffer.alloc(0), 'notSignedData'],
		['a text', Buffer.from('MIIMessaggio'), 'notSignedData'],
		['a PDF', Buffer.from('%PDF-1.7\n'), 'notSignedData'],
		['XML', INVOICE, 'notSignedData'],
		['another ContentInfo', Buffer.from('300b06092a864886f70d010703', 'hex'), 'notSignedData'],
		['a signature alone', writeSignedFile(undefined), 'detached'],
		['a content that is no octet string', writeSignedFile(ber(0x30, INVOICE)), 'damaged'],
		['a piece that is no octet string', writeSignedFile(ber(0x24, ber(0x0c, INVOICE))), 'damaged'],
		[
			'a content that reaches into what follows',
			writeSignedFile(Buffer.concat([Buffer.from([0x04, INVOICE.length + 2]), INVOICE])),
			'damaged',
		],
		[
			'a content without the list of signers',
			writeSignedFile(ber(0x04, INVOICE), 'definite', { signerInfos: false }),
			'damaged',
		],
		[
			'pieces in pieces in pieces without end',
			writeSignedFile(
				Array.from({ length: 20 }).reduce<Buffer>(
					(inner) => ber(0x24, inner, 'indefinite'),
					ber(0x04, INVOICE),
				),
			),
			'damaged',
		],
	])('is not made of %s', (_, bytes, reason) => {
		expect(unwrapP7m(bytes)).toEqual({ reason });
	});

	it('is opened ten times over, not eleven', () => {
		const signed = (times: number) =>
			Array.from({ length: times }).reduce<Buffer>(
				(inner) => writeSignedFile(ber(0x04, inner)),
				INVOICE,
			);
		expect(unwrapP7m(signed(10))).toEqual({ content: INVOICE, depth: 10 });
		expect(unwrapP7m(signed(11))).toEqual({ reason: 'tooDeep' });
	});

	it('is given up above 256 MB', () => {
		expect(unwrapP7m(Buffer.alloc(256 * MB + 1))).toEqual({ reason: 'tooLarge' });
	});
});

/** Each takes minutes where the reader goes over the same bytes again and again. */
describe('a hostile signed file', () => {
	const head = writeSignedFile(ber(0x04, INVOICE), 'indefinite').subarray(0, 15);
	it.each<[string, () => Buffer, string]>([
		[
			'a million pieces of one byte',
			() => writeSignedFile(ber(0x24, Buffer.alloc(3 * MB, Buffer.from([4, 1, 120])))),
			'x'.repeat(MB),
		],
		[
			'ten million pieces of nothing',
			() => writeSignedFile(ber(0x24, Buffer.alloc(20 * MB, Buffer.from([4, 0])))),
			'damaged',
		],
		[
			'20 MB of opened values',
			() => Buffer.concat([head, Buffer.alloc(20 * MB, '\x30\x80', 'latin1')]),
			'damaged',
		],
		['20 MB of a tag number', () => Buffer.concat([head, Buffer.alloc(20 * MB, 0xff)]), 'damaged'],
		['20 MB of ends', () => Buffer.concat([head, Buffer.alloc(20 * MB)]), 'damaged'],
		[
			'20 MB of base64',
			() => Buffer.from(head.toString('base64') + 'A'.repeat(20 * MB)),
			'damaged',
		],
		['20 MB of armour', () => Buffer.from('-----BEGIN CMS-----\n'.repeat(MB)), 'notSignedData'],
		['20 MB of white space', () => Buffer.alloc(20 * MB, ' '), 'notSignedData'],
	])('is read in one pass: %s', (_, write, expected) => {
		const unwrapped = unwrapP7m(write());
		expect(unwrapped.content ? unwrapped.content.toString() : unwrapped.reason).toBe(expected);
	});

	it('gives an answer whatever its bytes are', () => {
		const seeds = [
			...FORMS.map((form) => writeSignedFile(ber(0x24, ber(0x04, INVOICE), form), form)),
			writeSignedFile(ber(0x04, writeSignedFile(ber(0x04, INVOICE)))),
		];
		const edit = fc.record({
			at: fc.nat({ max: 130 }),
			remove: fc.nat({ max: 5 }),
			insert: fc.uint8Array({ maxLength: 5 }),
		});
		fc.assert(
			fc.property(
				fc.constantFrom(...seeds),
				fc.array(edit, { minLength: 1, maxLength: 4 }),
				(seed, edits) => {
					let file = seed;
					for (const { at, remove, insert } of edits) {
						file = Buffer.concat([file.subarray(0, at), insert, file.subarray(at + remove)]);
					}
					const unwrapped = unwrapP7m(file);
					if (unwrapped.content) expect(unwrapped.content.length).toBeLessThan(file.length);
					else expect(unwrapped.reason).toMatch(/^(?:notSignedData|detached|damaged)$/);
				},
			),
			{ numRuns: 3000 },
		);
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
				expect(unwrapP7m(bytes)).toEqual({ reason: 'notSignedData' });
			}),
		);
	});
});

describe('the name of what was unwrapped', () => {
	it.each<[string, number, string]>([
		['IT01234567890_00001.xml.p7m', 1, 'IT01234567890_00001.xml'],
		['Contratto.pdf.P7M', 1, 'Contratto.pdf'],
		['contratto.pdf.p7m.p7m', 2, 'contratto.pdf'],
		['contratto.pdf.p7m.p7m', 1, 'contratto.pdf.p7m'],
		['contratto.pdf.p7m', 3, 'contratto.pdf'],
		['contratto.pdf', 1, 'contratto.pdf'],
		['.p7m', 1, '.p7m'],
	])('%s, signed %i times, is %s', (fileName, depth, expected) => {
		expect(nameWithoutP7m(fileName, depth)).toBe(expected);
	});
});

const folder = process.env.PEC_SAMPLES_DIR;
const why = folder ? '' : ' (skipped: PEC_SAMPLES_DIR names no folder with real messages)';

describe.skipIf(!folder)(`the signatures of real messages${why}`, () => {
	it.each([
		'aruba-2014/envelope-1.eml',
		'aruba-2018/delivery-complete.eml',
		'sdi/no-daticert-edited.eml',
	])('have no content inside: %s', (file) => {
		const { root } = readMime(readFileSync(join(folder ?? '', file)));
		const signature = root.parts.at(-1);
		expect(signature && unwrapP7m(contentOf(signature))).toEqual({ reason: 'detached' });
	});
});
