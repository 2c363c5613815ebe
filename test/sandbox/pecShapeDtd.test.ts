import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { certificationData, type WireType } from '../../sandbox/pec/certificationData.ts';
import { readSubmission } from '../../sandbox/pec/mail.ts';
import { daticertOf, invalidDaticerts, withoutXmllint } from './daticertShape.ts';
import { CLIENTE, message, STUDIO } from './pecDesk.ts';
import { NOW, PecGallery } from './pecGallery.ts';
import { EVERY } from './pecKinds.ts';

const why = withoutXmllint ? ' (skipped: xmllint is not installed, package libxml2-utils)' : '';

let gallery: PecGallery;

beforeAll(async () => {
	gallery = await PecGallery.open();
});

afterAll(async () => await gallery.sandbox.stop());

describe.skipIf(withoutXmllint)(`certification data in the eyes of xmllint${why}`, () => {
	it.each(EVERY.filter(({ kind }) => kind !== 'anomaly envelope'))(
		'is valid: $kind of $issuer',
		({ name }) => {
			expect(invalidDaticerts([daticertOf(gallery.raw(name))])).toBe('');
		},
	);

	it.each([
		['text between the elements', '</risposte>', '</risposte>a'],
		['an element too few', /<mittente>.*<\/mittente>/, ''],
		['no recipient', /<destinatari[\s\S]*<\/destinatari>/, ''],
		['elements in another order', /(<giorno>.*<\/giorno>)\s*(<ora>.*<\/ora>)/, '$2$1'],
		['a type of receipt that does not exist', 'tipo="errore-consegna"', 'tipo="mancata-consegna"'],
		['an error that does not exist', 'errore="altro"', 'errore="pieno"'],
		['a kind of recipient that does not exist', 'tipo="certificato"', 'tipo="pec"'],
		['no zone', / zona="[^"]*"/, ''],
		['an attribute too many', '<consegna>', '<consegna tipo="certificato">'],
		['an ampersand as it stands', /&amp;/, '&'],
		['bytes that are no UTF-8', 'Perché', 'Perch\ufffd'],
		['half of it', /<dati>[\s\S]*/, ''],
	])('is refused with %s', (_, from, to) => {
		const valid = daticertOf(gallery.raw('errore-consegna pieno@pec.beta.test'));
		const broken = valid.replace(from, to);
		expect(broken).not.toBe(valid);
		// one byte that UTF-8 does not have
		const bytes = Buffer.from(broken, 'utf8').toString('latin1').replace('\xef\xbf\xbd', '\xe9');
		expect(invalidDaticerts([valid])).toBe('');
		expect(invalidDaticerts([valid, Buffer.from(bytes, 'latin1')])).toMatch(/1\.xml/);
	});

	const TYPES: readonly WireType[] = [
		...(['posta-certificata', 'accettazione', 'non-accettazione', 'presa-in-carico'] as const),
		...(['avvenuta-consegna', 'errore-consegna', 'preavviso-errore-consegna'] as const),
		'rilevazione-virus',
	];
	const line = fc.uint8Array({ maxLength: 40 }).map((bytes) =>
		Buffer.from(bytes)
			.toString('latin1')
			.replace(/[\r\n]/g, ''),
	);
	const hostile = fc.oneof(
		line,
		fc
			.string({ unit: 'binary' })
			.map((text) => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`),
		fc.constantFrom(
			...[']]>', '<!-- -->', '&#0;', '&lt;', '<?x?>', '"\'', '=?utf-16?B?AAD//g==?=', '\x85\xa0'],
			...[
				'=?utf-8?Q?=EF=BF=BE=EF=BF=BF=00=0B?=',
				'=?utf-7?Q?+2AA-?=',
				'<!DOCTYPE a [<!ENTITY b "c">]>',
			],
		),
	);

	it('is valid whatever a client writes into its header, of every type', () => {
		const fields = fc.record({
			From: hostile,
			To: hostile,
			Cc: hostile,
			Subject: hostile,
			'Message-ID': fc.oneof(hostile, fc.constant('<a&b@c>')),
			'Reply-To': hostile,
		});
		const documents = fc.sample(fields, { numRuns: 600, seed: 6109 }).map((each, index) => {
			const mail = readSubmission(
				{
					account: STUDIO,
					mailFrom: STUDIO,
					rcptTo: [CLIENTE],
					raw: Buffer.from(message(each), 'latin1'),
					client: { name: 'a', address: '127.0.0.1', protocol: 'ESMTPSA' },
				},
				{ providerId: 'id@pec.alfa.test', isCertified: (address) => address.length % 2 === 0 },
			);
			return certificationData(mail, {
				type: TYPES[index % TYPES.length] ?? 'accettazione',
				provider: 'A & B <S.p.A.>',
				at: NOW,
				error: index % 3 === 0 ? undefined : 'altro',
				receiptContent: index % 2 === 0 ? 'breve' : undefined,
				deliveredTo: each.To,
				receivedBy: [each.Cc, each.To],
				extendedError: each.Subject,
			});
		});
		expect(invalidDaticerts(documents)).toBe('');
	});
});
