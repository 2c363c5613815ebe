/** A provider's message, and whatever a forger may make of it. Shares no code with nodes/. */

import {
	alternativeNames,
	basicConstraints,
	ecKeys,
	emailName,
	extendedKeyUsage,
	keyUsage,
	writeCertificate,
	type Issued,
} from './certificateWriter.ts';
import {
	attribute,
	DATA,
	digestOf,
	SIGNED_AT,
	writeSignature,
	type CmsForm,
	type SignerForm,
} from './cmsWriter.ts';
import { oid, utcTime } from './derWriter.ts';
import {
	daticertPart,
	postacertPart,
	TEXT_PART,
	writeDaticert,
	writeMultipart,
	writeOrdinary,
	writePart,
	RECIPIENT,
} from './pecWriter.ts';

export const PROVIDER = 'posta-certificata@pec.provider.example';

export const signerOf = (issuer: Issued, email: string): Issued =>
	writeCertificate({
		subject: [['CN', 'signer']],
		keys: ecKeys(),
		issuer,
		extensions: [
			keyUsage(0),
			extendedKeyUsage('emailProtection'),
			alternativeNames(emailName(email)),
		],
	});
const authority = (name: string): Issued =>
	writeCertificate({
		subject: [['CN', name]],
		keys: ecKeys(),
		extensions: [basicConstraints(true, 0), keyUsage(5, 6)],
	});

export const ca = authority('PEC CA');
export const otherCa = authority('PEC CA');
export const provider = signerOf(ca, PROVIDER);
export const forger = signerOf(otherCa, PROVIDER);
export const rival = signerOf(ca, 'posta-certificata@pec.rival.example');
/** The only CA that the reader trusts. */
export const TRUST = { issuers: [ca.pem] };

export const mixed = (tipo: string, more: object = {}): Buffer =>
	writePart({
		headers: [['Content-Type', 'multipart/mixed; boundary=mixed']],
		body: writeMultipart('mixed', [
			TEXT_PART,
			daticertPart(writeDaticert({ tipo, ...more })),
			postacertPart(writeOrdinary()),
		]),
	});

/** What is another than in a plain envelope. */
export interface Form {
	readonly content?: Buffer;
	readonly cms?: CmsForm;
	readonly from?: string;
	readonly headers?: string[];
	readonly type?: string;
	/** Of the message, from the signed part and the part with its signature. */
	readonly body?: (text: string, p7s: string) => string;
}
const p7s = (signature: Buffer) =>
	`Content-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\n${signature.toString('base64')}`;

export function write(form: Form): Buffer {
	const content = form.content ?? mixed('posta-certificata');
	const signature = writeSignature(
		content,
		form.cms ?? { signers: [{ certificate: provider }], beside: [ca] },
	);
	const head = [
		`From: ${form.from ?? PROVIDER}`,
		`To: ${RECIPIENT}`,
		...(form.headers ?? ['X-Trasporto: posta-certificata']),
		form.type ??
			'Content-Type: multipart/signed; boundary=outer; protocol="application/pkcs7-signature"',
	].join('\r\n');
	const text = content.toString('latin1');
	const body =
		form.body?.(text, p7s(signature)) ??
		`--outer\r\n${text}\r\n--outer\r\n${p7s(signature)}\r\n--outer--\r\n`;
	return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), Buffer.from(body, 'latin1')]);
}

export const byProvider = (
	form: Partial<SignerForm> = {},
	more: Partial<CmsForm> = {},
): CmsForm => ({
	signers: [{ certificate: provider, ...form }],
	beside: [ca],
	...more,
});
export const signedBy = (certificates: readonly Issued[], beside: readonly Issued[]): CmsForm => ({
	signers: certificates.map((certificate) => ({ certificate })),
	beside,
});
const ENVELOPE = mixed('posta-certificata');
/** Of a signature over the plain envelope's signed part. */
export const ATTRIBUTES = [
	attribute('contentType', oid(DATA)),
	attribute('signingTime', utcTime(SIGNED_AT)),
	attribute('messageDigest', digestOf('sha256', ENVELOPE)),
];
/** A part by somebody else that is not signed. */
export const FORGED = mixed('posta-certificata', { mittente: 'forged@x.example' }).toString(
	'latin1',
);
