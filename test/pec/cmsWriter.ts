/** Detached signatures of every sort (RFC 5652), also those nobody should write. Shares no code with nodes/. */

import { constants, createHash, sign } from 'node:crypto';
import type { SignKeyObjectInput } from 'node:crypto';
import { pssAlgorithm, type Issued } from './certificateWriter.ts';
import {
	implicit,
	integer,
	nothing,
	octets,
	oid,
	sequence,
	set,
	tagged,
	utcTime,
} from './derWriter.ts';

export const DIGESTS = {
	md5: '1.2.840.113549.2.5',
	sha1: '1.3.14.3.2.26',
	sha224: '2.16.840.1.101.3.4.2.4',
	sha256: '2.16.840.1.101.3.4.2.1',
	sha384: '2.16.840.1.101.3.4.2.2',
	sha512: '2.16.840.1.101.3.4.2.3',
} as const;
export type Digest = keyof typeof DIGESTS;

export const DATA = '1.2.840.113549.1.7.1';
const ATTRIBUTE = {
	contentType: '1.2.840.113549.1.9.3',
	messageDigest: '1.2.840.113549.1.9.4',
	signingTime: '1.2.840.113549.1.9.5',
} as const;

export const attribute = (id: keyof typeof ATTRIBUTE, ...values: readonly Buffer[]): Buffer =>
	sequence(oid(ATTRIBUTE[id]), set(...values));

export interface SignerForm {
	readonly certificate: Issued;
	readonly digest?: Digest;
	/** Names the signer by the identifier of its key. */
	readonly byKeyId?: boolean;
	/** DER of each; absent: the usual three. `null`: none at all. */
	readonly attributes?: readonly Buffer[] | null;
	readonly at?: Date;
	/** RSASSA-PSS with an RSA key. */
	readonly pss?: boolean;
	/** DER of the AlgorithmIdentifier, when another than the one that fits. */
	readonly algorithm?: Buffer;
	/** What is signed, when something else than it should be. */
	readonly signs?: Buffer;
	readonly unsigned?: readonly Buffer[];
}

export const SIGNED_AT = new Date('2026-01-31T23:30:12Z');
export const algorithmOf = (digest: Digest): Buffer => sequence(oid(DIGESTS[digest]), nothing());
export const digestOf = (digest: Digest, content: Buffer): Buffer =>
	octets(createHash(digest).update(content).digest());

function byDefault(content: Buffer, { at = SIGNED_AT, digest = 'sha256' }: SignerForm): Buffer[] {
	return [
		attribute('contentType', oid(DATA)),
		attribute('signingTime', utcTime(at)),
		attribute('messageDigest', digestOf(digest, content)),
	];
}

function keyOf(form: SignerForm): { algorithm: Buffer; input: SignKeyObjectInput } {
	const { certificate, digest = 'sha256', pss } = form;
	const key = certificate.keys.privateKey;
	if (pss || key.asymmetricKeyType === 'rsa-pss') {
		const salt = 32;
		return {
			algorithm: pssAlgorithm(DIGESTS[digest], salt),
			input: { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: salt },
		};
	}
	const number = { sha1: '1', sha224: '3.1', sha256: '3.2', sha384: '3.3', sha512: '3.4', md5: '' };
	const algorithm =
		key.asymmetricKeyType === 'ec'
			? sequence(oid(`1.2.840.10045.4.${number[digest]}`))
			: sequence(oid('1.2.840.113549.1.1.1'), nothing());
	return { algorithm, input: { key } };
}

function signerInfo(content: Buffer, form: SignerForm): Buffer {
	const { certificate, digest = 'sha256', byKeyId = false } = form;
	const attributes = form.attributes === undefined ? byDefault(content, form) : form.attributes;
	const { algorithm, input } = keyOf(form);
	const signed = form.signs ?? (attributes ? set(...attributes) : content);
	return sequence(
		integer(byKeyId ? 3 : 1),
		byKeyId
			? implicit(0, certificate.keyId)
			: sequence(certificate.issuer, integer(certificate.serial)),
		algorithmOf(digest),
		...(attributes ? [tagged(0, ...attributes)] : []),
		form.algorithm ?? algorithm,
		octets(sign(digest, signed, input)),
		...(form.unsigned ? [tagged(1, ...form.unsigned)] : []),
	);
}

export interface CmsForm {
	readonly signers: readonly SignerForm[];
	/** Beside those of the signers, which come first unless `certificates` names all. */
	readonly beside?: readonly Issued[];
	readonly certificates?: readonly Issued[];
	/** Put inside although the signature is detached. */
	readonly enclosed?: Buffer;
	readonly digests?: readonly Digest[];
}

/** SignedData over `content` exactly as given. */
export function writeSignature(content: Buffer, form: CmsForm): Buffer {
	const all = form.certificates ?? [
		...form.signers.map(({ certificate }) => certificate),
		...(form.beside ?? []),
	];
	const digests = form.digests ?? [
		...new Set(form.signers.map(({ digest }): Digest => digest ?? 'sha256')),
	];
	return sequence(
		oid('1.2.840.113549.1.7.2'),
		tagged(
			0,
			sequence(
				integer(1),
				set(...digests.map(algorithmOf)),
				sequence(oid(DATA), ...(form.enclosed ? [tagged(0, octets(form.enclosed))] : [])),
				tagged(0, ...all.map(({ der }) => der)),
				set(...form.signers.map((signer) => signerInfo(content, signer))),
			),
		),
	);
}
