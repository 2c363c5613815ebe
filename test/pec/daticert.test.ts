import { describe, expect, it } from 'vitest';
import { readDaticert } from '../../nodes/pec/daticert.ts';
import { ORIGINAL_ID, RECIPIENT, SENDER, writeDaticert } from './pecWriter.ts';

const read = (xml: string) => readDaticert(Buffer.from(xml));
const codes = (xml: string | Buffer) =>
	readDaticert(Buffer.from(xml)).findings.map(({ code }) => code);

describe('daticert.xml', () => {
	it('is read whole', () => {
		const { certification, findings } = read(
			writeDaticert({
				tipo: 'errore-consegna',
				errore: 'no-dest',
				destinatari: [
					{ address: 'Rossi@PEC.recipient.example', tipo: 'certificato' },
					{ address: 'b@mail.example', tipo: 'esterno' },
					{ address: 'c@pec.example' },
					{ address: 'd@pec.example', tipo: 'boh' },
				],
				oggetto: 'Avviso n. 007 <&> "1e5"',
				ricevuta: 'breve',
				consegna: 'ROSSI@pec.recipient.example',
				ricezione: ['A@x.example', 'b@x.example'],
				esteso: '5.1.1 - Provider - indirizzo non valido',
			}),
		);
		expect(findings).toEqual([]);
		expect(certification).toEqual({
			type: 'nonDelivery',
			wireType: 'errore-consegna',
			error: 'noRecipient',
			sender: SENDER,
			recipients: [
				{ address: RECIPIENT, type: 'certified' },
				{ address: 'b@mail.example', type: 'external' },
				{ address: 'c@pec.example', type: 'certified' },
				{ address: 'd@pec.example', type: 'unknown' },
			],
			replyTo: SENDER,
			subject: 'Avviso n. 007 <&> "1e5"',
			provider: 'Provider S.p.A.',
			at: '2026-01-31T23:30:12.000Z',
			local: '2026-02-01 00:30:12 +0100',
			providerId: 'opec1.1@pec.provider.example',
			originalMessageId: ORIGINAL_ID,
			receiptContent: 'brief',
			deliveredTo: RECIPIENT,
			receivedBy: ['a@x.example', 'b@x.example'],
			extendedError: '5.1.1 - Provider - indirizzo non valido',
		});
	});

	it.each([
		['little', Buffer.from(`\ufeff${writeDaticert()}`, 'utf16le')],
		['big', Buffer.from(`\ufeff${writeDaticert()}`, 'utf16le').swap16()],
	])('is read in UTF-16 as in UTF-8: %s endian', (_, bytes) => {
		expect(readDaticert(bytes)).toEqual(read(writeDaticert()));
	});

	it.each([
		['+0200', '01/07/2026', '00:30:12', '2026-06-30T22:30:12.000Z'],
		['-0330', '31/12/2026', '23:00:00', '2027-01-01T02:30:00.000Z'],
		['+01:00', '29/02/2028', '12:00:00', '2028-02-29T11:00:00.000Z'],
		['+0100', '1/7/2026', '9:05:07', '2026-07-01T08:05:07.000Z'],
		// The hour that comes twice: only the zone tells one from the other.
		['+0200', '25/10/2026', '02:30:00', '2026-10-25T00:30:00.000Z'],
		['+0100', '25/10/2026', '02:30:00', '2026-10-25T01:30:00.000Z'],
		// RFC 6109 4.2 allows a leap second.
		['+0100', '01/01/2017', '00:59:60', '2017-01-01T00:00:00.000Z'],
	])('turns its local time into UTC: %s %s %s', (zona, giorno, ora, at) => {
		expect(read(writeDaticert({ zona, giorno, ora })).certification?.at).toBe(at);
	});

	it.each([
		['a day that is none', { giorno: '31/02/2026' }],
		['an hour that is none', { ora: '25:00:00' }],
		['no zone', { zona: '' }],
		['a zone by name', { zona: 'CET' }],
		['a zone that is none', { zona: '+9959' }],
		['a zone without a sign', { zona: '0100' }],
		['an American date', { giorno: '12/31/2026' }],
		['an ISO date', { giorno: '2026-02-01' }],
	])('without readable time has none, with a finding: %s', (_, data) => {
		const { certification, findings } = read(writeDaticert(data));
		expect(certification?.at).toBeUndefined();
		expect(certification?.local).toBeUndefined();
		expect(certification?.providerId).toBeDefined();
		expect(findings.map(({ code }) => code)).toEqual(['daticertTimeUnreadable']);
	});

	it('with stray text between its elements is read all the same', () => {
		const { certification } = read(writeDaticert({ stray: 'a', consegna: RECIPIENT }));
		expect(certification).toMatchObject({
			deliveredTo: RECIPIENT,
			replyTo: SENDER,
			subject: 'Avviso',
		});
	});

	it('with prefixed names is read by the local ones', () => {
		const xml = writeDaticert({ consegna: RECIPIENT })
			.replace(/<(\/?)([a-z])/g, '<$1pc:$2')
			.replace('<pc:postacert', '<pc:postacert xmlns:pc="urn:example:pc"');
		expect(read(xml)).toEqual(read(writeDaticert({ consegna: RECIPIENT })));
	});

	it('identifies a recipient by the address alone, not by name and brackets', () => {
		const destinatari = [{ address: '"Mario Rossi" <Rossi@PEC.example>', tipo: 'certificato' }];
		const { certification } = read(
			writeDaticert({ destinatari, consegna: '<Rossi@PEC.example>', ricezione: ['<a@b.example>'] }),
		);
		expect(certification).toMatchObject({
			recipients: [{ address: 'rossi@pec.example', type: 'certified' }],
			deliveredTo: 'rossi@pec.example',
			receivedBy: ['a@b.example'],
		});
	});

	it('keeps day and hour as written, with both their digits', () => {
		const { certification } = read(writeDaticert({ giorno: '1/7/2026', ora: '9:05:07' }));
		expect(certification?.local).toBe('2026-07-01 09:05:07 +0100');
	});

	it.each<[string, (xml: string) => string, object]>([
		['a tag that is not closed', (xml) => xml.replace('</mittente>', ''), {}],
		['a tag that is not opened', (xml) => xml.replace('<dati>', '<dati></mittente>'), {}],
		[
			'a bare < in the subject',
			(xml) => xml.replace('Avviso', 'a <b e <c> d'),
			{ subject: 'a <b e <c> d' },
		],
		['its end cut off', (xml) => xml.slice(0, xml.indexOf('</errore-esteso>') + 5), {}],
	])('that is damaged is read as far as it goes, with a finding: %s', (_, damage, difference) => {
		const xml = writeDaticert({ consegna: RECIPIENT, esteso: '5.2.2 - x', ricevuta: 'breve' });
		const { certification, findings } = read(damage(xml));
		expect(findings.map(({ code }) => code)).toEqual(['daticertDamaged']);
		expect(certification).toEqual({ ...read(xml).certification, ...difference });
	});

	it.each([
		['sender', /<mittente>.*<\/mittente>/],
		['recipients', /<destinatari.*<\/destinatari>/],
		['identifier', /<identificativo>.*<\/identificativo>/],
	])('without its %s is read, with a finding', (_, element) => {
		const { certification, findings } = read(writeDaticert().replace(element, ''));
		expect(findings.map(({ code }) => code)).toEqual(['daticertIncomplete']);
		expect(certification).toMatchObject({ type: 'delivery', originalMessageId: ORIGINAL_ID });
	});

	it('cut off in its first half is both damaged and incomplete', () => {
		const xml = writeDaticert();
		const { certification, findings } = read(xml.slice(0, xml.indexOf('<identificativo>') + 5));
		expect(findings.map(({ code }) => code)).toEqual(['daticertIncomplete', 'daticertDamaged']);
		expect(certification).toMatchObject({ sender: SENDER, at: '2026-01-31T23:30:12.000Z' });
	});

	it('never takes one element for another while mending', () => {
		const xml = writeDaticert({ consegna: RECIPIENT }).replace(
			'</mittente>',
			'<consegna>x@y.example',
		);
		expect(read(xml).certification).toMatchObject({ sender: SENDER, deliveredTo: RECIPIENT });
	});

	it('in Latin-1 is read, whatever it declares', () => {
		const bytes = Buffer.from(writeDaticert({ oggetto: 'Città' }), 'latin1');
		expect(readDaticert(bytes).certification?.subject).toBe('Città');
	});

	it('with a byte order mark is read', () => {
		expect(read(`\ufeff${writeDaticert()}`).certification?.type).toBe('delivery');
	});

	it('without msgid, as some providers write it, is read', () => {
		const { certification, findings } = read(writeDaticert({ msgid: null }));
		expect(certification).not.toHaveProperty('originalMessageId');
		expect(findings).toEqual([]);
	});

	it.each([
		['nothing', ''],
		['no XML', 'hello'],
		['another root', '<fattura><dati/></fattura>'],
		['a bare root', '<postacert tipo="accettazione"/>'],
		['an unclosed tag', '<postacert tipo="accettazione"><dati'],
		['ten thousand levels', '<a>'.repeat(10_000)],
	])('that cannot be read is a finding, never an exception: %s', (_, xml) => {
		expect(codes(xml)).toEqual(['daticertUnreadable']);
	});

	it('takes an element of a reserved name for one like others', () => {
		const xml = writeDaticert({ stray: '<__proto__ tipo="x"><dati/></__proto__><constructor/>' });
		expect(read(xml)).toEqual(read(writeDaticert()));
	});

	it('has CDATA as it stands', () => {
		const xml = writeDaticert({ oggetto: 'X' }).replace('X', '<![CDATA[<A> &amp; B]]> &amp; C');
		expect(read(xml).certification?.subject).toBe('<A> &amp; B & C');
	});

	it.each([
		['a wrong end tag', '</mittente></oggetto>'],
		['an attribute without quotes', '<x y=1/>'],
		['an unescaped ampersand', '& <x>'],
		['a character XML does not have', '\x01'],
		['a second declaration', '<?xml version="1.0"?>'],
	])('with %s in it is read as far as it goes', (_, stray) => {
		const { certification } = read(writeDaticert({ stray }));
		expect(certification).toMatchObject({ type: 'delivery', sender: SENDER });
	});

	it.each([
		['end tags that end nothing', '</b>'],
		['nested elements with wrong ends', '<a></b>'],
		['ampersands', '&'],
		['attributes', '<a b="">'],
		['open angle brackets', '<'],
		['instructions', '<?a?>'],
		['comments', '<!---->'],
		['doctypes', '<!DOCTYPE a [<!ENTITY '],
	])('is read in time however many %s there are', (_, piece) => {
		const xml = `<postacert>${piece.repeat(500_000 / piece.length)}</postacert>`;
		const start = process.cpuUsage();
		read(xml);
		read(xml.slice('<postacert>'.length));
		const { user } = process.cpuUsage(start);
		expect(user).toBeLessThan(1_000_000);
	});

	it('has unknown type and error kept as such', () => {
		expect(read(writeDaticert({ tipo: 'boh', errore: 'mah' })).certification).toMatchObject({
			wireType: 'boh',
			error: 'unknown',
		});
		expect(read(writeDaticert({ tipo: 'boh' })).certification).not.toHaveProperty('type');
	});

	it('takes nessuno for a missing errore (daticert.dtd)', () => {
		expect(read(writeDaticert().replace(' errore="nessuno"', '')).certification?.error).toBe(
			'none',
		);
	});

	const withDoctype = (doctype: string) =>
		writeDaticert({ consegna: 'X' })
			.replace('?>', `?>${doctype}`)
			.replace('<consegna>X', '<consegna>&b;&x;');

	it.each([
		['<!DOCTYPE postacert SYSTEM "daticert.dtd">'],
		[
			'<!DOCTYPE postacert [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY x "y">]>',
		],
	])('expands no entity, declared or not: %s', (doctype) => {
		expect(read(withDoctype(doctype)).certification?.deliveredTo).toBe('&b;&x;');
	});

	it('that asks for an external entity is not read', () => {
		expect(codes(withDoctype('<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]>'))).toEqual([
			'daticertUnreadable',
		]);
	});

	it('undoes each escape once', () => {
		expect(read(writeDaticert({ oggetto: '&lt;&#65;&#x41;&amp;' })).certification?.subject).toBe(
			'&lt;&#65;&#x41;&amp;',
		);
		const xml = writeDaticert({ oggetto: 'X' }).replace(
			'<oggetto>X',
			'<oggetto>&#65;&#x42;&#0;&#x110000;&nbsp;',
		);
		expect(read(xml).certification?.subject).toBe('AB&#0;&#x110000;&nbsp;');
	});

	it('beyond any genuine size is not read', () => {
		expect(codes(`${writeDaticert()}${' '.repeat(600_000)}`)).toEqual(['daticertTooLarge']);
	});
});
