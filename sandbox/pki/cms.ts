import { createHash, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

import forge from 'node-forge';

import type { SignerCertificates } from './hierarchy.ts';

const { asn1, pki } = forge;

export type Digest = 'sha256' | 'sha1';

/** Bit 6 of an identifier octet (X.690 8.1.2.5). */
const CONSTRUCTED = 0x20;

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

/** Bytes of an RSA-2048 signature. */
const SIGNATURE_LENGTH = 256;

/**
 * The whole DER of a signature, in which time, digest and RSA signature stand as so many filler bytes: all that differs
 * between two signatures of a signer, and always as long. Encoding everything anew costs a third of the RSA operation.
 */
interface Template {
	readonly der: Buffer;
	readonly time: number;
	readonly messageDigest: number;
	readonly signature: number;
	/** Of the signed attributes. */
	readonly start: number;
	readonly end: number;
}

export interface SigningOptions {
	readonly at: Date;
	readonly digest: Digest;
}

const templates = new WeakMap<SignerCertificates, Map<string, Template>>();
const signAsync = promisify<string, Buffer, KeyObject, Buffer>(sign);

/**
 * A detached CMS signature (RFC 5652 SignedData, DER) over `content` exactly as given, with the signing time as a
 * signed attribute and the certificates of signer and issuing CA. The signer's key must be RSA-2048.
 */
export function signDetached(
	signer: SignerCertificates,
	content: Buffer,
	options: SigningOptions,
): Buffer {
	const { der, template, attributes } = prepare(signer, content, options);
	sign(options.digest, attributes, signer.own.key).copy(der, template.signature);
	return der;
}

/** The same; the RSA operation is done by a thread of libuv's pool, so that other work goes on meanwhile. */
export async function signDetachedAsync(
	signer: SignerCertificates,
	content: Buffer,
	options: SigningOptions,
): Promise<Buffer> {
	const { der, template, attributes } = prepare(signer, content, options);
	const signature = await signAsync(options.digest, attributes, signer.own.key);
	signature.copy(der, template.signature);
	return der;
}

/** The signature but for the RSA, and what is to be signed. */
function prepare(
	signer: SignerCertificates,
	content: Buffer,
	{ at, digest }: SigningOptions,
): { der: Buffer; template: Template; attributes: Buffer } {
	// RFC 5652 11.3: UTCTime, which has two digits for the year, up to 2049
	const isUtcTime = at.getUTCFullYear() < 2050;
	const template = templateOf(signer, digest, isUtcTime);
	const der = Buffer.from(template.der);
	der.write(isUtcTime ? asn1.dateToUtcTime(at) : asn1.dateToGeneralizedTime(at), template.time);
	createHash(digest).update(content).digest().copy(der, template.messageDigest);
	const attributes = Buffer.from(der.subarray(template.start, template.end));
	// RFC 5652 5.4: what is signed is the DER of a SET OF, not of the [0] that stands in the message
	attributes[0] = asn1.Type.SET | CONSTRUCTED;
	return { der, template, attributes };
}

function templateOf(signer: SignerCertificates, digest: Digest, isUtcTime: boolean): Template {
	const ofSigner = templates.get(signer) ?? new Map<string, Template>();
	templates.set(signer, ofSigner);
	const kind = `${digest} ${isUtcTime}`;
	const known = ofSigner.get(kind);
	if (known !== undefined) return known;
	const made = makeTemplate(signer, digest, isUtcTime);
	ofSigner.set(kind, made);
	return made;
}

function makeTemplate(signer: SignerCertificates, digest: Digest, isUtcTime: boolean): Template {
	const time = Buffer.alloc(isUtcTime ? 13 : 15, 0x01);
	const messageDigest = Buffer.alloc(createHash(digest).digest().length, 0x02);
	const signature = Buffer.alloc(SIGNATURE_LENGTH, 0x03);
	const timeType = isUtcTime ? asn1.Type.UTCTIME : asn1.Type.GENERALIZEDTIME;
	const attributes = tagged(0, [
		attribute(OID.contentType, oid(OID.data)),
		attribute(OID.signingTime, primitive(timeType, time.toString('latin1'))),
		attribute(OID.messageDigest, octets(messageDigest)),
	]);
	const certificate = signer.own.certificate;
	const signerInfo = sequence(
		integer(1),
		sequence(
			pki.distinguishedNameToAsn1(certificate.issuer),
			primitive(asn1.Type.INTEGER, forge.util.hexToBytes(certificate.serialNumber)),
		),
		algorithm(OID[digest]),
		attributes,
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
	const der = toDer(sequence(oid(OID.signedData), tagged(0, [signedData])));
	const signedAttributes = toDer(attributes);
	// the last of each: a certificate stands in front, and nothing that could be taken for one of them behind
	const start = der.lastIndexOf(signedAttributes);
	return {
		der,
		time: der.lastIndexOf(time),
		messageDigest: der.lastIndexOf(messageDigest),
		signature: der.lastIndexOf(signature),
		start,
		end: start + signedAttributes.length,
	};
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
