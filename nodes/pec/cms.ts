import asn1 from 'node-forge/lib/asn1.js';
import { readCertificate } from './certificate';
import type { Certificate } from './certificate';
import { bytesOf, derOf, isType, oidOf, partsOf, readDer, shapeOf, taggedIn, timeOf } from './der';
import type { Der } from './der';

const OID = {
	data: '1.2.840.113549.1.7.1',
	signedData: '1.2.840.113549.1.7.2',
	contentType: '1.2.840.113549.1.9.3',
	messageDigest: '1.2.840.113549.1.9.4',
	signingTime: '1.2.840.113549.1.9.5',
} as const;

/** Digests by their OID, named as node:crypto and the output name them. */
const DIGESTS: ReadonlyMap<string, string> = new Map([
	['1.3.14.3.2.26', 'sha1'],
	['2.16.840.1.101.3.4.2.4', 'sha224'],
	['2.16.840.1.101.3.4.2.1', 'sha256'],
	['2.16.840.1.101.3.4.2.2', 'sha384'],
	['2.16.840.1.101.3.4.2.3', 'sha512'],
]);

/** More signers or certificates than any provider uses are not looked at. */
const LIST_LIMIT = 50;

/** What a signer signed beside the content (RFC 5652 5.3). */
export interface SignedAttributes {
	/** DER of the SET OF: what the signature is over. */
	readonly der: Buffer;
	/** Each of the two required ones exactly once, with one value; the time at most once. */
	readonly wellFormed: boolean;
	readonly contentType?: string;
	readonly messageDigest?: Buffer;
	readonly signedAt?: Date;
}

/** RFC 5652 5.3, SignerInfo. */
export interface CmsSigner {
	/** Of those in the message the one the signer is named by. */
	readonly certificate?: Certificate;
	/** sha1, sha256…; absent: none that is supported. */
	readonly digest?: string;
	/** OID, and its parameters' DER. */
	readonly algorithm: { readonly oid: string; readonly parameters?: Der };
	readonly attributes?: SignedAttributes;
	readonly signature: Buffer;
}

/** RFC 5652 5.1, SignedData. */
export interface SignedData {
	readonly certificates: readonly Certificate[];
	readonly signers: readonly CmsSigner[];
	/** The digests named in front of the content; absent when one of them is not supported. */
	readonly digests?: readonly string[];
	/** OID of what is signed. */
	readonly contentType?: string;
	/** Inside it (a `.p7m`); absent when detached. */
	readonly content?: Buffer;
}

/** RFC 5652 3, 5.1, 5.3, 10.1.1. */
const SHAPES = {
	contentInfo: /^D0$/,
	signedData: /^ISQ0?1?S$/,
	encapsulated: /^D0?$/,
	signers: /^0?1?S$/,
	signer: /^I[Q0]Q0?QO1?$/,
	attribute: /^DS$/,
	algorithm: /^D.?$/,
} as const;

/** The values inside. Throws where they are not those of the definition. */
function fieldsOf(value: Der | undefined, shape: keyof typeof SHAPES): readonly Der[] {
	const fields = partsOf(value);
	if (!SHAPES[shape].test(shapeOf(fields))) throw new Error(`No ${shape}`);
	return fields;
}

export function digestNamed(oid: string | undefined): string | undefined {
	return oid === undefined ? undefined : DIGESTS.get(oid);
}

function attributesOf(tagged: Der): SignedAttributes {
	const values = (id: string): readonly Der[][] =>
		partsOf(tagged).flatMap((attribute) => {
			const [type, set] = fieldsOf(attribute, 'attribute');
			return oidOf(type) === id ? [[...partsOf(set)]] : [];
		});
	const contentTypes = values(OID.contentType);
	const digests = values(OID.messageDigest);
	const contentType = oidOf(contentTypes[0]?.[0]);
	const times = values(OID.signingTime);
	const signedAt = timeOf(times[0]?.[0]);
	return {
		// RFC 5652 5.4: signed with the tag of a SET OF, not with the [0] that is in the message.
		der: derOf({ ...tagged, tagClass: asn1.Class.UNIVERSAL, type: asn1.Type.SET }),
		wellFormed:
			[contentTypes, digests].every((all) => all.length === 1) &&
			times.length <= 1 &&
			[...contentTypes, ...digests, ...times].every((all) => all.length === 1),
		...(contentType === undefined ? {} : { contentType }),
		...(digests[0]?.[0] === undefined ? {} : { messageDigest: bytesOf(digests[0][0]) }),
		...(signedAt === undefined ? {} : { signedAt }),
	};
}

/** Issuer and serial number, or a subject key identifier (RFC 5652 5.3). */
function isNamedBy(identifier: Der | undefined, certificate: Certificate): boolean {
	if (!identifier) return false;
	if (!isType(identifier, asn1.Type.SEQUENCE)) {
		const keyId = bytesOf(identifier);
		return keyId.length > 0 && keyId.equals(certificate.subjectKeyId);
	}
	const [issuer, serialNumber] = partsOf(identifier);
	return (
		issuer !== undefined &&
		bytesOf(serialNumber).equals(certificate.serialNumber) &&
		derOf(issuer).equals(certificate.issuerName)
	);
}

function signerOf(info: Der, certificates: readonly Certificate[]): CmsSigner {
	const [, identifier, digestAlgorithm, ...rest] = fieldsOf(info, 'signer');
	const tagged = taggedIn(rest.slice(0, 1), 0);
	const [signatureAlgorithm, signature] = tagged ? rest.slice(1) : rest;
	const [algorithm, parameters] = fieldsOf(signatureAlgorithm, 'algorithm');
	const certificate = certificates.find((each) => isNamedBy(identifier, each));
	const digest = digestNamed(oidOf(fieldsOf(digestAlgorithm, 'algorithm')[0]));
	const oid = oidOf(algorithm) ?? '';
	return {
		...(certificate ? { certificate } : {}),
		...(digest === undefined ? {} : { digest }),
		algorithm: parameters ? { oid, parameters } : { oid },
		...(tagged ? { attributes: attributesOf(tagged) } : {}),
		signature: bytesOf(signature),
	};
}

/** The X.509 certificates of the set, which may hold others (RFC 5652 10.2.2). Throws when one is damaged. */
function certificatesOf(set: Der | undefined): Certificate[] {
	return partsOf(set)
		.filter((choice) => isType(choice, asn1.Type.SEQUENCE))
		.slice(0, LIST_LIMIT)
		.map((choice) => {
			const certificate = readCertificate(derOf(choice));
			if (!certificate) throw new Error('A damaged certificate');
			return certificate;
		});
}

/**
 * Certificates and signers, from the fields of a SignedData that follow its content (RFC 5652 5.1). Throws where there
 * are no signerInfos, and on a damaged certificate.
 */
export function signersIn(fields: readonly Der[]): Pick<SignedData, 'certificates' | 'signers'> {
	if (!SHAPES.signers.test(shapeOf(fields))) throw new Error('No signers');
	const certificates = certificatesOf(taggedIn(fields, 0));
	const signers = partsOf(fields.at(-1))
		.slice(0, LIST_LIMIT)
		.map((info) => signerOf(info, certificates));
	return { certificates, signers };
}

function digestsOf(set: Der | undefined): string[] | undefined {
	const named = partsOf(set).map((each) => digestNamed(oidOf(fieldsOf(each, 'algorithm')[0])));
	return named.every((digest) => digest !== undefined) ? named : undefined;
}

/** Reads a CMS SignedData in DER or BER (RFC 5652); `undefined` when the bytes are none. Never throws. */
export function readSignedData(bytes: Buffer): SignedData | undefined {
	try {
		const [type, wrapped] = fieldsOf(readDer(bytes), 'contentInfo');
		if (oidOf(type) !== OID.signedData) return undefined;
		const fields = fieldsOf(partsOf(wrapped)[0], 'signedData');
		const [contentType, content] = fieldsOf(fields[2], 'encapsulated');
		const contentOid = oidOf(contentType);
		const digests = digestsOf(fields[1]);
		return {
			...signersIn(fields.slice(3)),
			...(digests === undefined ? {} : { digests }),
			...(contentOid === undefined ? {} : { contentType: contentOid }),
			...(content ? { content: bytesOf(partsOf(content)[0]) } : {}),
		};
	} catch {
		return undefined;
	}
}
