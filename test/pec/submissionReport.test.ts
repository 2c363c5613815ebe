import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashIn, readMappedReport, readParerReport } from '../../nodes/pec/submissionReport.ts';
import { parerAnswer, parerReport } from './parerReports.ts';
import { SCHEMAS_MISSING, validate } from './schemas.ts';

const digest = (text: string, algorithm = 'sha256') =>
	createHash(algorithm).update(text).digest('hex');
const [ONE, TWO] = [digest('one'), digest('two')];
const mapping = {
	hashField: 'impronta',
	outcomeField: 'esito',
	acceptedValues: ['OK', ' accettato '],
};

describe('a report of ParER', () => {
	it('tells which hashes the service computed, and that all were taken', () => {
		const base64 = Buffer.from(TWO, 'hex').toString('base64');
		const report = parerReport([{ hash: ONE.toUpperCase() }, { hash: base64, encoding: 'base64' }]);
		expect(readParerReport(report)).toEqual({
			id: 'urn:rdv:1',
			at: '2026-04-01T10:00:00Z',
			accepted: true,
			files: [
				{ hash: ONE, accepted: true },
				{ hash: TWO, accepted: true },
			],
		});
	});

	it.each([
		['WARNING', true],
		['NEGATIVO', false],
		['ALTRO', false],
	])('that says %s as a whole is taken: %s', (outcome, accepted) => {
		expect(readParerReport(parerReport([{ hash: ONE }], { outcome }))).toMatchObject({ accepted });
	});

	it('may refuse one file, or all of a document', () => {
		const components = [
			{ hash: ONE, outcome: 'POSITIVO' },
			{ hash: TWO, outcome: 'NEGATIVO' },
		];
		const accepted = (bytes: Buffer) => readParerReport(bytes)?.files.map((file) => file.accepted);
		expect(accepted(parerAnswer(components))).toEqual([true, false]);
		expect(accepted(parerAnswer(components, { document: 'NEGATIVO' }))).toEqual([false, false]);
	});

	it('is none when it is cut off, or something else', () => {
		const report = parerReport([{ hash: ONE }]);
		expect(readParerReport(report.subarray(0, -20))).toBeUndefined();
		expect(readParerReport(Buffer.from('<html>502 Bad Gateway</html>'))).toBeUndefined();
		expect(readParerReport(Buffer.alloc(0))).toBeUndefined();
	});

	it.skipIf(SCHEMAS_MISSING !== '')(`of these tests is one by its schema${SCHEMAS_MISSING}`, () => {
		validate(parerReport([{ hash: ONE }]), 'ParER-WSResponseVersamento.xsd');
		validate(parerAnswer([{ hash: ONE, outcome: 'NEGATIVO' }]), 'ParER-WSResponseVersamento.xsd');
	});
});

describe('a report of another service', () => {
	const files = [
		{ hash: ONE, accepted: true },
		{ hash: TWO, accepted: false },
	];

	it.each([
		['CSV with semicolons', `\ufefffile;impronta;esito\r\na;${ONE};Ok\r\nb;${TWO};KO\r\n`],
		['CSV with commas', `impronta,esito\n${ONE},ACCETTATO\n${TWO},\n`],
		[
			'XML with elements and attributes',
			`<r><f esito="ok"><impronta>${ONE}</impronta></f><x:f xmlns:x="u" impronta="${TWO}"/></r>`,
		],
		[
			'JSON, nested',
			JSON.stringify({ esito: 'OK', list: [{ impronta: ONE }, { impronta: TWO, esito: 'no' }] }),
		],
	])('is read from %s; without an outcome a file counts as refused', (_, text) => {
		expect(readMappedReport(Buffer.from(text), mapping)).toEqual({ accepted: true, files });
	});

	it('is none when it is cut off', () => {
		expect(readMappedReport(Buffer.from(`<r><impronta>${ONE}`), mapping)).toBeUndefined();
		expect(readMappedReport(Buffer.from('{"impronta"'), mapping)).toBeUndefined();
	});

	it('never throws, and takes nothing that does not say so', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
				const report = readMappedReport(Buffer.from(bytes), mapping);
				expect(report?.files ?? []).toEqual([]);
				expect(readParerReport(Buffer.from(bytes))).toBeUndefined();
			}),
		);
	});

	it.each([
		['SHA-512', digest('x', 'sha512'), digest('x', 'sha512')],
		['SHA-1', digest('x', 'sha1'), undefined],
		['no hash', 'impronta', undefined],
		['too many digits', `${ONE}0`, undefined],
	])('knows %s', (_, text, hash) => {
		expect(hashIn(text)).toBe(hash);
	});
});
