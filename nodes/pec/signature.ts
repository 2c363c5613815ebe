import { createHash } from 'node:crypto';
import { mailboxesOf } from './addresses';
import type { Certificate } from './certificate';
import { readSignedData } from './cms';
import type { CmsSigner, SignedData } from './cms';
import { verifySignedData } from './cmsVerify';
import type { ContentDigest } from './cmsVerify';
import { contentOf, fileNameOf } from './content';
import { fieldsOf } from './header';
import { ownParts } from './mime';
import type { MimePart } from './mime';
import { presentFields } from './presentFields';
import { distrustAt, pathsOf } from './trust';
import type { SignatureReport, Trust } from './types';

const LF = 0x0a;
const CR = 0x0d;
const CRLF = Buffer.from('\r\n');

const SIGNATURE_TYPES: ReadonlySet<string> = new Set([
	'application/pkcs7-signature',
	'application/x-pkcs7-signature',
]);

const OPAQUE_TYPES: ReadonlySet<string> = new Set([
	'application/pkcs7-mime',
	'application/x-pkcs7-mime',
]);

/** A part signed in the form of RFC 8551 3.5.3: what was signed, and its signature. */
interface Signed {
	readonly content: MimePart;
	readonly signature: MimePart;
}

/** By its type, or by its name where a mail server lost the type (RFC 8551 3.2.1). */
function isSignature(part: MimePart): boolean {
	return (
		SIGNATURE_TYPES.has(part.type) || fileNameOf(part)?.toLowerCase().endsWith('.p7s') === true
	);
}

function signedIn(part: MimePart): Signed | undefined {
	const [content, signature, ...others] = part.parts;
	const isSigned = part.type === 'multipart/signed' && signature && isSignature(signature);
	return content && isSigned && others.length === 0 ? { content, signature } : undefined;
}

/**
 * The part of a message that its provider vouches for: the signed one, else the whole. What stands beside a signed
 * part may be from anybody.
 */
export function vouchedPartOf(root: MimePart): MimePart {
	return signedIn(root)?.content ?? root;
}

/** Whether a part further in is signed: as mailing lists leave a PEC that they send on. */
export function hasInnerSignature(root: MimePart): boolean {
	return ownParts(root).some((part) => part !== root && part.type === 'multipart/signed');
}

/** The bytes of a part in pieces, every line ended by CRLF: what was signed (RFC 8551 3.1.1). */
export function* canonicalPiecesOf({ raw, start, end }: MimePart): Generator<Buffer> {
	let from = start;
	for (;;) {
		const lf = raw.indexOf(LF, from);
		if (lf === -1 || lf >= end) break;
		if (lf > start && raw[lf - 1] === CR) {
			// A whole run of lines that end as they should, in one piece.
			const run = endOfRun(raw, lf, end);
			yield raw.subarray(from, run);
			from = run;
		} else {
			yield raw.subarray(from, lf);
			yield CRLF;
			from = lf + 1;
		}
	}
	if (from < end) yield raw.subarray(from, end);
}

function endOfRun(raw: Buffer, firstLf: number, end: number): number {
	let after = firstLf + 1;
	for (;;) {
		const lf = raw.indexOf(LF, after);
		if (lf === -1 || lf >= end || raw[lf - 1] !== CR) return after;
		after = lf + 1;
	}
}

/** Digests of what was signed; each is computed once, however many signers name it. */
function digestsOf(part: MimePart): ContentDigest {
	const known = new Map<string, Buffer>();
	return (digest) => {
		const before = known.get(digest);
		if (before) return before;
		const hash = createHash(digest);
		for (const piece of canonicalPiecesOf(part)) hash.update(piece);
		const value = hash.digest();
		known.set(digest, value);
		return value;
	};
}

interface ReportOptions {
	readonly trust: Trust;
	readonly now: Date;
	/** Lower-case addresses. */
	readonly from: readonly string[];
	readonly certifiedAt?: Date;
}

type SignerReport = Partial<SignatureReport> & Pick<SignatureReport, 'signer'>;

/** The signer's verdict beside the integrity of what was signed. */
function signerReport(
	signer: CmsSigner & { certificate: Certificate },
	data: SignedData,
	options: ReportOptions,
): SignerReport {
	const { certificate, attributes } = signer;
	const { trust, now, from, certifiedAt } = options;
	const paths = pathsOf(certificate, data.certificates, trust);
	const signedAt = attributes?.signedAt;
	const distrust = distrustAt(paths, signedAt ?? certifiedAt ?? now);
	const addresses = certificate.emails.map((email) => email.toLowerCase());
	return {
		signer: distrust === undefined ? 'trusted' : 'untrusted',
		signerMatchesFrom: from.length > 0 && from.every((address) => addresses.includes(address)),
		signedBy: certificate.emails[0],
		issuer: certificate.issuer,
		signedAt: signedAt?.toISOString(),
		validNow: distrustAt(paths, now) === undefined,
		digest: signer.digest,
		reason: distrust,
	};
}

/** Of several signers the one least to be trusted: in which order they stand means nothing (RFC 5652 5.1). */
function worstReport(data: SignedData, options: ReportOptions): SignerReport {
	let worst: SignerReport | undefined;
	for (const { certificate, ...signer } of data.signers) {
		if (!certificate) return { signer: 'unknown' };
		const report = signerReport({ ...signer, certificate }, data, options);
		if (report.signer === 'untrusted') return report;
		if (!worst || (worst.signerMatchesFrom && !report.signerMatchesFrom)) worst = report;
	}
	return worst ?? { signer: 'unknown' };
}

function unsigned(root: MimePart): SignatureReport {
	if (root.type === 'multipart/signed') {
		return { integrity: 'unreadable', signer: 'unknown', reason: 'structureUnreadable' };
	}
	// RFC 6109 4.3 knows detached signatures only.
	if (OPAQUE_TYPES.has(root.type)) {
		return { integrity: 'unreadable', signer: 'unknown', reason: 'signatureOpaque' };
	}
	return { integrity: 'absent', signer: 'unknown', reason: 'notSigned' };
}

/**
 * What the signature of a message says (RFC 6109 4.3, RFC 8551). Never throws.
 * @param options.certifiedAt the time of the certification data: the one that counts when the signature names none
 */
export function signatureOf(
	root: MimePart,
	options: { trust: Trust; now: Date; certifiedAt?: Date },
): SignatureReport {
	const signed = signedIn(root);
	if (!signed) return unsigned(root);
	const data = readSignedData(contentOf(signed.signature));
	if (!data) return { integrity: 'unreadable', signer: 'unknown', reason: 'signatureUnreadable' };
	const verdict = verifySignedData(data, digestsOf(signed.content), () =>
		canonicalPiecesOf(signed.content),
	);
	const from = fieldsOf(root.header, 'from').flatMap(mailboxesOf);
	const report = worstReport(data, {
		...options,
		from: from.map(({ address }) => address.toLowerCase()),
	});
	return presentFields<SignatureReport>({ ...report, ...verdict });
}
