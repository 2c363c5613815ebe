import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { daticertOf, daticertShape, elementOf } from './daticertShape.ts';
import { contentOf, fieldOf, outlineOf, partsOf, readEntity, type Entity } from './mimeShape.ts';
import { PecGallery, STUDIO, SUBJECT } from './pecGallery.ts';
import { EVERY } from './pecKinds.ts';
import {
	ANOMALY,
	ANOMALY_ROWS,
	ENVELOPE_ROWS,
	RECEIPT_ROWS,
	STYLES,
	type ShapeRow,
} from './pecShapeTable.ts';

type Issuer = keyof typeof STYLES;

let gallery: PecGallery;

beforeAll(async () => {
	gallery = await PecGallery.open();
});

afterAll(async () => await gallery.sandbox.stop());

const PLAIN_TAGS = new Set(['html', 'head', 'title', 'body', 'h3', 'hr', 'br']);

function latin1(part: Entity | undefined): string {
	if (part === undefined) throw new Error('there is no such part');
	return contentOf(part).toString('latin1');
}

describe('the parts', () => {
	function expected(issuer: Issuer, original: ShapeRow['original'], hasData: boolean): string[] {
		const { disposition, signature } = STYLES[issuer];
		const readable = (type: string): string =>
			`Content-Type: text/${type}; charset="iso-8859-1" | Content-Disposition: inline | Content-Transfer-Encoding: quoted-printable`;
		const data = `    Content-Type: application/xml; name="daticert.xml" | Content-Disposition: ${disposition}; filename="daticert.xml" | Content-Transfer-Encoding: base64`;
		const whole = `    Content-Type: message/rfc822; name="postacert.eml" | Content-Disposition: ${disposition}; filename="postacert.eml" | Content-Transfer-Encoding: 7bit`;
		// RFC 6109 4.3: the second and the third part are interchangeable in order
		const attached = [...(hasData ? [data] : []), ...(original === 'absent' ? [] : [whole])];
		return [
			`MIME-Version: 1.0 | Content-Type: multipart/signed; protocol="${signature}"; micalg="sha-256"; boundary="…"`,
			'  Content-Type: multipart/mixed; boundary="…" | Content-Transfer-Encoding: binary | MIME-Version: 1.0',
			...(issuer === 'alfa'
				? [
						'    Content-Type: multipart/alternative; boundary="…" | Content-Transfer-Encoding: binary',
						`      ${readable('plain')}`,
						`      ${readable('html')}`,
					]
				: [`    ${readable('plain')}`]),
			...(issuer === 'alfa' ? attached : attached.reverse()),
			`  Content-Type: ${signature}; name="smime.p7s" | Content-Transfer-Encoding: base64 | Content-Disposition: attachment; filename="smime.p7s"`,
		];
	}

	it.each([...RECEIPT_ROWS, ...ENVELOPE_ROWS])(
		'are those of RFC 6109 $section and 4.3, in order: $kind of $issuer',
		({ name, issuer, row }) => {
			expect(outlineOf(readEntity(gallery.raw(name)))).toEqual(
				expected(issuer, row.original, true),
			);
		},
	);

	it.each(ANOMALY_ROWS)(
		'are the text and the mail alone, RFC 6109 3.2.2: $kind of $issuer',
		({ name, issuer }) => {
			expect(outlineOf(readEntity(gallery.raw(name)))).toEqual(expected(issuer, 'whole', false));
		},
	);
});

describe('certification data', () => {
	it.each([...RECEIPT_ROWS, ...ENVELOPE_ROWS])(
		'has the elements of RFC 6109 4.4 for its kind: $kind of $issuer',
		({ name, issuer, row }) => {
			const { error, receipt, recipient, received, status } = row.data;
			const xml = daticertOf(gallery.raw(name));
			const shape = daticertShape(xml);
			const recipients = shape.filter((line) => line.includes('destinatari'));
			expect(shape.filter((line) => !line.includes('destinatari'))).toEqual([
				`postacert tipo=${row.wireType} errore=${error.replace('{unknown}', STYLES[issuer].unknown)}`,
				...['  intestazione', '    mittente {address}', '    risposte {address}'],
				...['    oggetto {text}', '  dati', '    gestore-emittente {text}'],
				...['    data zona={zone}', '      giorno {day}', '      ora {time}'],
				...['    identificativo {address}', '    msgid {<id>}'],
				...(receipt === undefined ? [] : [`    ricevuta tipo=${receipt}`]),
				...(recipient === undefined ? [] : ['    consegna {address}']),
				...(received === undefined
					? []
					: shape.filter((line) => line === '    ricezione {address}')),
				...(status === undefined ? [] : ['    errore-esteso {status - provider - words}']),
			]);
			expect(recipients.length).toBeGreaterThan(0);
			expect(shape.indexOf(recipients[0] ?? '')).toBe(3);
			expect(xml.startsWith('<?xml version="1.0" encoding="UTF-8"?>')).toBe(true);
			expect(elementOf(gallery.raw(name), 'gestore-emittente')).toBe(STYLES[issuer].name);
			expect(elementOf(gallery.raw(name), 'errore-esteso').startsWith(status ?? '')).toBe(true);
			expect(elementOf(gallery.raw(name), 'consegna')).toBe(
				recipient === undefined ? '' : gallery.exhibit(name).recipient,
			);
			if (received) expect(elementOf(gallery.raw(name), 'ricezione')).not.toBe('');
		},
	);

	it('of a taken-in-charge receipt names every recipient of that provider, RFC 6109 3.2.1', () => {
		const xml = daticertOf(gallery.raw('presa-in-carico servizio-pec@pec.alfa.test'));
		expect([...xml.matchAll(/<ricezione>([^<]*)</g)].map(([, address]) => address)).toEqual([
			...['cliente01@pec.beta.test', 'nessuno@pec.beta.test', 'pieno@pec.beta.test'],
			...['sospeso@pec.beta.test', 'cliente02@pec.beta.test'],
		]);
	});

	it('tells PEC recipients from others, RFC 6109 2.2.1', () => {
		const shape = daticertShape(daticertOf(gallery.raw(`accettazione ${STUDIO}`)));
		expect(shape.filter((line) => line.includes('destinatari'))).toEqual([
			...Array<string>(5).fill('    destinatari tipo=certificato {address}'),
			'    destinatari tipo=esterno {address}',
			'    destinatari tipo=certificato {address}',
		]);
	});
});

describe('the readable text', () => {
	it.each([...RECEIPT_ROWS, ...ENVELOPE_ROWS])(
		'says what RFC 6109 $section asks for: $kind of $issuer',
		({ name, issuer, row }) => {
			const { text: plain, html } = partsOf(gallery.raw(name));
			const said = latin1(plain);
			const written = html === undefined ? '' : latin1(html);
			const shown = SUBJECT.replace('€', '?');
			const facts = [
				`Il giorno ${elementOf(gallery.raw(name), 'giorno')} alle ore ${elementOf(gallery.raw(name), 'ora')} (+0100)`,
				`"${shown}"`,
				...(row.data.recipient ? [`"${elementOf(gallery.raw(name), 'consegna')}"`] : []),
				...(row.section === '3.2.4' ? [] : [`"${elementOf(gallery.raw(name), 'mittente')}"`]),
				elementOf(gallery.raw(name), 'identificativo'),
				...row.words,
			];
			expect(said.startsWith(`-- ${row.title} --\r\n\r\n`)).toBe(true);
			for (const fact of facts) expect(said).toContain(fact);
			// RFC 6109 4.3.1: the same information, and nothing that is loaded or run
			expect(written === '').toBe(issuer === 'beta');
			if (html === undefined) return;
			const shownAsText = written
				.replace(/<[^>]+>/g, '')
				.replaceAll('&quot;', '"')
				.replaceAll('&lt;', '<')
				.replaceAll('&gt;', '>')
				.replaceAll('&amp;', '&');
			for (const fact of [row.title, ...facts]) expect(shownAsText).toContain(fact);
			expect(
				written.match(/<\/?\w+/g)?.filter((tag) => !PLAIN_TAGS.has(tag.replace(/^<\/?/, ''))),
			).toEqual([]);
			expect(written).not.toMatch(/(?:src|href|style|on\w+)\s*=/i);
		},
	);

	it.each(ANOMALY_ROWS)('says what RFC 6109 3.2.2 asks for: $kind of $issuer', ({ name }) => {
		const said = latin1(partsOf(gallery.raw(name)).text);
		expect(said.startsWith(`-- ${ANOMALY.title} --\r\n\r\n`)).toBe(true);
		for (const fact of ['"Offerta"', '"t@example.com"', ...ANOMALY.words]) {
			expect(said).toContain(fact);
		}
	});

	it.each(EVERY)('is of one moment with Date and certification data: $kind of $issuer', (each) => {
		// RFC 6109 4.1
		const { top, text: plain, daticert } = partsOf(gallery.raw(each.name));
		const time = /\d\d:\d\d:\d\d/.exec(fieldOf(top, 'Date') ?? '')?.[0];
		expect(/alle ore (\S+) \(\+0100\)/.exec(latin1(plain))?.[1]).toBe(time);
		if (daticert !== undefined) expect(elementOf(gallery.raw(each.name), 'ora')).toBe(time);
	});
});
