/** Signers and CAs of every sort, made here, and messages they sign. */

import { createKeyPair, issueCertificate, type Certified } from '../../sandbox/pki/certificate.ts';
import { signDetached } from '../../sandbox/pki/cms.ts';

export type Extensions = readonly object[];

export const SIGNED_AT = new Date('2026-01-31T23:30:12Z');
export const FROM = new Date('2025-01-01T00:00:00Z');
export const TO = new Date('2027-01-01T00:00:00Z');
export const SIGNER = 'posta-certificata@pec.provider.example';

export const authority = (pathLenConstraint?: number, more: Extensions = []): Extensions => [
	{
		name: 'basicConstraints',
		critical: true,
		cA: true,
		...(pathLenConstraint === undefined ? {} : { pathLenConstraint }),
	},
	{ name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
	...more,
];

export const mailSigner = (
	more: { email?: string; use?: object; extended?: object } = {},
): Extensions => [
	more.use ?? { name: 'keyUsage', critical: true, digitalSignature: true },
	more.extended ?? { name: 'extKeyUsage', emailProtection: true },
	{ name: 'subjectAltName', altNames: [{ type: 1, value: more.email ?? SIGNER }] },
];

export async function issue(options: {
	name: string;
	issuer?: Certified;
	extensions: Extensions;
	from?: Date;
	to?: Date;
}): Promise<Certified> {
	return issueCertificate(await createKeyPair(), {
		subject: { organization: 'Test', commonName: options.name },
		issuer: options.issuer,
		from: options.from ?? FROM,
		to: options.to ?? TO,
		extensions: options.extensions,
	});
}

/** A receipt's outer form round a signed part; `sent` is the certificate that travels beside the signer's. */
export function signedMessage(own: Certified, sent: Certified, from = SIGNER): Buffer {
	const content = 'Content-Type: text/plain\r\n\r\nRicevuta.\r\n';
	const signature = signDetached({ own, issuing: sent }, Buffer.from(content), {
		at: SIGNED_AT,
		digest: 'sha256',
	});
	const lines = [
		`From: ${from}`,
		'To: studio@pec.sender.example',
		'Subject: ACCETTAZIONE: x',
		'MIME-Version: 1.0',
		'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary="s"',
		'',
		`--s\r\n${content}`,
		'--s',
		'Content-Type: application/pkcs7-signature; name="smime.p7s"',
		'Content-Transfer-Encoding: base64',
		'',
		signature.toString('base64'),
		'--s--',
		'',
	];
	return Buffer.from(lines.join('\r\n'));
}
