import { createHash } from 'node:crypto';
import { mailboxesOf } from './addresses';
import type { Certificate } from './certificate';
import { readSignedData } from './cms';
import type { CmsSigner, SignedData } from './cms';
import { verifySignedData } from './cmsVerify';
import { contentOf } from './content';
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

/** A message signed in the form of RFC 8551 3.5.3: the part that was signed, and its signature. */
export interface SignedMessage {
	readonly content: MimePart;
	readonly signature: MimePart;
}

function signedIn(part: MimePart): SignedMessage | undefined {
	const [content, signature, ...others] = part.parts;
	const isSigned =
		part.type === 'multipart/signed' && signature && SIGNATURE_TYPES.has(signature.type);
	return content && isSigned && others.length === 0 ? { content, signature } : undefined;
}

/**
 * The signed part of a message whose root is signed; `inner` is one further in, as mailing lists leave it, that speaks
 * for its own part only.
 */
export function signedPartsOf(root: MimePart): { outer?: SignedMessage; inner?: SignedMessage } {
	const outer = signedIn(root);
	if (outer) return { outer };
	for (const part of ownParts(root)) {
		const inner = signedIn(part);
		if (inner) return { inner };
	}
	return {};
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

function digestOf(part: MimePart, digest: string): Buffer {
	const hash = createHash(digest);
	for (const piece of canonicalPiecesOf(part)) hash.update(piece);
	return hash.digest();
}

/** The signer's verdict beside the integrity of what was signed. */
function signerReport(
	signer: CmsSigner & { certificate: Certificate },
	data: SignedData,
	options: { trust: Trust; now: Date; from: readonly string[]; certifiedAt?: Date },
): Partial<SignatureReport> & Pick<SignatureReport, 'signer'> {
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

/**
 * What the signature of a message says (RFC 6109 4.3, RFC 8551). Never throws.
 * @param options.certifiedAt the time of the certification data: the time that counts when the signature names none
 */
export function signatureOf(
	root: MimePart,
	options: { trust: Trust; now: Date; certifiedAt?: Date },
): SignatureReport {
	const { outer } = signedPartsOf(root);
	if (!outer) return { integrity: 'absent', signer: 'unknown', reason: 'notSigned' };
	const data = readSignedData(contentOf(outer.signature));
	if (!data) return { integrity: 'unreadable', signer: 'unknown', reason: 'signatureUnreadable' };
	const verdict = verifySignedData(
		data,
		(digest) => digestOf(outer.content, digest),
		() => Buffer.concat([...canonicalPiecesOf(outer.content)]),
	);
	const [signer] = data.signers;
	if (!signer?.certificate) {
		return presentFields<SignatureReport>({ signer: 'unknown', ...verdict });
	}
	const from = fieldsOf(root.header, 'from').flatMap(mailboxesOf);
	const report = signerReport({ ...signer, certificate: signer.certificate }, data, {
		...options,
		from: from.map(({ address }) => address.toLowerCase()),
	});
	return presentFields<SignatureReport>({ ...report, ...verdict });
}
