import { X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import asn1 from 'node-forge/lib/asn1.js';
import { bytesOf, derOf, isType, oidOf, partsOf, readDer, taggedIn, timeOf } from './der';
import type { Der } from './der';
import { remember } from './recent';
import { sha256Of } from './sha256';

const { Type } = asn1;

const OID = {
	commonName: '2.5.4.3',
	subjectKeyIdentifier: '2.5.29.14',
	keyUsage: '2.5.29.15',
	subjectAltName: '2.5.29.17',
	basicConstraints: '2.5.29.19',
	nameConstraints: '2.5.29.30',
	extendedKeyUsage: '2.5.29.37',
	emailAddress: '1.2.840.113549.1.9.1',
} as const;

/** What is understood here, or constrains nothing that is judged here (RFC 5280 4.2). */
const KNOWN_EXTENSIONS: ReadonlySet<string> = new Set([
	OID.keyUsage,
	OID.subjectAltName,
	OID.nameConstraints,
	OID.extendedKeyUsage,
	OID.basicConstraints,
	// certificatePolicies
	'2.5.29.32',
]);

/** MD2, MD4 and MD5 with RSA (RFC 3279 2.2.1): whoever can make two files of one digest can make a certificate. */
const BROKEN_ALGORITHMS: ReadonlySet<string> = new Set([
	'1.2.840.113549.1.1.2',
	'1.2.840.113549.1.1.3',
	'1.2.840.113549.1.1.4',
]);

/** GeneralName (RFC 5280 4.2.1.6). */
const RFC822_NAME = 1;
const DIRECTORY_NAME = 4;

const RECENT_LIMIT = 256;
/** Bytes; signers' have about 1,500, AgID's CA 4,000. Larger ones are read, not kept. */
const KEPT_SIZE = 16 * 1024;

/**
 * A distinguished name as its relative names from the root down, in one form to compare (RFC 5280 7.1): `2.5.4.6=it`,
 * case and white space levelled.
 */
export type DirectoryName = readonly string[];

/** Subtrees of names (RFC 5280 4.2.1.10). */
export interface Subtrees {
	readonly emails: readonly string[];
	readonly directories: readonly DirectoryName[];
	/** Tags of the other kinds of names in it, which are not judged here. */
	readonly others: readonly number[];
}

/** What a CA may certify. A kind of name of which nothing is permitted explicitly is not constrained. */
export interface NameConstraints {
	readonly permitted: Subtrees;
	readonly excluded: Subtrees;
}

/** What an X.509 certificate says (RFC 5280), as far as PEC needs it. */
export interface Certificate {
	readonly der: Buffer;
	/** SHA-256 of the DER, hexadecimal. */
	readonly fingerprint: string;
	/** SHA-256 of the SubjectPublicKeyInfo, hexadecimal; absent without a key. */
	readonly spki?: string;
	readonly x509: X509Certificate;
	/** Absent: of no kind that can be used. */
	readonly publicKey?: KeyObject;
	/** DER of the issuer's name and of the serial number: what a CMS signer is named by. */
	readonly issuerName: Buffer;
	readonly serialNumber: Buffer;
	readonly subjectKeyId: Buffer;
	/** Common name of the issuer. */
	readonly issuer?: string;
	readonly subject: DirectoryName;
	/** Addresses of the subject alternative name; without one those of the subject. */
	readonly emails: readonly string[];
	/** Tags of the other kinds of names in the subject alternative name. */
	readonly otherNames: readonly number[];
	readonly notBefore: Date;
	readonly notAfter: Date;
	readonly isCa: boolean;
	/** How many CAs may stand below it in a path; absent: any number (RFC 5280 4.2.1.9). */
	readonly pathLength?: number;
	/** Bits of keyUsage, the first is digitalSignature; absent: any use. */
	readonly keyUsage?: readonly boolean[];
	/** OIDs; absent: any use. */
	readonly extendedKeyUsage?: readonly string[];
	readonly nameConstraints?: NameConstraints;
	/** False: something in it cannot be read, or is critical and not understood here. Such a one proves nothing. */
	readonly sound: boolean;
}

/** The values of the extensions, by OID; `sound` as in Certificate. */
function extensionsOf(toBeSigned: readonly Der[]): { values: Map<string, Der>; sound: boolean } {
	const [list] = partsOf(taggedIn(toBeSigned, 3));
	const values = new Map<string, Der>();
	let sound = true;
	for (const extension of partsOf(list)) {
		const parts = partsOf(extension);
		const id = oidOf(parts[0]);
		const critical = isType(parts[1], Type.BOOLEAN) && bytesOf(parts[1])[0] !== 0;
		const value = parts.at(-1);
		if (!id || !value || (critical && !KNOWN_EXTENSIONS.has(id))) {
			sound = false;
			continue;
		}
		try {
			values.set(id, readDer(bytesOf(value)));
		} catch {
			sound = false;
		}
	}
	return { values, sound };
}

function textOf(value: Der | undefined): string {
	const bytes = bytesOf(value);
	return isType(value, Type.BMPSTRING)
		? Buffer.from(bytes.subarray(0, bytes.length & ~1))
				.swap16()
				.toString('utf16le')
		: bytes.toString('utf8');
}

/** The values of one attribute in a distinguished name. */
function attributesIn(name: Der | undefined, id: string): string[] {
	return partsOf(name).flatMap((set) =>
		partsOf(set).flatMap((pair) => {
			const [type, value] = partsOf(pair);
			return oidOf(type) === id ? [textOf(value)] : [];
		}),
	);
}

function directoryNameOf(name: Der | undefined): DirectoryName {
	return partsOf(name).map((set) =>
		partsOf(set)
			.map((pair) => {
				const [type, value] = partsOf(pair);
				return `${oidOf(type)}=${textOf(value).trim().replace(/\s+/g, ' ').toLowerCase()}`;
			})
			.sort()
			.join('+'),
	);
}

function emailNames(names: readonly Der[]): string[] {
	return names
		.filter((name) => taggedIn([name], RFC822_NAME) !== undefined)
		.map((name) => bytesOf(name).toString('latin1'));
}

function otherNames(names: readonly Der[]): number[] {
	return names
		.map(({ type }) => Number(type))
		.filter((tag) => tag !== RFC822_NAME && tag !== DIRECTORY_NAME);
}

function subtreesIn(constraints: Der, number: number): Subtrees {
	const names = partsOf(taggedIn(partsOf(constraints), number)).flatMap((subtree) =>
		partsOf(subtree).slice(0, 1),
	);
	const directories = names.filter((name) => taggedIn([name], DIRECTORY_NAME) !== undefined);
	return {
		emails: emailNames(names),
		directories: directories.map((name) => directoryNameOf(partsOf(name)[0])),
		others: otherNames(names),
	};
}

function keyUsageOf(value: Der): boolean[] {
	const [unused = 0, ...octets] = bytesOf(value);
	const bits = octets.flatMap((octet) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (octet >> bit) & 1));
	return bits.slice(0, bits.length - unused).map(Boolean);
}

function publicKeyOf(x509: X509Certificate): KeyObject | undefined {
	try {
		return x509.publicKey;
	} catch {
		return undefined;
	}
}

function spkiOf(publicKey: KeyObject): string {
	const der = publicKey.export({ type: 'spki', format: 'der' });
	return sha256Of(der);
}

function parse(der: Buffer, fingerprint: string): Certificate {
	const x509 = new X509Certificate(der);
	const toBeSigned = partsOf(partsOf(readDer(der))[0]);
	const versioned = taggedIn(toBeSigned.slice(0, 1), 0) !== undefined;
	const [serialNumber, algorithm, issuer, validity, subject] = toBeSigned.slice(versioned ? 1 : 0);
	const [notBefore, notAfter] = partsOf(validity).map(timeOf);
	const { values: extensions, sound } = extensionsOf(toBeSigned);
	const publicKey = publicKeyOf(x509);
	const alternative = extensions.get(OID.subjectAltName);
	const pathLength = partsOf(extensions.get(OID.basicConstraints))[1];
	const keyUsage = extensions.get(OID.keyUsage);
	const extendedKeyUsage = extensions.get(OID.extendedKeyUsage);
	const nameConstraints = extensions.get(OID.nameConstraints);
	const issuerName = attributesIn(issuer, OID.commonName)[0];
	return {
		der,
		fingerprint,
		x509,
		...(publicKey ? { publicKey, spki: spkiOf(publicKey) } : {}),
		issuerName: issuer ? derOf(issuer) : Buffer.alloc(0),
		serialNumber: bytesOf(serialNumber),
		subjectKeyId: bytesOf(extensions.get(OID.subjectKeyIdentifier)),
		...(issuerName === undefined ? {} : { issuer: issuerName }),
		subject: directoryNameOf(subject),
		emails: alternative
			? emailNames(partsOf(alternative))
			: attributesIn(subject, OID.emailAddress),
		otherNames: otherNames(partsOf(alternative)),
		notBefore: notBefore ?? new Date(x509.validFrom),
		notAfter: notAfter ?? new Date(x509.validTo),
		isCa: x509.ca,
		...(pathLength
			? { pathLength: Number.parseInt(`0${bytesOf(pathLength).toString('hex')}`, 16) }
			: {}),
		...(keyUsage ? { keyUsage: keyUsageOf(keyUsage) } : {}),
		...(extendedKeyUsage
			? { extendedKeyUsage: partsOf(extendedKeyUsage).flatMap((id) => oidOf(id) ?? []) }
			: {}),
		...(nameConstraints
			? {
					nameConstraints: {
						permitted: subtreesIn(nameConstraints, 0),
						excluded: subtreesIn(nameConstraints, 1),
					},
				}
			: {}),
		sound:
			sound &&
			notBefore !== undefined &&
			notAfter !== undefined &&
			!BROKEN_ALGORITHMS.has(oidOf(partsOf(algorithm)[0]) ?? ''),
	};
}

/** Certificates read lately: the same few providers sign everything. */
const recent = new Map<string, Certificate | undefined>();

/** Reads a certificate in DER; `undefined` when it is none. Never throws. */
export function readCertificate(der: Buffer): Certificate | undefined {
	const fingerprint = sha256Of(der);
	if (recent.has(fingerprint)) return recent.get(fingerprint);
	let certificate: Certificate | undefined;
	try {
		// A copy: a view would keep the whole message in memory.
		certificate = parse(Buffer.from(der), fingerprint);
	} catch {
		certificate = undefined;
	}
	if (der.length <= KEPT_SIZE) remember(recent, fingerprint, certificate, RECENT_LIMIT);
	return certificate;
}
