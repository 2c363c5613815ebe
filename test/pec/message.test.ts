import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readPecHeaders, readPecMessage } from '../../nodes/pec/message.ts';
import { pecKeyOf } from '../../nodes/pec/pecKey.ts';
import type { Part } from './pecWriter.ts';
import {
	daticertPart,
	ORIGINAL_ID,
	postacertPart,
	RECIPIENT,
	SENDER,
	TEXT_PART,
	withLf,
	writeDaticert,
	writeEnvelope,
	writeMultipart,
	writeOrdinary,
	writePart,
	writeProviderMessage,
	writeReceipt,
	TRUST,
} from './pecWriter.ts';

const OPTIONS = { trust: TRUST, now: new Date('2026-03-01T00:00:00Z') };
const read = (raw: Uint8Array) => readPecMessage(raw, OPTIONS);
const codes = async (raw: Uint8Array) => (await read(raw)).findings.map(({ code }) => code);

const ANOMALY = writeProviderMessage(
	[
		['From', `"Per conto di: x@mail.example" <posta-certificata@pec.provider.example>`],
		['To', RECIPIENT],
		['X-Trasporto', 'errore'],
	],
	[TEXT_PART, postacertPart(writeOrdinary(), [['Content-Type', 'message/rfc822']])],
);

describe('kind of a message', () => {
	const dsn = writeOrdinary([
		['Content-Type', 'multipart/report; report-type="Delivery-Status"; boundary=b'],
	]);
	const evidence = (namespace: string): Part => ({
		headers: [['Content-Type', 'application/xml']],
		body: `<?xml version="1.0"?>\n<ns3:Evidence version="1" xmlns:ns3="${namespace}"><a/></ns3:Evidence>`,
	});
	const rem = (namespace: string) =>
		writeOrdinary(
			[['Content-Type', 'multipart/mixed; boundary=b']],
			writeMultipart('b', [TEXT_PART, evidence(namespace)]),
		);

	it.each([
		['transportEnvelope', writeEnvelope(writeOrdinary())],
		['anomalyEnvelope', ANOMALY],
		['receipt', writeReceipt('accettazione')],
		['deliveryStatus', dsn],
		['rem', rem('http://uri.etsi.org/19522/v1#')],
		['ordinary', rem('http://uri.etsi.org/19522/v2#')],
		['ordinary', writeOrdinary()],
		['ordinary', writeOrdinary([['X-Trasporto', 'posta-certificata-altro']])],
		['ordinary', writeOrdinary([['Subject', 'ACCETTAZIONE: Avviso']])],
		['ordinary', writeOrdinary([['X-Riferimento-Message-ID', ORIGINAL_ID]])],
		['unreadable', Buffer.alloc(0)],
		['unreadable', Buffer.from('\r\nX-Ricevuta: accettazione\r\n\r\n')],
		['unreadable', Buffer.from([0, 255, 10, 254])],
	])('is %s (%#)', async (kind, raw) => {
		const message = await read(raw);
		expect(message.kind).toBe(kind);
		expect(message.receipt === undefined).toBe(kind !== 'receipt');
	});

	it.each([
		[
			'ordinary mail',
			writeOrdinary([['Content-Type', 'message/rfc822']], writeReceipt('accettazione')),
		],
		['an envelope', writeEnvelope(writeReceipt('avvenuta-consegna', { consegna: RECIPIENT }))],
		[
			'an attachment',
			writeOrdinary(
				[['Content-Type', 'multipart/mixed; boundary=b']],
				writeMultipart('b', [
					postacertPart(writeReceipt('accettazione')),
					daticertPart(writeDaticert()),
				]),
			),
		],
	])('is no receipt when a receipt only lies inside %s', async (_, raw) => {
		const message = await read(raw);
		expect(message.kind).not.toBe('receipt');
		expect(message).not.toHaveProperty('receipt');
		expect(message.certification?.type ?? 'transportEnvelope').toBe('transportEnvelope');
	});

	it.each<[string, (raw: string) => string]>([
		['a space before the colon', (raw) => raw.replace('X-Ricevuta:', 'X-Ricevuta :')],
		['a folded value', (raw) => raw.replace('X-Ricevuta: ', 'X-Ricevuta:\r\n\t')],
		[
			'a padded value',
			(raw) => raw.replace('X-Ricevuta: accettazione', 'X-Ricevuta: \t ACCETTAZIONE '),
		],
		['an mbox line in front', (raw) => `From a@b.example Fri Jul  8 12:08:34 2011\r\n${raw}`],
		[
			'an escaped mbox line in front',
			(raw) => `>From a@b.example Fri Jul  8 12:08:34 2011\n${raw}`,
		],
		['a line in front that is no field', (raw) => `hello there\r\n${raw}`],
		['a return path of odd shape', (raw) => `Return-Path\r\n <>\r\nReturn-Path: <>\r\n${raw}`],
	])('is a verified receipt all the same with %s', async (_, change) => {
		const raw = writeReceipt('accettazione').toString('latin1');
		const message = await read(Buffer.from(change(raw), 'latin1'));
		expect(message.receipt?.type).toBe('acceptance');
		expect(message.verified).toBe(true);
	});

	it('is told from the first field on, behind the mark an editor put in front', async () => {
		const raw = Buffer.concat([
			Buffer.from('\ufeffX-Ricevuta: accettazione\r\n'),
			Buffer.from(
				writeReceipt('accettazione').toString('latin1').replace('X-Ricevuta: accettazione\r\n', ''),
				'latin1',
			),
		]);
		expect(await read(raw)).toMatchObject({ kind: 'receipt', verified: true });
	});

	it.each(['accettazione (x)', '"accettazione"', '=?utf-8?Q?accettazione?=', 'accettazione;', ''])(
		'keeps a type that is not to the letter, as unknown: %j',
		async (value) => {
			const raw = writeReceipt('accettazione').toString('latin1');
			const changed = raw.replace('X-Ricevuta: accettazione', `X-Ricevuta: ${value}`);
			const message = await read(Buffer.from(changed, 'latin1'));
			expect(message.receipt).toMatchObject({ type: 'unknown', wireType: value, final: false });
			expect(message.findings.map(({ code }) => code)).toEqual(['receiptTypeUnknown']);
		},
	);

	it('is no receipt when its body says so', async () => {
		expect((await read(writeOrdinary([], 'X-Ricevuta: accettazione\r\n'))).kind).toBe('ordinary');
	});
});

describe('identity of a message', () => {
	it('is its key, digest and size', async () => {
		const raw = writeReceipt('accettazione');
		expect(await read(raw)).toMatchObject({
			pecKey: pecKeyOf(raw, raw.length),
			sha256: createHash('sha256').update(raw).digest('hex'),
			size: raw.length,
		});
	});

	it('is the same for a view into a larger buffer', async () => {
		const raw = writeReceipt('accettazione');
		const padded = Buffer.concat([Buffer.from('XX'), raw, Buffer.from('YY')]);
		const view = new Uint8Array(padded.buffer, padded.byteOffset + 2, raw.length);
		expect(await read(view)).toEqual(await read(raw));
	});
});

describe('certification data', () => {
	const xml = writeDaticert({ tipo: 'posta-certificata' });
	const original = writeOrdinary();

	it.each<[string, Part[]]>([
		['before the original', [TEXT_PART, daticertPart(xml), postacertPart(original)]],
		['after the original', [TEXT_PART, postacertPart(original), daticertPart(xml)]],
		[
			'as attachment, text/xml, not encoded',
			[daticertPart(xml, []), postacertPart(original)].map((part, index) =>
				index === 0
					? {
							headers: [
								['Content-Type', 'text/xml'],
								['Content-Disposition', 'attachment; filename="DatiCert.XML"'],
							] as const,
							body: xml,
						}
					: part,
			),
		],
		[
			'as octets, named in Content-Type only, quoted-printable',
			[
				{
					headers: [
						['Content-Type', 'application/octet-stream; name=daticert.xml'],
						['Content-Transfer-Encoding', 'quoted-printable'],
					],
					body: xml.replace(/=/g, '=3D'),
				},
				postacertPart(original),
			],
		],
		...(
			[
				['under the name of RFC 6109 4.3.3', 'application/xml; name="certdata.xml"'],
				['without a name', 'application/xml'],
				['without a name, text/xml', 'text/xml; charset=iso-8859-1'],
				['as octets under another name', 'application/octet-stream; name=Dati.XML'],
				['with an RFC 2047 name', 'application/xml; name="=?utf-8?Q?daticert=2Exml?="'],
				[
					'with an RFC 2231 name',
					"application/octet-stream; name*0*=utf-8''dati; name*1*=cert.xml",
				],
			] as const
		).map(([title, type]): [string, Part[]] => [
			title,
			[
				TEXT_PART,
				{ headers: [['Content-Type', 'application/xml']], body: '<fattura/>' },
				{ headers: [['Content-Type', type]], body: xml },
				postacertPart(original),
			],
		]),
	])('is found: %s', async (_, parts) => {
		const message = await read(writeEnvelope(original, parts));
		expect(message.certification?.type).toBe('transportEnvelope');
		expect(message.consistent).toBe(true);
		expect(message.original?.subject).toBe('Avviso');
	});

	it('of a message inside is not taken for its own', async () => {
		const inner = writeReceipt('avvenuta-consegna');
		const message = await read(writeEnvelope(inner, [TEXT_PART, postacertPart(inner)]));
		expect(message).not.toHaveProperty('certification');
		expect(message.findings.map(({ code }) => code)).toEqual(['daticertMissing']);
	});

	it('that comes twice is not trusted', async () => {
		const second = daticertPart(
			writeDaticert({ tipo: 'avvenuta-consegna', consegna: 'forged@x.example' }),
		);
		const raw = writeReceipt('avvenuta-consegna', { consegna: RECIPIENT }, { parts: [second] });
		const message = await read(raw);
		expect(message.receipt?.deliveredTo).toBe(RECIPIENT);
		expect(message.consistent).toBe(false);
	});

	it('from headers and data alone says what the whole message says', async () => {
		const raw = writeReceipt('errore-consegna', {
			errore: 'no-dest',
			consegna: RECIPIENT,
			esteso: '5.1.1 - x',
		});
		const whole = await read(raw);
		const { kind, receipt, certification, consistent, findings, envelope } = whole;
		expect(whole.verified).toBe(true);
		const block = raw.subarray(0, raw.indexOf('\r\n\r\n') + 4);
		const data = writeDaticert({
			tipo: 'errore-consegna',
			errore: 'no-dest',
			consegna: RECIPIENT,
			esteso: '5.1.1 - x',
		});
		expect(readPecHeaders(block, Buffer.from(data))).toEqual({
			kind,
			receipt,
			certification,
			consistent,
			verified: false,
			findings,
			envelope,
		});
	});

	it('of the far future is a finding', async () => {
		expect(await codes(writeReceipt('accettazione', { giorno: '01/01/2031' }))).toEqual([
			'signedAtOtherTime',
			'certifiedInFuture',
		]);
	});

	it('is asked of envelopes, not of anomaly envelopes', async () => {
		expect(await codes(writeEnvelope(writeOrdinary(), [postacertPart(writeOrdinary())]))).toEqual([
			'daticertMissing',
		]);
		expect(await codes(ANOMALY)).toEqual([]);
	});
});

describe('original', () => {
	const odd = Buffer.concat([
		writeOrdinary([['Content-Type', 'application/octet-stream']]),
		Buffer.from([0, 13, 10, 32, 32, 13, 10, 255, 13, 10]),
	]);

	it.each<[string, (readonly [string, string])[], (raw: Buffer) => string | Buffer]>([
		[
			'inline',
			[
				['Content-Type', 'message/rfc822; name="postacert.eml"'],
				['Content-Disposition', 'inline'],
			],
			(raw) => raw,
		],
		[
			'base64',
			[
				['Content-Type', 'message/rfc822; name="postacert.eml"'],
				['Content-Transfer-Encoding', 'base64'],
			],
			(raw) => raw.toString('base64'),
		],
		[
			'base64 with a comment',
			[
				['Content-Type', 'message/rfc822; name="postacert.eml"'],
				['Content-Transfer-Encoding', 'Base64 (RFC 2045)'],
			],
			(raw) => raw.toString('base64'),
		],
		[
			'octets in base64',
			[
				['Content-Type', 'application/octet-stream'],
				['Content-Disposition', 'attachment; filename="postacert.eml"'],
				['Content-Transfer-Encoding', 'base64'],
			],
			(raw) => raw.toString('base64'),
		],
	])('comes out byte by byte: %s', async (_, headers, encode) => {
		const daticert = daticertPart(writeDaticert({ tipo: 'posta-certificata' }));
		const raw = writeEnvelope(odd, [daticert, { headers, body: encode(odd) }]);
		expect((await read(raw)).original?.raw.equals(odd)).toBe(true);
	});

	it('is the view of it where nothing is encoded', async () => {
		const raw = writeEnvelope(writeOrdinary());
		const original = (await read(raw)).original?.raw;
		expect(original?.buffer).toBe(raw.buffer);
	});

	it('is the wrapped mail of an anomaly, and ordinary mail itself', async () => {
		expect((await read(ANOMALY)).original?.raw.equals(writeOrdinary())).toBe(true);
		expect((await read(writeOrdinary())).original?.raw.equals(writeOrdinary())).toBe(true);
		expect(await read(writeReceipt('accettazione'))).not.toHaveProperty('original');
	});

	it('is missed where it belongs', async () => {
		const daticert = daticertPart(writeDaticert({ tipo: 'posta-certificata' }));
		expect(await codes(writeEnvelope(odd, [daticert]))).toEqual(['originalMissing']);
		expect(await codes(writeReceipt('avvenuta-consegna', { ricevuta: 'completa' }))).toEqual([
			'originalMissing',
		]);
		expect(await codes(writeReceipt('avvenuta-consegna', { ricevuta: 'sintetica' }))).toEqual([]);
	});

	it('shows whom a draft is to go to in secret: to others it is no field', async () => {
		const draft = (headers: string) =>
			Buffer.from(`From: a@x\r\nTo: b@x\r\n${headers}Subject: s\r\n\r\nTesto.\r\n`);
		const { original } = await read(draft('Bcc: Rossi <c@x.example>, d@x.example\r\n'));
		expect(original?.bcc).toEqual([
			{ address: 'c@x.example', name: 'Rossi' },
			{ address: 'd@x.example' },
		]);
		expect((await read(draft(''))).original).not.toHaveProperty('bcc');
	});

	it('is read with its texts and attachments', async () => {
		const pdf = Buffer.from('%PDF \x00\x01');
		const forwarded = writeReceipt('accettazione');
		const alternative: Part = {
			headers: [['Content-Type', 'multipart/alternative; boundary=alt']],
			body: writeMultipart('alt', [
				TEXT_PART,
				{ headers: [['Content-Type', 'text/html; charset=utf-8']], body: '<p>è</p>' },
			]),
		};
		const original = writeOrdinary(
			[
				['Cc', 'a@x.example, "B, C" <b@x.example>'],
				['Reply-To', 'r@x.example'],
				['In-Reply-To', '<before@x>'],
				['References', '<first@x>\r\n <second@x><be\r\n\tfore@x>'],
				['Date', 'Sun, 1 Feb 2026 00:30:00 +0100'],
				['Content-Type', 'multipart/mixed; boundary=o'],
			],
			writeMultipart('o', [
				alternative,
				{
					headers: [
						['Content-Type', 'application/pdf; name="=?utf-8?Q?citt=C3=A0.pdf?="'],
						['Content-Transfer-Encoding', 'base64'],
					],
					body: pdf.toString('base64'),
				},
				{ headers: [['Content-Type', 'text/plain; name="a.pdf.hash"']], body: 'f00d' },
				{ headers: [['Content-Type', 'message/rfc822']], body: forwarded },
				{ headers: [['Content-Type', 'image/png']], body: 'x' },
			]),
		);
		const read1 = (await read(writeEnvelope(original))).original;
		expect(read1).toMatchObject({
			from: { address: SENDER, name: 'Mario Rossi' },
			to: [{ address: RECIPIENT }],
			cc: [{ address: 'a@x.example' }, { address: 'b@x.example', name: 'B, C' }],
			replyTo: [{ address: 'r@x.example' }],
			subject: 'Avviso',
			date: 'Sun, 1 Feb 2026 00:30:00 +0100',
			messageId: ORIGINAL_ID,
			inReplyTo: '<before@x>',
			references: ['<first@x>', '<second@x>', '<before@x>'],
			text: 'Il messaggio è stato trattato.',
			html: '<p>è</p>',
		});
		expect(
			read1?.attachments.map(({ fileName, mimeType, size }) => [fileName, mimeType, size]),
		).toEqual([
			['città.pdf', 'application/pdf', pdf.length],
			['a.pdf.hash', 'text/plain', 4],
			['attachment-3.eml', 'message/rfc822', forwarded.length],
			['attachment-4.png', 'image/png', 1],
		]);
		expect(read1?.attachments[0]).toMatchObject({
			content: pdf,
			sha256: createHash('sha256').update(pdf).digest('hex'),
		});
		expect(read1?.attachments[2]?.content.equals(forwarded)).toBe(true);
	});

	it.each([
		['has no boundary', 'multipart/mixed'],
		['never uses its boundary', 'multipart/mixed; boundary=b'],
	])('loses no text when it is a multipart that %s', async (_, type) => {
		const original = writeOrdinary([['Content-Type', type]], 'ciao\r\n--a\r\n\r\nmondo\r\n');
		const message = await read(writeEnvelope(original));
		expect(message.original?.text).toContain('ciao');
		expect(message.original?.text).toContain('mondo');
	});

	it.each([
		['..', '_'],
		['../a.pdf', '.._a.pdf'],
		['fattura\u202efdp.exe', 'fattura_fdp.exe'],
	])('has no attachment under a name that misleads: %j', async (name, expected) => {
		const headers = [
			['Content-Type', 'application/pdf'],
			['Content-Disposition', `attachment; filename="${name}"`],
		] as const;
		const raw = writeOrdinary(
			[['Content-Type', 'multipart/mixed; boundary=b']],
			writeMultipart('b', [{ headers, body: 'x' }]),
		);
		expect((await read(raw)).original?.attachments[0]?.fileName).toBe(expected);
	});

	it('gives a text too large to be shown as a file, and the others as texts', async () => {
		const large = 'x'.repeat(5 * 1024 * 1024);
		const texts = [large, 'shown'].map((body) => ({
			headers: [['Content-Type', 'text/plain; charset=utf-8']] as const,
			body,
		}));
		const body = writeMultipart('o', texts);
		const raw = writeEnvelope(
			writeOrdinary([['Content-Type', 'multipart/mixed; boundary=o']], body),
		);
		const message = await read(raw);
		expect(message.findings.map(({ code }) => code)).toEqual(['textTooLarge']);
		expect(message).toMatchObject({ consistent: true, verified: true });
		expect(message.original).toMatchObject({
			text: 'shown',
			attachments: [{ fileName: 'attachment-1.txt', size: large.length }],
		});
		expect(message.original?.attachments[0]?.content.toString()).toBe(large);
	});

	it('in base64 says what of it was left unread', async () => {
		const body = '--o\r\n\r\nx\r\n'.repeat(3000);
		const original = writeOrdinary([['Content-Type', 'multipart/mixed; boundary=o']], body);
		const part = {
			headers: [
				['Content-Type', 'message/rfc822; name="postacert.eml"'],
				['Content-Transfer-Encoding', 'base64'],
			] as const,
			body: original.toString('base64'),
		};
		const message = await read(
			writeEnvelope(original, [daticertPart(writeDaticert({ tipo: 'posta-certificata' })), part]),
		);
		expect(message.original?.raw.equals(original)).toBe(true);
		expect(message.findings.map(({ code }) => code)).toEqual(['tooManyParts']);
	});

	it('is the same with LF line ends', async () => {
		const raw = writeEnvelope(writeOrdinary());
		const { original } = await read(withLf(raw));
		expect(original?.raw.equals(withLf(writeOrdinary()))).toBe(true);
	});
});

describe('envelope', () => {
	it('quotes the header, decoded', () => {
		const block = writePart({
			headers: [
				['From', '"Per conto di: a@b.it" <posta-certificata@p.it>'],
				['Sender', 'posta-certificata@p.it'],
				['To', '=?utf-8?Q?Citt=C3=A0?= <C@x.it>, "D, E" <d@x.it>,'],
				['Cc', 'f@x.it'],
				['Subject', '=?utf-8?Q?=C3=A8?='],
				['Message-ID', 'no-brackets@x'],
			],
			body: '',
		});
		expect(readPecHeaders(block).envelope).toEqual({
			from: '"Per conto di: a@b.it" <posta-certificata@p.it>',
			sender: 'posta-certificata@p.it',
			to: ['Città <C@x.it>', '"D, E" <d@x.it>'],
			cc: ['f@x.it'],
			subject: 'è',
			messageId: '<no-brackets@x>',
		});
	});
});
