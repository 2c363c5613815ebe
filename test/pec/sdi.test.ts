import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPecMessage } from '../../nodes/pec/message.ts';
import { sdiOf } from '../../nodes/pec/sdi.ts';
import type { PecMessage } from '../../nodes/pec/types.ts';
import {
	daticertPart,
	ORIGINAL_ID,
	postacertPart,
	RECIPIENT,
	SENDER,
	TEXT_PART,
	writeDaticert,
	writeEnvelope,
	writeMultipart,
	writePart,
	writeProviderMessage,
	writeReceipt,
} from './pecWriter.ts';

const OPTIONS = { trust: { issuers: [] }, now: new Date('2026-03-01T00:00:00Z') };
const EXCHANGE = 'sdi03@pec.fatturapa.it';
const INVOICE = 'IT01234567890_00001';

const sdiIn = async (raw: Buffer) => (await readPecMessage(raw, OPTIONS)).sdi;

interface Letter {
	readonly from?: string;
	readonly to?: string;
	readonly files: readonly string[];
}

function letter({ from = SENDER, to = RECIPIENT, files }: Letter): Buffer {
	const parts = files.map((name) => ({
		headers: [
			['Content-Type', 'application/octet-stream'],
			['Content-Disposition', `attachment; filename="${name}"`],
		] as const,
		body: '<a/>',
	}));
	return writePart({
		headers: [
			['From', from],
			['To', to],
			['Subject', 'Invio File'],
			['Message-ID', ORIGINAL_ID],
			['Content-Type', 'multipart/mixed; boundary=letter'],
		],
		body: writeMultipart('letter', [TEXT_PART, ...parts]),
	});
}

function envelope(written: Letter, mittente: string | null = written.from ?? SENDER): Buffer {
	const destinatari = [{ address: written.to ?? RECIPIENT }];
	const daticert = writeDaticert({
		tipo: 'posta-certificata',
		mittente: mittente ?? '',
		destinatari,
	});
	return writeEnvelope(letter(written), [
		TEXT_PART,
		...(mittente === null ? [] : [daticertPart(daticert)]),
		postacertPart(letter(written)),
	]);
}

function delivery(written: Letter, ricevuta: string): Buffer {
	return writeReceipt(
		'avvenuta-consegna',
		{
			mittente: written.from ?? SENDER,
			destinatari: [{ address: written.to ?? RECIPIENT }],
			ricevuta,
			consegna: written.to ?? RECIPIENT,
		},
		{ parts: [postacertPart(letter(written))] },
	);
}

describe('a message from the invoice exchange', () => {
	it.each(['RC', 'NS', 'MC', 'NE', 'MT', 'SE', 'DT', 'AT'])(
		'is told by its message file: %s',
		async (type) => {
			const fileName = `${INVOICE}_${type}_001.xml`;
			expect(await sdiIn(envelope({ from: EXCHANGE, files: ['a.pdf', fileName] }))).toEqual({
				type,
				fileName,
			});
		},
	);

	it('that hands over an invoice is told by the data that go with it', async () => {
		const files = [`${INVOICE}.xml.p7m`, `${INVOICE}_MT_002.xml`];
		expect(await sdiIn(envelope({ from: EXCHANGE, files }))).toEqual({
			type: 'MT',
			fileName: files[1],
		});
	});

	it('is told by the original where the certification data are missing', async () => {
		const files = [`${INVOICE}_MC_001.xml`];
		const { sdi, consistent } = await readPecMessage(
			envelope({ from: EXCHANGE, files }, null),
			OPTIONS,
		);
		expect({ sdi, consistent }).toEqual({
			sdi: { type: 'MC', fileName: files[0] },
			consistent: false,
		});
	});

	it('is not told by what the original says against the certification data', async () => {
		const files = [`${INVOICE}_RC_001.xml`];
		expect(await sdiIn(envelope({ from: EXCHANGE, files }, SENDER))).toBeUndefined();
	});

	it.each([
		'sdi03@pec.fatturapa.it.example',
		'sdi03@x.pec.fatturapa.it',
		'sdi03@fatturapa.it',
		'sdi03@xpec.fatturapa.it',
		'"sdi03@pec.fatturapa.it" <a@pec.example>',
		'"a@pec.fatturapa.it"@pec.example',
		'pec.fatturapa.it',
	])('does not come from %s', async (from) => {
		const files = [`${INVOICE}_RC_001.xml`];
		expect(await sdiIn(envelope({ from, files }))).toBeUndefined();
		expect(await sdiIn(envelope({ from, files }, null))).toBeUndefined();
	});

	it('comes from its domain in capital letters as well', async () => {
		const files = [`${INVOICE}_RC_001.xml`];
		expect(await sdiIn(envelope({ from: 'SDI03@PEC.FatturaPA.it', files }))).toBeDefined();
	});

	it('does not come as ordinary mail, nor in an anomaly envelope', async () => {
		const written = letter({ from: EXCHANGE, files: [`${INVOICE}_RC_001.xml`] });
		expect(await sdiIn(written)).toBeUndefined();
		const anomaly = writeProviderMessage(
			[
				['From', `"Per conto di: ${EXCHANGE}" <posta-certificata@pec.provider.example>`],
				['X-Trasporto', 'errore'],
			],
			[TEXT_PART, postacertPart(written)],
		);
		const { kind, original, sdi } = await readPecMessage(anomaly, OPTIONS);
		expect(kind).toBe('anomalyEnvelope');
		expect(original?.attachments).toHaveLength(1);
		expect(sdi).toBeUndefined();
	});
});

describe('a message to the invoice exchange', () => {
	it.each([
		[`${INVOICE}.xml`, 'invoice'],
		[`${INVOICE}.xml.p7m`, 'invoice'],
		[`${INVOICE}.zip`, 'archive'],
		[`${INVOICE}_EC_01.xml`, 'EC'],
	])(
		'is known by %s, in the sent copy and in the delivery receipts: %s',
		async (fileName, type) => {
			const written = { to: EXCHANGE, files: ['nota.pdf', fileName] };
			const sdi = { type, fileName };
			expect(await sdiIn(letter(written))).toEqual(sdi);
			expect(await sdiIn(envelope(written))).toEqual(sdi);
			expect(await sdiIn(delivery(written, 'completa'))).toEqual(sdi);
			const hashed = { to: EXCHANGE, files: ['nota.pdf.hash', `${fileName}.hash`] };
			expect(await sdiIn(delivery(hashed, 'breve'))).toEqual(sdi);
			expect(await sdiIn(delivery(hashed, 'completa'))).toBeUndefined();
			expect(await sdiIn(delivery({ ...written, files: [] }, 'sintetica'))).toBeUndefined();
		},
	);

	it('is known by a copy that was sent there', async () => {
		const files = [`${INVOICE}.xml`];
		const copied = letter({ to: `${RECIPIENT}\r\nCc: Fatture <${EXCHANGE}>`, files });
		expect(await sdiIn(copied)).toEqual({ type: 'invoice', fileName: files[0] });
	});

	it('does not pass for one of the notices that only the exchange writes', async () => {
		expect(await sdiIn(letter({ to: EXCHANGE, files: [`${INVOICE}_NS_001.xml`] }))).toBeUndefined();
		expect(
			await sdiIn(envelope({ to: EXCHANGE, files: [`${INVOICE}_RC_001.xml`, `${INVOICE}.xml`] })),
		).toEqual({ type: 'invoice', fileName: `${INVOICE}.xml` });
		expect(
			await sdiIn(envelope({ from: EXCHANGE, files: [`${INVOICE}_EC_001.xml`] })),
		).toBeUndefined();
	});
});

it('an invoice that two companies send each other is no traffic of the exchange', async () => {
	expect(await sdiIn(envelope({ files: [`${INVOICE}.xml`] }))).toBeUndefined();
});

const from = (fileName: string) =>
	sdiOf({
		kind: 'transportEnvelope',
		certification: { sender: EXCHANGE, recipients: [], receivedBy: [] },
		original: { attachments: [{ fileName }] } as unknown as PecMessage['original'],
	})?.type;

describe('the name of a file', () => {
	it.each<[string, string | undefined]>([
		['IT99999999999_00002.xml.p7m', 'invoice'],
		['ITAAABBB99T99X999W_00001.xml', 'invoice'],
		['FR12345678910_00003.xml', 'invoice'],
		['it01234567890_aZ9.XML.P7M', 'invoice'],
		['DE12_1.zip', 'archive'],
		['FRABCDEFGHIJKLMNOPQRSTUVWXYZ12_00001.xml.p7m', 'invoice'],
		['FRABCDEFGHIJKLMNOPQRSTUVWXYZ12_00001_NE_A.xml', 'NE'],
		['IT01234567890_00001_RC_001.xml', 'RC'],
		['it01234567890_00001_rc_001.XML', 'RC'],
		['fattura_di_marzo_NS_001.xml', 'NS'],
		['fattura_di_marzo_RC_001.xml', undefined],
		[`${'x'.repeat(36)}_NS_001.xml`, 'NS'],
		[`${'x'.repeat(37)}_NS_001.xml`, undefined],
		['IT0123456789_00001.xml', undefined],
		['ITAAABBB99T99X999WX_00001.xml', undefined],
		['FR1_00001.xml', undefined],
		['FRABCDEFGHIJKLMNOPQRSTUVWXYZ123_00001.xml', undefined],
		['I101234567890_00001.xml', undefined],
		['IT01234567890_000001.xml', undefined],
		['IT01234567890_.xml', undefined],
		['IT01234567890-00001.xml', undefined],
		['IT01234567890_00001.pdf', undefined],
		['IT01234567890_00001.zip.p7m', undefined],
		['IT01234567890_00001.p7m', undefined],
		['IT01234567890_00001 (1).xml', undefined],
		['IT01234567890_00001.xml.exe', undefined],
		['x IT01234567890_00001.xml', undefined],
		['IT01234567890_00001_XX_001.xml', undefined],
		['IT01234567890_00001_RC_0001.xml', undefined],
		['IT01234567890_00001_RC_.xml', undefined],
		['IT01234567890_00001_RC_001.xml.p7m', undefined],
		['IT01234567890_00001_invoice_001.xml', undefined],
		['IT01234567890_00001_RC_001_NS_001.xml', 'NS'],
	])('%s says: %s', (fileName, type) => {
		expect(from(fileName)).toBe(type);
	});

	it('may be anything, of any length', () => {
		const word = fc.constantFrom(
			INVOICE,
			'IT',
			'_',
			'RC',
			'NS',
			'_001',
			'.xml',
			'.p7m',
			'.zip',
			'x',
		);
		fc.assert(
			fc.property(fc.array(word, { maxLength: 12 }), (words) => {
				expect([undefined, 'RC', 'NS', 'invoice', 'archive']).toContain(from(words.join('')));
			}),
		);
		for (const name of ['_RC', '_NS_001.xml', 'IT0', 'A', '.xml']) {
			expect(from(name.repeat(1_000_000))).toBeUndefined();
		}
	});
});

const folder = process.env.PEC_SAMPLES_DIR;
const why = folder ? '' : ' (skipped: PEC_SAMPLES_DIR names no folder with real messages)';

describe.skipIf(!folder)(`real messages${why}`, () => {
	it.each([
		['sdi/broken-xml-edited.eml', 'MT'],
		['sdi/no-daticert-edited.eml', 'MC'],
		['sdi/sdi-receipt-edited.eml', 'RC'],
		// An invoice, but sent from one company to another.
		['aruba-2018/delivery-complete.eml', undefined],
		['aruba-2014/envelope-1.eml', undefined],
	])('%s: %s', async (file, type) => {
		expect((await sdiIn(readFileSync(path.join(folder ?? '', file))))?.type).toBe(type);
	});
});
