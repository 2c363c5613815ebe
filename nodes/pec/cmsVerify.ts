import { constants, createVerify } from 'node:crypto';
import type { VerifyKeyObjectInput } from 'node:crypto';
import { digestNamed } from './cms';
import type { CmsSigner, SignedData } from './cms';
import { bytesOf, oidOf, partsOf, readDer, taggedIn } from './der';
import type { Der } from './der';

/** PKCS #1 v1.5, with or without the digest in its name: the digest algorithm beside it counts. */
const RSA: ReadonlySet<string> = new Set([
	'1.2.840.113549.1.1.1',
	'1.2.840.113549.1.1.5',
	'1.2.840.113549.1.1.14',
	'1.2.840.113549.1.1.11',
	'1.2.840.113549.1.1.12',
	'1.2.840.113549.1.1.13',
]);
/** The first octet of a SET OF in DER. */
const SET = 0x31;
const RSA_PSS = '1.2.840.113549.1.1.10';
const ECDSA: ReadonlySet<string> = new Set([
	'1.2.840.10045.2.1',
	'1.2.840.10045.4.1',
	'1.2.840.10045.4.3.1',
	'1.2.840.10045.4.3.2',
	'1.2.840.10045.4.3.3',
	'1.2.840.10045.4.3.4',
]);

/** Digests of the signed content, by name. */
export type ContentDigest = (digest: string) => Buffer;

export type CmsVerdict =
	| { readonly integrity: 'intact' }
	| { readonly integrity: 'altered'; readonly reason: 'contentAltered' | 'signatureMismatch' }
	| {
			readonly integrity: 'unreadable';
			readonly reason: 'noSigner' | 'signerCertificateMissing' | 'algorithmUnsupported';
	  };

/** RFC 4055 3.1: the digests of content and mask, and the salt's length in bytes, of RSASSA-PSS. */
function pssOf(parameters: Der | undefined): {
	digest: string | undefined;
	mask: string | undefined;
	saltLength: number;
} {
	const fields = partsOf(parameters);
	const valueOf = (number: number): Der | undefined => partsOf(taggedIn(fields, number))[0];
	const [hash, mask, salt] = [valueOf(0), valueOf(1), valueOf(2)];
	return {
		digest: hash ? digestNamed(oidOf(partsOf(hash)[0])) : 'sha1',
		mask: mask ? digestNamed(oidOf(partsOf(partsOf(mask)[1])[0])) : 'sha1',
		saltLength: salt ? Number.parseInt(`0${bytesOf(salt).toString('hex')}`, 16) : 20,
	};
}

/** How node:crypto is to check the signature; `undefined` when it cannot. */
function methodOf(signer: CmsSigner): { digest: string; key: VerifyKeyObjectInput } | undefined {
	const { certificate, algorithm, digest } = signer;
	const key = certificate?.publicKey;
	if (!key || digest === undefined) return undefined;
	const isRsa = key.asymmetricKeyType === 'rsa' || key.asymmetricKeyType === 'rsa-pss';
	if (isRsa && RSA.has(algorithm.oid)) return { digest, key: { key } };
	if (isRsa && algorithm.oid === RSA_PSS) {
		const pss = pssOf(algorithm.parameters);
		// RFC 4056 3: one digest for all; node:crypto knows no mask with another.
		if (pss.digest !== digest || pss.mask !== digest) return undefined;
		const { saltLength } = pss;
		return {
			digest,
			key: { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength },
		};
	}
	if (key.asymmetricKeyType === 'ec' && ECDSA.has(algorithm.oid)) return { digest, key: { key } };
	return undefined;
}

/**
 * Signed attributes put in the place of the content: the signature over them, made for another content, would hold over
 * them as such. No MIME part begins like this.
 */
function isSetOfAttributes(content: () => Iterable<Buffer>): boolean {
	for (const piece of content()) {
		if (piece.length === 0) continue;
		if (piece[0] !== SET) return false;
		break;
	}
	try {
		return partsOf(readDer(Buffer.concat([...content()]))).length > 0;
	} catch {
		return false;
	}
}

function verdictOf(
	signer: CmsSigner,
	contentType: string | undefined,
	digestOf: ContentDigest,
	content: () => Iterable<Buffer>,
): CmsVerdict {
	if (!signer.certificate) return { integrity: 'unreadable', reason: 'signerCertificateMissing' };
	const method = methodOf(signer);
	if (!method || signer.digest === undefined) {
		return { integrity: 'unreadable', reason: 'algorithmUnsupported' };
	}
	const { attributes } = signer;
	let signed: Iterable<Buffer>;
	if (attributes) {
		// RFC 5652 5.3: with signed attributes both are required, and name the content that was signed.
		if (!attributes.wellFormed || attributes.contentType !== contentType) {
			return { integrity: 'altered', reason: 'signatureMismatch' };
		}
		if (!attributes.messageDigest?.equals(digestOf(signer.digest))) {
			return { integrity: 'altered', reason: 'contentAltered' };
		}
		signed = [attributes.der];
	} else {
		signed = content();
		if (isSetOfAttributes(content)) return { integrity: 'altered', reason: 'signatureMismatch' };
	}
	const verifier = createVerify(method.digest);
	for (const piece of signed) verifier.update(piece);
	return verifier.verify(method.key, signer.signature)
		? { integrity: 'intact' }
		: { integrity: 'altered', reason: 'signatureMismatch' };
}

/**
 * Whether every signer signed this content (RFC 5652 5.4, 5.6): integrity alone, nothing of who the signers are.
 * @param digestOf digest of the content, by its name (sha1, sha256…)
 * @param content the content itself in pieces: asked for only when a signer signed it without attributes
 */
export function verifySignedData(
	{ signers, contentType, digests }: SignedData,
	digestOf: ContentDigest,
	content: () => Iterable<Buffer>,
): CmsVerdict {
	if (signers.length === 0) return { integrity: 'unreadable', reason: 'noSigner' };
	// RFC 5652 5.1: those of all signers, so that who reads on can compute them on the way.
	if (!signers.every(({ digest }) => digest !== undefined && digests?.includes(digest))) {
		return { integrity: 'unreadable', reason: 'algorithmUnsupported' };
	}
	for (const signer of signers) {
		let verdict: CmsVerdict;
		try {
			verdict = verdictOf(signer, contentType, digestOf, content);
		} catch {
			// A key or signature of a shape that the library does not take.
			verdict = { integrity: 'unreadable', reason: 'algorithmUnsupported' };
		}
		if (verdict.integrity !== 'intact') return verdict;
	}
	return { integrity: 'intact' };
}
