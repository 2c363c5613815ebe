import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPecMessage } from '../../nodes/pec/message.ts';
import { registrationOf } from '../../nodes/pec/registration.ts';
import type { Attachment } from '../../nodes/pec/types.ts';
import {
	ORIGINAL_ID,
	RECIPIENT,
	SENDER,
	TEXT_PART,
	writeEnvelope,
	writeMultipart,
	writePart,
	TRUST,
} from './pecWriter.ts';

const file = (fileName: string, xml: string | Buffer): Attachment => {
	const content = Buffer.from(xml);
	return { fileName, mimeType: 'application/xml', size: content.length, sha256: '', content };
};
const signature = (xml: string | Buffer) => registrationOf([file('Segnatura.xml', xml)]);
const confirmation = (xml: string | Buffer) => registrationOf([file('Conferma.xml', xml)]);

interface Id {
	readonly code?: string;
	readonly number?: string;
	readonly date?: string;
}

const identifier = ({ code = 'c_a662', number = '0000123', date = '2026-02-01' }: Id = {}) => `
	<Identificatore>
		<CodiceAmministrazione>${code}</CodiceAmministrazione>
		<CodiceAOO>AOO1</CodiceAOO>
		<CodiceRegistro>PG</CodiceRegistro>
		<NumeroRegistrazione>${number}</NumeroRegistrazione>
		<DataRegistrazione>${date}</DataRegistrazione>
	</Identificatore>`;

/** As the DTD of 2001 has it. */
const of2001 = (id?: Id, doctype = '<!DOCTYPE Segnatura SYSTEM "Segnatura.dtd">') =>
	`<?xml version="1.0" encoding="ISO-8859-1"?>
${doctype}
<Segnatura versione="2001-05-07" xml:lang="it">
	<Intestazione>${identifier(id)}
		<PrimaRegistrazione>${identifier({ number: '9999999' })}</PrimaRegistrazione>
		<Origine>
			<IndirizzoTelematico tipo="smtp">protocollo@pec.comune.example</IndirizzoTelematico>
			<Mittente>
				<Amministrazione><Denominazione>Città di Forlì &amp; C.</Denominazione></Amministrazione>
				<AOO><Denominazione>Area unica</Denominazione></AOO>
			</Mittente>
		</Origine>
		<Destinazione><IndirizzoTelematico>a@pec.example</IndirizzoTelematico></Destinazione>
		<Oggetto>Avviso</Oggetto>
	</Intestazione>
	<Riferimenti><Messaggio>${identifier({ number: '8888888' })}</Messaggio></Riferimenti>
	<Descrizione><TestoDelMessaggio/></Descrizione>
</Segnatura>`;

const READ = {
	type: 'sent',
	administration: 'c_a662',
	area: 'AOO1',
	register: 'PG',
	number: '0000123',
	date: '2026-02-01',
	wireDate: '2026-02-01',
};
const { type: _sent, ...IDENTIFIED } = READ;
const NAMED_2001 = { ...READ, administrationName: 'Città di Forlì & C.' };

/** As the XSD of 2020 has it, with any prefix. */
const of2020 = (p: string, sender = '') => `<?xml version="1.0" encoding="UTF-8"?>
<${p}SegnaturaInformatica xmlns${p && ':'}${p.slice(0, -1)}="http://www.agid.gov.it/protocollo/" ${p}versione="3.0.0" ${p}lang="it">
	<${p}Intestazione>
		<${p}Identificatore>
			<${p}CodiceAmministrazione ${p}descrizione="Comune di Bari">c_a662</${p}CodiceAmministrazione>
			<${p}CodiceAOO>AOO1</${p}CodiceAOO>
			<${p}CodiceRegistro>PG</${p}CodiceRegistro>
			<${p}NumeroRegistrazione>0000123</${p}NumeroRegistrazione>
			<${p}DataRegistrazione>2026-02-01</${p}DataRegistrazione>
			<${p}OraRegistrazione>10:00:00</${p}OraRegistrazione>
		</${p}Identificatore>
		<${p}Oggetto>Avviso</${p}Oggetto>
	</${p}Intestazione>
	<${p}Descrizione><${p}Mittente>${sender}</${p}Mittente></${p}Descrizione>
	<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>
</${p}SegnaturaInformatica>`;

describe('Segnatura.xml', () => {
	it('of 2001 tells number, date and administration, not those of what it refers to', () => {
		expect(signature(of2001())).toEqual(NAMED_2001);
	});

	it.each<[string, string | Buffer]>([
		['no document type', of2001({}, '')],
		['an empty internal subset', of2001({}, '<!DOCTYPE Segnatura SYSTEM "Segnatura.dtd"[]>')],
		['an internal subset', of2001({}, '<!DOCTYPE Segnatura [<!ELEMENT Segnatura ANY>]>')],
		['a byte order mark', `\ufeff${of2001()}`],
		['the characters it declares', Buffer.from(of2001(), 'latin1')],
		['UTF-16', Buffer.from(`\ufeff${of2001()}`, 'utf16le')],
		[
			'the namespace of 2013',
			of2001({}, '').replace(
				'<Segnatura',
				'<Segnatura xmlns="http://www.digitPa.gov.it/protocollo/"',
			),
		],
		['CDATA', of2001({ number: '<![CDATA[0000123]]>' })],
		['white space', of2001({ code: '\n\tc_a662\n', number: ' 0000123 ' })],
	])('is read alike with %s', (_, xml) => {
		expect(signature(xml)).toEqual(NAMED_2001);
	});

	it.each(['', 'prot:', 'ns1:'])('of 2020 is read with any prefix: "%s"', (prefix) => {
		expect(signature(of2020(prefix))).toEqual({ ...READ, administrationName: 'Comune di Bari' });
	});

	it('of 2020 names its sender', () => {
		const sender =
			'<Amministrazione><DenominazioneAmministrazione>Bari</DenominazioneAmministrazione></Amministrazione>';
		expect(signature(of2020('', sender))?.administrationName).toBe('Bari');
	});

	it.each<[string, string | undefined]>([
		['2026-02-28', '2026-02-28'],
		['2028-02-29', '2028-02-29'],
		['2026-02-28+01:00', '2026-02-28'],
		['2026-02-28T23:59:59', '2026-02-28'],
		['2026/02/28', '2026-02-28'],
		['20260228', '2026-02-28'],
		['28/02/2026', '2026-02-28'],
		['28-02-2026', '2026-02-28'],
		['28.02.2026', '2026-02-28'],
		['28/02/2026 10:30', '2026-02-28'],
		['31/02/2026', undefined],
		['2026-02-30', undefined],
		['2026-13-01', undefined],
		['02/28/2026', undefined],
		['28/02/26', undefined],
		['202602281', undefined],
		['28/02/20261', undefined],
		['oggi', undefined],
	])('dated %s is of the day %s, and keeps what is written', (written, date) => {
		const registration = signature(of2001({ date: written }));
		expect([registration?.date, registration?.wireDate]).toEqual([date, written]);
	});

	it('may lack everything but the number', () => {
		const xml =
			'<Segnatura><Intestazione><Identificatore><NumeroRegistrazione>7</NumeroRegistrazione></Identificatore></Intestazione></Segnatura>';
		expect(signature(xml)).toEqual({ type: 'sent', number: '7' });
		expect(signature(xml.replace('>7<', '><'))).toBeUndefined();
	});

	it('expands no entity and loads no file', () => {
		const internal = '<!DOCTYPE Segnatura [<!ENTITY a "0000123">]>';
		expect(signature(of2001({ number: '&a;' }, internal))?.number).toBe('&a;');
		const external = '<!DOCTYPE Segnatura [<!ENTITY a SYSTEM "file:///etc/passwd">]>';
		expect(signature(of2001({ number: '&a;' }, external))).toBeUndefined();
	});

	it.each([
		['nothing', ''],
		['a text', 'Protocollo n. 0000123'],
		['another root', of2001().replaceAll('Segnatura', 'Annullamento')],
		['something cut', of2001().slice(0, 300)],
		['a registration further in', `<a>${of2001({}, '')}</a>`],
	])('of %s is none', (_, xml) => {
		expect(signature(xml)).toBeUndefined();
	});

	it('over 512 kB is not read', () => {
		const xml = Buffer.from(of2001());
		const filled = (size: number) => Buffer.concat([xml, Buffer.alloc(size - xml.length, ' ')]);
		expect(signature(filled(512 * 1024))).toEqual(NAMED_2001);
		expect(signature(filled(512 * 1024 + 1))).toBeUndefined();
	});
});

describe('Conferma.xml', () => {
	const of = (received: string) =>
		`<ConfermaRicezione versione="2001-05-07">${identifier()}${received}</ConfermaRicezione>`;

	it('tells under which number the message was registered, and the number it had', () => {
		const received = identifier({ code: 'c_h501', number: '0000042', date: '2026-01-31' });
		const xml = of(`<MessaggioRicevuto>${received}</MessaggioRicevuto>`);
		const expected = {
			...READ,
			type: 'received',
			confirms: {
				...IDENTIFIED,
				administration: 'c_h501',
				number: '0000042',
				date: '2026-01-31',
				wireDate: '2026-01-31',
			},
		};
		expect(confirmation(xml)).toEqual(expected);
		expect(confirmation(xml.replaceAll('ConfermaRicezione', 'pec:ConfermaRicezione'))).toEqual(
			expected,
		);
	});

	it('tells what describes a message that had no number', () => {
		const xml = of(
			'<MessaggioRicevuto><DescrizioneMessaggio>&lt;first@sender.example&gt;</DescrizioneMessaggio></MessaggioRicevuto>',
		);
		expect(confirmation(xml)?.confirms).toEqual({ description: '<first@sender.example>' });
	});

	it('of 2020 names the administration beside its code', () => {
		const xml = of('').replace(
			'<CodiceAmministrazione>',
			'<CodiceAmministrazione prot:descrizione="Comune di Bari">',
		);
		expect(confirmation(xml)).toEqual({
			...READ,
			type: 'received',
			administrationName: 'Comune di Bari',
		});
	});
});

describe('the files of a message', () => {
	it.each(['Segnatura.xml', 'segnatura.xml', 'SEGNATURA.XML', 'Conferma.xml'])(
		'are known by name, and by content which of the two it is: %s',
		(name) => {
			expect(registrationOf([file('a.xml', '<a/>'), file(name, of2001())])).toEqual(NAMED_2001);
		},
	);

	it.each([
		'Segnatura.xml.p7m',
		'Segnatura.xml.hash',
		'xSegnatura.xml',
		'Segnatura',
		'Eccezione.xml',
	])('with other names are not looked at: %s', (name) => {
		expect(registrationOf([file(name, of2001())])).toBeUndefined();
	});

	it('give the first that can be read', () => {
		const files = ['<a/>', of2001({ number: '1' }), of2001({ number: '2' })];
		expect(registrationOf(files.map((xml) => file('Segnatura.xml', xml)))?.number).toBe('1');
	});

	it('are parsed five times at most', () => {
		const files = (first: number) => [
			...Array.from({ length: first }, () => file('Segnatura.xml', '<a/>')),
			file('Segnatura.xml', of2001()),
		];
		expect(registrationOf(files(4))).toBeDefined();
		expect(registrationOf(files(5))).toBeUndefined();
	});

	it('may hold anything', () => {
		const words = fc.constantFrom(
			...['<Segnatura>', '<Intestazione>', '<Identificatore>', '<NumeroRegistrazione>', '</'],
			...[
				'Segnatura>',
				'<ConfermaRicezione ',
				'<!DOCTYPE ',
				'[',
				']>',
				'<![CDATA[',
				'&#0;',
				'"',
				'7',
			],
			...['<__proto__>', '<constructor>', 'xmlns:a=', '\ufeff', '\u0000'],
		);
		fc.assert(
			fc.property(fc.array(words, { maxLength: 20 }), (list) => {
				expect([undefined, 'sent', 'received']).toContain(signature(list.join(''))?.type);
			}),
		);
		fc.assert(
			fc.property(fc.nat({ max: 1500 }), fc.string({ maxLength: 5 }), (at, insert) => {
				const xml = of2001();
				const number = signature(xml.slice(0, at) + insert + xml.slice(at + 2))?.number;
				expect(number === undefined || number.length > 0).toBe(true);
			}),
		);
	});
});

it('a message with Segnatura.xml says how it was registered', async () => {
	const attachment = {
		headers: [
			['Content-Type', 'application/xml; name="Segnatura.xml"'],
			['Content-Transfer-Encoding', 'base64'],
		],
		body: Buffer.from(of2001()).toString('base64'),
	} as const;
	const original = writePart({
		headers: [
			['From', SENDER],
			['To', RECIPIENT],
			['Message-ID', ORIGINAL_ID],
			['Content-Type', 'multipart/mixed; boundary=letter'],
		],
		body: writeMultipart('letter', [TEXT_PART, attachment]),
	});
	const options = { trust: TRUST, now: new Date('2026-03-01T00:00:00Z') };
	const { registration, findings } = await readPecMessage(writeEnvelope(original), options);
	expect(registration).toEqual(NAMED_2001);
	expect(findings).toEqual([]);
});
