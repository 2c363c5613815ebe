import { subjectOf } from './evidence';
import type { MissingPart, ThreadPart } from './threadTypes';
import type { ReceiptEvidence } from './types';

function isFinalFailure({ type, final }: ReceiptEvidence): boolean {
	return type === 'nonDelivery' || type === 'virusDetected' || (type === 'deliveryDelay' && final);
}

/**
 * What a sending's evidence lacks to stand by itself. A failure for good is an end like a delivery. A receipt that
 * contradicts itself is no evidence.
 */
export function missingOf(
	parts: readonly ThreadPart[],
	receipts: readonly ReceiptEvidence[],
): MissingPart[] {
	const sound = receipts.filter(({ consistent }) => consistent);
	const acceptances = sound.filter(({ type }) => type === 'acceptance');
	const isRefused = sound.some(({ type }) => type === 'nonAcceptance');
	if (isRefused && acceptances.length === 0) return [];
	const deliveries = sound.filter(({ type }) => type === 'delivery');
	const ended = new Set([...deliveries, ...sound.filter(isFinalFailure)].map(subjectOf));
	const awaited = acceptances
		.flatMap(({ recipients }) => recipients)
		// RFC 6109 3.3.2: no delivery receipt comes from outside PEC.
		.filter(({ type }) => type !== 'external')
		.map(({ address }) => address.toLowerCase());
	const missing: MissingPart[] = [];
	if (acceptances.length === 0) missing.push({ part: 'acceptance' });
	for (const recipient of new Set(awaited)) {
		if (!ended.has(recipient)) missing.push({ part: 'outcome', recipient });
	}
	if (deliveries.length > 0 && !holdsMessage(parts)) missing.push({ part: 'sentMessage' });
	return missing;
}

/** RFC 6109 3.3.2: a complete receipt has the message in it; with a brief one its sender must keep it (3.3.2.2). */
function holdsMessage(parts: readonly ThreadPart[]): boolean {
	return parts.some(
		({ role, content, consistent, partialCopy }) =>
			(role === 'sent' && !partialCopy) ||
			(role === 'delivery' && consistent && content === 'complete'),
	);
}
