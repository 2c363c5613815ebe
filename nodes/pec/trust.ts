import { readCertificate } from './certificate';
import type { Certificate } from './certificate';
import { permits } from './nameConstraints';
import { remember } from './recent';
import type { Trust } from './types';

/**
 * The CAs that issue PEC signers, by the SHA-256 of their public key, and when they were in use. The keys travel in
 * the signatures themselves. A web root is not enough: it also stands over ordinary mail certificates.
 */
const PEC_ISSUERS: ReadonlyMap<string, { readonly from: string; readonly until: string }> = new Map(
	[
		[
			// AgID CA1, its issues of 2018 and 2021
			'39e3c6c6f13c9620775172694d20f81edad55a8613934cdaa7c3793a6d26b86b',
			{ from: '2018-04-04T00:00:00Z', until: '2030-09-23T00:00:00Z' },
		],
		[
			// DigitPA CA1
			'c0b443b729bcf3e980d36ef980b035be7534a7c464671c7f51e30ad6f7519d25',
			{ from: '2011-01-14T00:00:00Z', until: '2018-01-15T00:00:00Z' },
		],
	],
);

const EMAIL_PROTECTION: ReadonlySet<string> = new Set(['1.3.6.1.5.5.7.3.4', '2.5.29.37.0']);

/** Bits of keyUsage (RFC 5280 4.2.1.3). */
const DIGITAL_SIGNATURE = 0;
const NON_REPUDIATION = 1;
const KEY_CERT_SIGN = 5;

/** Signer, an intermediate or two, the PEC issuing CA. */
const PATH_LIMIT = 5;
/** Signatures checked in search of a path: CAs that certify each other in circles would cost millions. */
const CHECKS_LIMIT = 100;

export type Distrust =
	/** No path leads to a CA that issues PEC signers. */
	| 'issuerNotPec'
	/** A certificate of the path was not valid yet, or no more. */
	| 'notYetValid'
	| 'expired'
	/** The certificate is not for signing mail. */
	| 'wrongUse'
	/** The CA may not certify this address. */
	| 'nameNotPermitted';

export interface Path {
	/** From the signer to the PEC issuing CA. */
	readonly certificates: readonly Certificate[];
	/** When the issuing CA was in use as such; absent: whenever it is valid. */
	readonly window?: { readonly from: string; readonly until: string };
}

/** What the user trusts changes seldom, and is asked for with every message. */
const recentTexts = new Map<string, readonly Certificate[]>();
const TEXTS_LIMIT = 16;

function certificatesIn(pem: string): readonly Certificate[] {
	const known = recentTexts.get(pem);
	if (known) return known;
	const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
	const certificates = blocks.flatMap((block) => {
		const base64 = block.replace(/-----[A-Z ]+-----/g, '');
		return readCertificate(Buffer.from(base64, 'base64')) ?? [];
	});
	remember(recentTexts, pem, certificates, TEXTS_LIMIT);
	return certificates;
}

function isSignedBy(subject: Certificate, issuer: Certificate): boolean {
	if (!issuer.publicKey) return false;
	try {
		return subject.x509.verify(issuer.publicKey);
	} catch {
		// A key of another kind than the signature.
		return false;
	}
}

/** Paths found lately; a signer's is the same for every message it signs. */
const recent = new Map<string, readonly Path[]>();
const RECENT_LIMIT = 256;

function searchPaths(
	signer: Certificate,
	sent: readonly Certificate[],
	trusted: readonly Certificate[],
): Path[] {
	const isTrusted = new Set(trusted.map(({ fingerprint }) => fingerprint));
	const candidates = [...trusted, ...sent];
	const found: Path[] = [];
	let checks = CHECKS_LIMIT;
	const certified = (issuer: Certificate, subject: Certificate): boolean => {
		if (!issuer.isCa || !subject.x509.checkIssued(issuer.x509)) return false;
		checks -= 1;
		return checks >= 0 && isSignedBy(subject, issuer);
	};
	const extend = (path: readonly Certificate[]): void => {
		const last = path.at(-1);
		if (!last || path.length > PATH_LIMIT) return;
		const window = PEC_ISSUERS.get(last.spki ?? '');
		if (path.length > 1 && isTrusted.has(last.fingerprint)) {
			found.push({ certificates: path });
			return;
		}
		if (path.length > 1 && window) {
			found.push({ certificates: path, window });
			return;
		}
		for (const candidate of candidates) {
			const isNew = !path.some(({ fingerprint }) => fingerprint === candidate.fingerprint);
			if (isNew && certified(candidate, last)) extend([...path, candidate]);
		}
	};
	extend([signer]);
	return found;
}

/**
 * The paths from a signer to a CA that issues PEC signers: one pinned here, or one the user trusts (PEM, also with its
 * root). Signatures of certificates are checked, dates and uses are not.
 */
export function pathsOf(
	signer: Certificate,
	sent: readonly Certificate[],
	trust: Trust,
): readonly Path[] {
	const trusted = trust.issuers.flatMap(certificatesIn);
	const key = [signer, ...sent, undefined, ...trusted]
		.map((certificate) => certificate?.fingerprint ?? '')
		.join(' ');
	const known = recent.get(key);
	if (known) return known;
	const found = searchPaths(signer, sent, trusted);
	remember(recent, key, found, RECENT_LIMIT);
	return found;
}

function datesOf(path: Path, at: Date): Distrust | undefined {
	const starts = path.certificates.map(({ notBefore }) => notBefore);
	const ends = path.certificates.map(({ notAfter }) => notAfter);
	if (path.window) {
		starts.push(new Date(path.window.from));
		ends.push(new Date(path.window.until));
	}
	if (starts.some((start) => at < start)) return 'notYetValid';
	return ends.some((end) => at > end) ? 'expired' : undefined;
}

function isForMail({ keyUsage, extendedKeyUsage, sound }: Certificate): boolean {
	const signs = keyUsage === undefined || keyUsage[DIGITAL_SIGNATURE] || keyUsage[NON_REPUDIATION];
	return Boolean(signs) && allowsMail(extendedKeyUsage) && sound;
}

function isCaForMail({ keyUsage, extendedKeyUsage, sound }: Certificate): boolean {
	const certifies = keyUsage === undefined || keyUsage[KEY_CERT_SIGN];
	return Boolean(certifies) && allowsMail(extendedKeyUsage) && sound;
}

function allowsMail(extendedKeyUsage: readonly string[] | undefined): boolean {
	return extendedKeyUsage?.some((use) => EMAIL_PROTECTION.has(use)) ?? true;
}

function judge(path: Path, at: Date): Distrust | undefined {
	const [signer, ...authorities] = path.certificates;
	if (!signer || !isForMail(signer) || !authorities.every(isCaForMail)) return 'wrongUse';
	// RFC 5280 4.2.1.9: the number of CAs between this one and the signer.
	if (authorities.some(({ pathLength = Infinity }, below) => below > pathLength)) return 'wrongUse';
	// RFC 5280 6.1.3: of everything below it, the CAs between too.
	const isWithin = (authority: Certificate, below: number): boolean =>
		path.certificates.slice(0, below + 1).every((certificate) => permits(authority, certificate));
	if (!authorities.every(isWithin)) return 'nameNotPermitted';
	return datesOf(path, at);
}

/** Why no path makes the signer a PEC signer at that time; `undefined` when one does. */
export function distrustAt(paths: readonly Path[], at: Date): Distrust | undefined {
	let reason: Distrust = 'issuerNotPec';
	for (const path of paths) {
		const distrust = judge(path, at);
		if (distrust === undefined) return undefined;
		reason = distrust;
	}
	return reason;
}
