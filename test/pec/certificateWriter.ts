/** Certificates of every sort (RFC 5280), also those no CA should issue. Shares no code with nodes/. */

import { constants, createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import {
	bits,
	boolean,
	ia5,
	implicit,
	integer,
	nothing,
	octets,
	oid,
	sequence,
	set,
	tagged,
	utcTime,
	utf8,
} from './derWriter.ts';

export interface Keys {
	readonly publicKey: KeyObject;
	readonly privateKey: KeyObject;
}

export const rsaKeys = (bits = 2048): Keys => generateKeyPairSync('rsa', { modulusLength: bits });
export const pssKeys = (): Keys => generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
export const ecKeys = (namedCurve = 'P-256'): Keys => generateKeyPairSync('ec', { namedCurve });

export interface Issued {
	readonly der: Buffer;
	readonly pem: string;
	readonly keys: Keys;
	/** DER of the subject, and of the issuer's name. */
	readonly subject: Buffer;
	readonly issuer: Buffer;
	readonly serial: Buffer;
	readonly keyId: Buffer;
}

/** DER of one extension. */
export const extension = (id: string, value: Buffer, critical = false): Buffer =>
	sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));

export const basicConstraints = (cA: boolean, pathLength?: number, critical = true): Buffer =>
	extension(
		'2.5.29.19',
		sequence(
			...(cA ? [boolean(true)] : []),
			...(pathLength === undefined ? [] : [integer(pathLength)]),
		),
		critical,
	);

/** Bits by number: 0 digitalSignature, 1 nonRepudiation, 2 keyEncipherment, 5 keyCertSign, 6 cRLSign. */
export function keyUsage(...uses: readonly number[]): Buffer {
	const octet = uses.reduce((all, use) => all | (0x80 >> use), 0);
	return extension('2.5.29.15', bits(Buffer.from([octet]), 7 - Math.max(...uses)), true);
}

export const EKU = {
	emailProtection: '1.3.6.1.5.5.7.3.4',
	serverAuth: '1.3.6.1.5.5.7.3.1',
	any: '2.5.29.37.0',
} as const;

export const extendedKeyUsage = (...uses: readonly (keyof typeof EKU)[]): Buffer =>
	extension('2.5.29.37', sequence(...uses.map((use) => oid(EKU[use]))));

/** A GeneralName (RFC 5280 4.2.1.6). */
export const emailName = (email: string): Buffer => implicit(1, email);
export const hostName = (host: string): Buffer => implicit(2, host);
export const directoryName = (name: Buffer): Buffer => tagged(4, name);

export const alternativeNames = (...names: readonly Buffer[]): Buffer =>
	extension('2.5.29.17', sequence(...names));

export const nameConstraints = (
	names: { permitted?: readonly Buffer[]; excluded?: readonly Buffer[] },
	critical = true,
): Buffer => {
	const subtrees = (number: number, all: readonly Buffer[] | undefined): Buffer[] =>
		all ? [tagged(number, ...all.map((name) => sequence(name)))] : [];
	return extension(
		'2.5.29.30',
		sequence(...subtrees(0, names.permitted), ...subtrees(1, names.excluded)),
		critical,
	);
};

const ATTRIBUTES = {
	C: '2.5.4.6',
	O: '2.5.4.10',
	CN: '2.5.4.3',
	E: '1.2.840.113549.1.9.1',
} as const;
export type Name = readonly (readonly [keyof typeof ATTRIBUTES, string])[];

export const nameOf = (name: Name): Buffer =>
	sequence(
		...name.map(([type, value]) =>
			set(sequence(oid(ATTRIBUTES[type]), type === 'E' ? ia5(value) : utf8(value))),
		),
	);

const RSA_WITH = {
	md5: '1.2.840.113549.1.1.4',
	sha1: '1.2.840.113549.1.1.5',
	sha256: '1.2.840.113549.1.1.11',
} as const;
const SHA256 = '2.16.840.1.101.3.4.2.1';
const MGF1 = '1.2.840.113549.1.1.8';

/** RFC 4055 3.1. */
export const pssAlgorithm = (digest = SHA256, salt = 32, mask = digest): Buffer =>
	sequence(
		oid('1.2.840.113549.1.1.10'),
		sequence(
			tagged(0, sequence(oid(digest), nothing())),
			tagged(1, sequence(oid(MGF1), sequence(oid(mask), nothing()))),
			tagged(2, integer(salt)),
		),
	);

function signedBy(
	key: KeyObject,
	digest: keyof typeof RSA_WITH,
): { algorithm: Buffer; sign: (bytes: Buffer) => Buffer } {
	switch (key.asymmetricKeyType) {
		case 'rsa':
			return {
				algorithm: sequence(oid(RSA_WITH[digest]), nothing()),
				sign: (bytes) => sign(digest, bytes, key),
			};
		case 'rsa-pss':
			return {
				algorithm: pssAlgorithm(),
				sign: (bytes) =>
					sign('sha256', bytes, {
						key,
						padding: constants.RSA_PKCS1_PSS_PADDING,
						saltLength: 32,
					}),
			};
		default:
			return {
				algorithm: sequence(oid('1.2.840.10045.4.3.2')),
				sign: (bytes) => sign('sha256', bytes, key),
			};
	}
}

export interface CertificateForm {
	readonly subject: Name;
	readonly keys: Keys;
	/** Absent: by itself. */
	readonly issuer?: Issued;
	readonly from?: Date;
	readonly to?: Date;
	readonly extensions?: readonly Buffer[];
	readonly serial?: Buffer;
	/** Of the issuer's signature, where it is RSA. */
	readonly digest?: keyof typeof RSA_WITH;
}

export function writeCertificate(form: CertificateForm): Issued {
	const { keys, issuer, serial = Buffer.concat([Buffer.from([1]), randomBytes(8)]) } = form;
	const spki = keys.publicKey.export({ type: 'spki', format: 'der' });
	const keyId = createHash('sha1').update(spki).digest();
	const subject = nameOf(form.subject);
	const issuerName = issuer?.subject ?? subject;
	const signer = signedBy((issuer?.keys ?? keys).privateKey, form.digest ?? 'sha256');
	const toBeSigned = sequence(
		tagged(0, integer(2)),
		integer(serial),
		signer.algorithm,
		issuerName,
		sequence(
			utcTime(form.from ?? new Date('2025-01-01T00:00:00Z')),
			utcTime(form.to ?? new Date('2027-01-01T00:00:00Z')),
		),
		subject,
		spki,
		tagged(
			3,
			sequence(
				...(form.extensions ?? []),
				extension('2.5.29.14', octets(keyId)),
				extension('2.5.29.35', sequence(implicit(0, issuer?.keyId ?? keyId))),
			),
		),
	);
	const der = sequence(toBeSigned, signer.algorithm, bits(signer.sign(toBeSigned)));
	const base64 = (der.toString('base64').match(/.{1,64}/g) ?? []).join('\n');
	const pem = `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
	return { der, pem, keys, subject, issuer: issuerName, serial, keyId };
}
