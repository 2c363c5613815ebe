import { createHash, sign } from 'node:crypto';

import forge from 'node-forge';

import type { SignerCertificates } from './hierarchy.ts';

const { asn1, pki } = forge;

export type Digest = 'sha256' | 'sha1';

const OID = {
	data: '1.2.840.113549.1.7.1',
	signedData: '1.2.840.113549.1.7.2',
	contentType: '1.2.840.113549.1.9.3',
	messageDigest: '1.2.840.113549.1.9.4',
	signingTime: '1.2.840.113549.1.9.5',
	rsaEncryption: '1.2.840.113549.1.1.1',
	sha256: '2.16.840.1.101.3.4.2.1',
	sha1: '1.3.14.3.2.26',
} as const;

/**
 * A detached CMS signature (RFC 5652 SignedData, DER) over `content` exactly as given, with the signing time as a
 * signed attribute and the certificates of signer and issuing CA. node:crypto does the digest and the RSA.
 */
export function signDetached(
	signer: SignerCertificates,
	content: Buffer,
	options: { at: Date; digest: Digest },
): Buffer {
	const { digest } = options;
	const attributes = [
		attribute(OID.contentType, oid(OID.data)),
		attribute(OID.signingTime, primitive(asn1.Type.UTCTIME, asn1.dateToUtcTime(options.at))),
		attribute(OID.messageDigest, octets(createHash(digest).update(content).digest())),
	];
	// RFC 5652 5.4: what is signed is the DER of a SET OF, not of the [0] that stands in the message
	const signature = sign(digest, toDer(set(attributes)), signer.own.key);
	const certificate = signer.own.certificate;
	const signerInfo = sequence(
		integer(1),
		sequence(
			pki.distinguishedNameToAsn1(certificate.issuer),
			primitive(asn1.Type.INTEGER, forge.util.hexToBytes(certificate.serialNumber)),
		),
		algorithm(OID[digest]),
		tagged(0, attributes),
		algorithm(OID.rsaEncryption),
		octets(signature),
	);
	const signedData = sequence(
		integer(1),
		set([algorithm(OID[digest])]),
		sequence(oid(OID.data)),
		tagged(0, [
			pki.certificateToAsn1(certificate),
			pki.certificateToAsn1(signer.issuing.certificate),
		]),
		set([signerInfo]),
	);
	return toDer(sequence(oid(OID.signedData), tagged(0, [signedData])));
}

type Asn1 = forge.asn1.Asn1;

function primitive(type: forge.asn1.Type, value: string): Asn1 {
	return asn1.create(asn1.Class.UNIVERSAL, type, false, value);
}

function sequence(...parts: Asn1[]): Asn1 {
	return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, parts);
}

function set(parts: Asn1[]): Asn1 {
	return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SET, true, parts);
}

function tagged(tag: number, parts: Asn1[]): Asn1 {
	return asn1.create(asn1.Class.CONTEXT_SPECIFIC, tag, true, parts);
}

function integer(value: number): Asn1 {
	return primitive(asn1.Type.INTEGER, asn1.integerToDer(value).getBytes());
}

function oid(dotted: string): Asn1 {
	return primitive(asn1.Type.OID, asn1.oidToDer(dotted).getBytes());
}

function octets(bytes: Buffer): Asn1 {
	return primitive(asn1.Type.OCTETSTRING, bytes.toString('latin1'));
}

function algorithm(dotted: string): Asn1 {
	return sequence(oid(dotted), primitive(asn1.Type.NULL, ''));
}

function attribute(dotted: string, value: Asn1): Asn1 {
	return sequence(oid(dotted), set([value]));
}

function toDer(value: Asn1): Buffer {
	return Buffer.from(asn1.toDer(value).getBytes(), 'latin1');
}
