import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { messagesIn } from '../../nodes/pec/messageFile.ts';
import type { FileOutcome } from '../../nodes/pec/messageFile.ts';
import { unpackBudget } from '../../nodes/pec/zip.ts';
import { SigningDesk } from './signedFiles.ts';
import { writeZip } from './zipWriter.ts';

const desk = new SigningDesk();
afterAll(() => desk.close());

const MAIL = Buffer.from('From: a@pec.example\r\nSubject: ciao\r\n\r\ntesto\r\n');
const PDF = Buffer.from('%PDF-1.7\n%âãÏÓ\n');
const FROM_LINE = 'From a@pec.example Mon Feb  2 00:30:12 2026\n';

async function read(bytes: Buffer, name = 'file'): Promise<FileOutcome[]> {
	const outcomes: FileOutcome[] = [];
	for await (const outcome of messagesIn(bytes, name)) outcomes.push(outcome);
	return outcomes;
}

function compoundFile(inside: string): Buffer {
	return Buffer.concat([
		Buffer.from('d0cf11e0a1b11ae1', 'hex'),
		Buffer.alloc(600),
		Buffer.from(inside, 'utf16le'),
	]);
}

describe('messagesIn', () => {
	it.each(['messaggio.eml', 'messaggio.pdf', 'messaggio'])(
		'takes a message for one by its bytes, whatever its name (%s)',
		async (name) => {
			expect(await read(MAIL, name)).toEqual([{ place: { name }, raw: MAIL }]);
		},
	);

	it.each([
		['nothing', Buffer.alloc(0)],
		['random bytes', createHash('sha512').update('x').digest()],
		['a text', Buffer.from('Gentile cliente,\nle scriviamo…')],
		['a header without a body', Buffer.from('Subject: x')],
		['one message after a From line', Buffer.concat([Buffer.from(FROM_LINE), MAIL])],
		['a message that quotes a From line', Buffer.concat([MAIL, Buffer.from(`\n${FROM_LINE}`)])],
		['a few bytes of a ZIP', Buffer.from('PK')],
	])('leaves %s to the reader, which takes any bytes', async (_, bytes) => {
		expect(await read(bytes)).toEqual([{ place: { name: 'file' }, raw: bytes }]);
	});

	it.each([
		['pdf', PDF],
		['outlookMessage', compoundFile('__nameid_version1.0')],
		['office', compoundFile('WordDocument')],
		['office', writeZip([{ name: '[Content_Types].xml', content: '<Types/>' }])],
		['office', writeZip([{ name: 'mimetype', content: 'application/vnd.oasis…', stored: true }])],
		['mbox', Buffer.from(`${FROM_LINE}${MAIL}\n${FROM_LINE}${MAIL}`)],
		['webPage', Buffer.from('\ufeff\r\n<!DOCTYPE html>\n<html><body>Accedi</body></html>')],
		['webPage', Buffer.from('<?xml version="1.0"?><html xmlns="…">')],
		['xml', Buffer.from('<?xml version="1.0" encoding="UTF-8"?><postacert/>')],
		['json', Buffer.from('{"subject": "x"}')],
		['otherArchive', Buffer.from('526172211a0700', 'hex')],
		['systemFile', Buffer.from('0000000142756431000010', 'hex')],
		['image', Buffer.from('89504e470d0a1a0a00', 'hex')],
	])('tells %s for what it is', async (problem, bytes) => {
		expect(await read(bytes, 'x.eml')).toEqual([{ place: { name: 'x.eml' }, problem }]);
	});

	it('gives every entry of a ZIP, those that are no messages too', async () => {
		const zip = writeZip([
			{ name: '2026/gennaio/uno.eml', content: MAIL },
			{ name: '2026/indice.pdf', content: PDF },
			{ name: '2026/due', content: 'x' },
		]);
		const place = { archive: 'anno.zip' };
		expect(await read(zip, 'anno.zip')).toEqual([
			{ place: { ...place, name: 'uno.eml', path: '2026/gennaio/uno.eml', entry: 1 }, raw: MAIL },
			{
				place: { ...place, name: 'indice.pdf', path: '2026/indice.pdf', entry: 2 },
				problem: 'pdf',
			},
			{ place: { ...place, name: 'due', path: '2026/due', entry: 3 }, raw: Buffer.from('x') },
		]);
	});

	it('opens a ZIP in a ZIP, and tells one that is deeper', async () => {
		const deepest = writeZip([{ name: 'tre.eml', content: MAIL }]);
		const inner = writeZip([
			{ name: '../due.eml', content: MAIL },
			{ name: 'giorno.zip', content: deepest },
		]);
		const outer = writeZip([{ name: 'mesi/gennaio.zip', content: inner }]);
		expect(await read(outer, 'anno.zip')).toMatchObject([
			{
				place: {
					name: 'due.eml',
					archive: 'anno.zip',
					path: 'mesi/gennaio.zip/due.eml',
					wirePath: 'mesi/gennaio.zip/../due.eml',
				},
				raw: MAIL,
			},
			{ place: { path: 'mesi/gennaio.zip/giorno.zip' }, problem: 'archivesNested' },
		]);
	});

	it('counts what archives in archives unpack to together', async () => {
		const zeros = { name: 'a', content: Buffer.alloc(1000, 'x') };
		const inner = writeZip([zeros]);
		const outer = writeZip(['a.zip', 'b.zip'].map((name) => ({ name, content: inner })));
		const budget = { ...unpackBudget(0), bytes: 2 * inner.length + 1500 };
		const outcomes: FileOutcome[] = [];
		for await (const one of messagesIn(outer, 'x.zip', budget)) outcomes.push(one);
		expect(outcomes).toMatchObject([
			{ raw: expect.any(Buffer) },
			{ place: { path: 'b.zip/a' }, problem: 'bomb' },
		]);
	});

	it('tells a ZIP without files, and one that is cut', async () => {
		const zip = writeZip([{ name: 'a.eml', content: MAIL }]);
		expect(await read(writeZip([]))).toEqual([
			{ place: { name: 'file' }, problem: 'emptyArchive' },
		]);
		expect(await read(zip.subarray(0, -30))).toEqual([
			{ place: { name: 'file' }, problem: 'damaged' },
		]);
	});

	it('takes a message out of a signed file, and does not say the signature holds', async () => {
		const signed = desk.sign(MAIL, { signers: ['Mario Rossi'] });
		expect(await read(signed, 'pec.eml.p7m')).toEqual([
			{
				place: {
					name: 'pec.eml',
					signedFile: {
						fileName: 'pec.eml.p7m',
						size: signed.length,
						sha256: createHash('sha256').update(signed).digest('hex'),
						signedBy: ['Mario Rossi'],
						signatureVerified: false,
					},
				},
				raw: MAIL,
			},
		]);
	});

	it('tells what is no message inside a signed file, a signature alone, and a damaged one', async () => {
		const signed = desk.sign(PDF, { signers: ['Mario Rossi'] });
		const detached = desk.signature(MAIL, 'Mario Rossi');
		expect(await read(signed, 'a.pdf.p7m')).toMatchObject([
			{ place: { name: 'a.pdf', signedFile: { fileName: 'a.pdf.p7m' } }, problem: 'pdf' },
		]);
		expect(await read(detached)).toMatchObject([{ problem: 'signatureOnly' }]);
		expect(await read(signed.subarray(0, 60))).toMatchObject([{ problem: 'signedFileDamaged' }]);
	});

	it('opens a ZIP inside a signed file', async () => {
		const zip = writeZip([{ name: 'a.eml', content: MAIL }]);
		const signed = desk.sign(zip, { signers: ['Mario Rossi'] });
		expect(await read(signed, 'anno.zip.p7m')).toEqual([
			{ place: { name: 'a.eml', archive: 'anno.zip', path: 'a.eml', entry: 1 }, raw: MAIL },
		]);
	});

	it('gives at least one outcome for any bytes, whatever they seem to be', async () => {
		const signed = desk.sign(writeZip([{ name: 'a.eml', content: MAIL }]), { signers: ['X'] });
		const beginnings = [signed, compoundFile(''), PDF, Buffer.from(FROM_LINE), Buffer.alloc(0)];
		const bytes = fc.tuple(fc.constantFrom(...beginnings), fc.nat(200), fc.uint8Array());
		await fc.assert(
			fc.asyncProperty(bytes, async ([beginning, length, rest]) => {
				const outcomes = await read(Buffer.concat([beginning.subarray(0, length), rest]));
				expect(outcomes.length).toBeGreaterThan(0);
			}),
			{ numRuns: 1000 },
		);
	});
});
