import { hasInnerSignature, signatureOf } from './signature';
import type { MimePart } from './mime';
import type { Finding, MessageKind, PecHeaders, ReadOptions, SignatureReport } from './types';

const HOUR = 60 * 60 * 1000;

/** A provider signs what it certifies within seconds: a day bears any slip of a clock or a zone. */
const SIGNING_TOLERANCE = 24 * HOUR;
/** RFC 6109 3.1.6: what takes longer than a day to arrive is given up. */
const ARRIVAL_TOLERANCE = 48 * HOUR;

const SEALED: ReadonlySet<MessageKind> = new Set<MessageKind>([
	'transportEnvelope',
	'anomalyEnvelope',
	'receipt',
]);

const DISAGREEMENTS = {
	signatureMissing: "The message names itself a provider's, but is not signed (RFC 6109 4.3).",
	signatureUnreadable: "The provider's signature cannot be read.",
	signatureAltered:
		'The message was changed after its provider signed it, or by whoever forged it.',
	signerMismatch: 'The message is signed by somebody else than it comes from.',
	signedAtOtherTime: 'The signature states another time than the certification data.',
} as const;

const NOTES = {
	signatureOnInnerPart:
		'The signature is on a part further in, as after a mailing list sent the message on: it says nothing of the whole.',
	signerUntrusted: 'The signer is not certified by a CA that issues PEC signers.',
	receivedAtOtherTime: 'The message reached the mailbox long before or after it was signed.',
} as const;

type Code = keyof typeof DISAGREEMENTS | keyof typeof NOTES;

function isDisagreement(code: Code): code is keyof typeof DISAGREEMENTS {
	return Object.hasOwn(DISAGREEMENTS, code);
}

function findingOf(code: Code): Finding {
	return { code, message: isDisagreement(code) ? DISAGREEMENTS[code] : NOTES[code] };
}

function apart(one: string | undefined, other: Date | undefined, tolerance: number): boolean {
	if (one === undefined || other === undefined) return false;
	return Math.abs(Date.parse(one) - other.getTime()) > tolerance;
}

function codesOf(
	root: MimePart,
	signature: SignatureReport,
	times: { certifiedAt?: Date; receivedAt?: Date },
): Code[] {
	const codes: Code[] = [];
	const { integrity, signer, signedAt } = signature;
	if (integrity === 'absent') {
		codes.push('signatureMissing');
		if (hasInnerSignature(root)) codes.push('signatureOnInnerPart');
	}
	if (integrity === 'unreadable') codes.push('signatureUnreadable');
	if (integrity === 'altered') codes.push('signatureAltered');
	if (signature.signerMatchesFrom === false) codes.push('signerMismatch');
	if (signer === 'untrusted') codes.push('signerUntrusted');
	if (apart(signedAt, times.certifiedAt, SIGNING_TOLERANCE)) codes.push('signedAtOtherTime');
	if (apart(signedAt, times.receivedAt, ARRIVAL_TOLERANCE)) codes.push('receivedAtOtherTime');
	return codes;
}

/**
 * Adds the signature to what header and certification data told: the third witness. Of ordinary mail it is reported,
 * and proves nothing of PEC.
 */
export function sealed(
	root: MimePart,
	told: PecHeaders,
	{ trust, now, receivedAt }: ReadOptions,
): PecHeaders & { readonly signature: SignatureReport } {
	const at = told.certification?.at;
	const certifiedAt = at === undefined ? undefined : new Date(at);
	const signature = signatureOf(root, { trust, now, ...(certifiedAt ? { certifiedAt } : {}) });
	if (!SEALED.has(told.kind)) return { ...told, signature };
	const codes = codesOf(root, signature, {
		...(certifiedAt ? { certifiedAt } : {}),
		...(receivedAt ? { receivedAt } : {}),
	});
	const consistent = told.consistent && !codes.some(isDisagreement);
	const { integrity, signer, signerMatchesFrom } = signature;
	return {
		...told,
		consistent,
		verified: consistent && integrity === 'intact' && signer === 'trusted' && !!signerMatchesFrom,
		findings: [...told.findings, ...codes.map(findingOf)],
		signature,
	};
}
