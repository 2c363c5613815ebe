/** Signatures and certificates as only an attacker writes them. */

import { ber } from './signedFiles.ts';

const seq = (...parts: readonly Buffer[]): Buffer => ber(0x30, Buffer.concat(parts));
const set = (...parts: readonly Buffer[]): Buffer => ber(0x31, Buffer.concat(parts));
const tagged = (number: number, ...parts: readonly Buffer[]): Buffer =>
	ber(0xa0 + number, Buffer.concat(parts));
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const octets = (content: Buffer): Buffer => ber(0x04, content);
const bits = (content: Buffer): Buffer => ber(0x03, Buffer.concat([Buffer.from([0]), content]));
/** A positive INTEGER; OpenSSL wants no zero too many. */
const integer = (content: Buffer): Buffer =>
	ber(0x02, (content[0] ?? 0) < 0x80 ? content : Buffer.concat([Buffer.from([0]), content]));

const OID = {
	data: hex('06092a864886f70d010701'),
	signedData: hex('06092a864886f70d010702'),
	rsa: hex('06092a864886f70d010101'),
	sha256WithRsa: hex('06092a864886f70d01010b'),
	sha256: hex('0609608648016503040201'),
	commonName: hex('0603550403'),
	ecPublicKey: hex('06072a8648ce3d0201'),
	primeField: hex('06072a8648ce3d0101'),
	basicConstraints: hex('0603551d13'),
	nameConstraints: hex('0603551d1e'),
} as const;

const NULL = hex('0500');

function numberOf(serial: number): Buffer {
	const number = Buffer.alloc(4);
	number.writeUInt32BE(serial + 2 ** 30);
	return number;
}

/** Some odd number of that many bytes; nobody knows its factors, nor needs to. */
function odd(bytes: number): Buffer {
	const value = Buffer.alloc(bytes, 0xa7);
	value[bytes - 1] = 0x01;
	return value;
}

/** SubjectPublicKeyInfo with a modulus and an exponent of so many bytes. */
export function rsaKey(modulus: number, exponent: number): Buffer {
	return seq(
		seq(OID.rsa, NULL),
		bits(seq(integer(odd(modulus)), integer(Buffer.alloc(exponent, 0xff)))),
	);
}

/** A key on a curve of its own, which OpenSSL has to look into. */
export function explicitCurveKey(bytes: number): Buffer {
	const number = octets(odd(bytes));
	const point = octets(Buffer.concat([Buffer.from([4]), odd(bytes), odd(bytes)]));
	const curve = seq(
		integer(Buffer.from([1])),
		seq(OID.primeField, integer(odd(bytes))),
		seq(number, number),
		point,
		integer(odd(bytes)),
	);
	return seq(
		seq(OID.ecPublicKey, curve),
		bits(Buffer.concat([Buffer.from([4]), odd(bytes), odd(bytes)])),
	);
}

const name = (common: string): Buffer =>
	seq(set(seq(OID.commonName, ber(0x0c, Buffer.from(common)))));

const extension = (oid: Buffer, value: Buffer): Buffer => seq(oid, octets(value));

export interface Forged {
	readonly serial: number;
	readonly subject: string;
	readonly issuer: string;
	readonly key: Buffer;
	/** Mailboxes at so many hosts may be certified by it. */
	readonly permitted?: number;
}

/** A CA's certificate with a signature that nobody made. */
export function forgedCertificate({ serial, subject, issuer, key, permitted = 0 }: Forged): Buffer {
	const hosts = Array.from({ length: permitted }, (_, index) =>
		seq(ber(0x81, Buffer.from(`host${index}.example`))),
	);
	const extensions = [
		extension(OID.basicConstraints, seq(hex('0101ff'))),
		...(permitted > 0 ? [extension(OID.nameConstraints, seq(tagged(0, ...hosts)))] : []),
	];
	const algorithm = seq(OID.sha256WithRsa, NULL);
	const validity = seq(
		ber(0x17, Buffer.from('250101000000Z')),
		ber(0x17, Buffer.from('270101000000Z')),
	);
	const body = seq(
		...[tagged(0, hex('020102')), integer(numberOf(serial)), algorithm, name(issuer), validity],
		...[name(subject), key, tagged(3, seq(...extensions))],
	);
	return seq(body, algorithm, bits(odd(256)));
}

/** SignerInfo that names the certificate by its issuer and number. */
function signerInfo({ serial, issuer }: Forged): Buffer {
	return seq(
		...[hex('020101'), seq(name(issuer), integer(numberOf(serial))), seq(OID.sha256, NULL)],
		...[seq(OID.rsa, NULL), octets(odd(256))],
	);
}

/** A detached SignedData (RFC 5652 5.1) with these certificates, signed so many times over by the first. */
export function forgedSignature(forged: readonly Forged[], signers = 1): Buffer {
	const [first] = forged;
	const infos = first ? Array.from({ length: signers }, () => signerInfo(first)) : [];
	const signedData = seq(
		...[hex('020101'), set(seq(OID.sha256, NULL)), seq(OID.data)],
		...[tagged(0, ...forged.map(forgedCertificate)), set(...infos)],
	);
	return seq(OID.signedData, tagged(0, signedData));
}
