import { X509Certificate } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fieldOf, partsOf } from './mimeShape.ts';
import { NOW, PecGallery } from './pecGallery.ts';
import { EVERY } from './pecKinds.ts';
import { signatureOf, verify, withoutOpenssl } from './pecOpenssl.ts';

const why = withoutOpenssl ? ' (skipped: openssl is not installed)' : '';
const DAY = 86_400_000;

let gallery: PecGallery;

beforeAll(async () => {
	gallery = await PecGallery.open();
});

afterAll(async () => await gallery.sandbox.stop());

/** The message with another bit in it, `offset` bytes behind where `mark` begins. */
function flipped(raw: Buffer, mark: string, offset: number): Buffer {
	const found = raw.indexOf(mark, 0, 'latin1');
	if (found === -1) throw new Error(`there is no ${mark}`);
	const copy = Buffer.from(raw);
	copy[found + offset] = (copy[found + offset] ?? 0) ^ 1;
	return copy;
}

describe.skipIf(withoutOpenssl)(`the signature in the eyes of openssl${why}`, () => {
	it.each(EVERY)('covers the whole multipart/mixed: $kind of $issuer', ({ name }) => {
		const { raw, pecCa, at } = gallery.exhibit(name);
		const { said, entity } = verify(raw, { pecCa, at });
		expect(said).toContain('CMS Verification successful');
		const boundary = /boundary="(----[0-9A-F]{32})"/.exec(raw.toString('latin1'))?.[1] ?? '';
		const [, signed] = raw.toString('latin1').split(`--${boundary}\r\n`);
		expect(`${entity.toString('latin1')}\r\n`).toBe(signed);
	});

	it.each(EVERY)(
		'is by the address in From, at the time of the message: $kind of $issuer',
		(each) => {
			const { raw, at } = gallery.exhibit(each.name);
			const { certificates, signingTime, digest } = signatureOf(raw);
			const [signer, issuing] = certificates.map((pem) => new X509Certificate(pem));
			const { top } = partsOf(raw);
			const from = /<?([^<>\s]+@[^<>\s]+?)>?$/.exec(fieldOf(top, 'From') ?? '')?.[1];
			// RFC 6109 2.1: From must be the address of the certificate, which must be in the structure
			expect(signer?.subjectAltName).toBe(`email:${from}`);
			expect(certificates).toHaveLength(2);
			expect(signer?.checkIssued(issuing ?? signer)).toBe(true);
			expect(signingTime.getTime()).toBe(at.getTime());
			expect(fieldOf(top, 'Content-Type')).toContain(`micalg="${digest}"`);
		},
	);

	it.each(EVERY)('breaks with one bit of the text: $kind of $issuer', ({ name }) => {
		const { raw, pecCa, at } = gallery.exhibit(name);
		const { said } = verify(flipped(raw, '\r\n\r\n-- ', 8), { pecCa, at });
		expect(said).toContain('CMS Verification failure');
	});

	it.each([
		['the certification data', 'PD94bWwg'],
		['the original', 'From: cliente03@pec.beta.test'],
		['the header of a part', 'Content-Type: message/rfc822'],
	])('breaks with one bit of %s', (_, mark) => {
		const { raw, pecCa, at } = gallery.exhibit('avvenuta-consegna alfa2@pec.alfa.test breve');
		expect(verify(flipped(raw, mark, 3), { pecCa, at }).said).toContain('CMS Verification failure');
	});

	it('does not cover the header of the message, by which a reader must not be fooled', () => {
		const { raw, pecCa, at } = gallery.exhibit('errore-consegna pieno@pec.beta.test');
		const { said } = verify(flipped(raw, 'X-Ricevuta: errore-consegn', 20), { pecCa, at });
		expect(said).toContain('CMS Verification successful');
	});

	it('is not trusted under the CA of another sandbox, nor after the signer has expired', () => {
		const { raw, pecCa, at } = gallery.exhibit('accettazione studio@pec.alfa.test');
		const other = gallery.exhibit('rilevazione-virus alfa2@pec.alfa.test virus');
		expect(verify(raw, { pecCa: other.pecCa, at }).said).toContain('CMS Verification failure');
		const late = new Date(NOW.getTime() + 548 * DAY);
		expect(verify(raw, { pecCa, at: late }).said).toContain('certificate has expired');
	});

	it.each(['alfa', 'beta'] as const)(
		'the certificate of %s has the profile of RFC 6109 5.5',
		(key) => {
			const found = EVERY.find(({ kind, issuer }) => kind === 'acceptance' && issuer === key);
			const [pem = ''] = signatureOf(gallery.raw(found?.name ?? '')).certificates;
			const certificate = new X509Certificate(pem);
			const provider = key === 'alfa' ? 'Gestore Alfa S.p.A.' : 'Gestore Beta S.r.l.';
			expect(certificate.subject).toBe(`C=IT\nO=${provider}\nCN=Posta Certificata`);
			const { extensions } = signatureOf(gallery.raw(found?.name ?? ''));
			// 5.5.2: these four, of which only the key usage is critical, and no basic constraints
			expect(extensions).toMatchObject({
				'Key Usage': { critical: true, value: expect.stringContaining('Digital Signature') },
				'Authority Key Identifier': { critical: false },
				'Subject Key Identifier': { critical: false },
				'Subject Alternative Name': { critical: false },
			});
			expect(extensions).not.toHaveProperty('Basic Constraints');
			const critical = Object.entries(extensions).filter(([, extension]) => extension.critical);
			expect(critical.map(([name]) => name)).toEqual(['Key Usage']);
		},
	);
});
