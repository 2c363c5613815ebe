import { mailboxesOf } from './addresses';
import { decodedFieldOf, fieldOf, fieldsOf, messageIdIn } from './header';
import type { Header } from './header';
import { presentFields } from './presentFields';
import type {
	Certification,
	FailureReason,
	Finding,
	Receipt,
	ReceiptError,
	ReceiptType,
} from './types';
import {
	DELAY_STATUSES,
	FAILURE_STATUSES,
	RECEIPT_CONTENTS,
	RECEIPT_TYPES,
	SECURITY_CHECKS,
	wordOf,
} from './vocabulary';

const TROUBLE: ReadonlySet<ReceiptType> = new Set<ReceiptType>([
	'nonAcceptance',
	'nonDelivery',
	'deliveryDelay',
	'virusDetected',
]);

/** Types that certify success: with an error in their certification data they contradict themselves. */
const SUCCESS: ReadonlySet<ReceiptType> = new Set<ReceiptType>([
	'acceptance',
	'takenInCharge',
	'delivery',
]);

/** The first enhanced status (RFC 3463 2) in a text; an IP address is none. */
function statusIn(text: string | undefined): string | undefined {
	return /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\d|\.\d)/.exec(text ?? '')?.[0];
}

/**
 * Why a receipt brings bad news. By the status in `errore-esteso`, since providers fill `postacert@errore`
 * differently for the same failure; the latter only where there is no status.
 */
function reasonOf(
	type: ReceiptType,
	code: string,
	status: string | undefined,
	virus: boolean,
): FailureReason | undefined {
	if (!TROUBLE.has(type)) return undefined;
	if (type === 'deliveryDelay') return wordOf(DELAY_STATUSES, status) ?? 'other';
	if (code === 'virus' || type === 'virusDetected') return 'virus';
	const byStatus = wordOf(FAILURE_STATUSES, status);
	// The header is not signed: it adds to a status that leaves the reason open, and overrules none.
	if (virus && (byStatus === undefined || byStatus === 'refused')) return 'virus';
	if (byStatus) return byStatus;
	if (status === undefined && code === 'noRecipient') return 'addressUnknown';
	if (status === undefined && code === 'noDomain') return 'domainUnknown';
	return type === 'nonAcceptance' ? 'refused' : 'other';
}

function errorOf(
	type: ReceiptType,
	header: Header,
	certification: Certification | undefined,
): ReceiptError | undefined {
	const code = certification?.error ?? 'none';
	const extended = certification?.extendedError;
	if (!TROUBLE.has(type) && code === 'none' && extended === undefined) return undefined;
	const status = statusIn(extended);
	const virus = wordOf(SECURITY_CHECKS, fieldOf(header, 'x-verificasicurezza')) === 'failed';
	return presentFields({ code, extended, status, reason: reasonOf(type, code, status, virus) });
}

/** RFC 6109 3.1.6: of the delay notices only the second, after 24 hours, ends the sending. */
function isFinal(type: ReceiptType, error: ReceiptError | undefined): boolean {
	if (type === 'deliveryDelay') return error?.reason === 'timeout24h';
	return type !== 'takenInCharge' && type !== 'unknown';
}

/**
 * A receipt from its message's top-level header and certification data. The type is the header's word; `crossCheck`
 * tells whether the certification data bears it out.
 */
export function receiptOf(header: Header, certification: Certification | undefined): Receipt {
	const wireType = fieldOf(header, 'x-ricevuta') ?? '';
	const type = wordOf(RECEIPT_TYPES, wireType) ?? 'unknown';
	const error = errorOf(type, header, certification);
	const asked = fieldOf(header, 'x-tiporicevuta');
	const content =
		certification?.receiptContent ??
		(asked === undefined ? undefined : (wordOf(RECEIPT_CONTENTS, asked) ?? 'unknown'));
	return presentFields({
		type,
		wireType,
		content: type === 'delivery' ? content : undefined,
		originalMessageId:
			messageIdIn(fieldOf(header, 'x-riferimento-message-id')) ?? certification?.originalMessageId,
		deliveredTo: certification?.deliveredTo,
		recipients: certification?.recipients ?? [],
		error,
		final: isFinal(type, error),
	});
}

const DISAGREEMENTS = {
	daticertMissing: 'The message carries no readable certification data (daticert.xml).',
	typeMismatch: 'Header and certification data name different types of message.',
	messageIdMismatch: 'Header and certification data refer to different original messages.',
	identifierMismatch:
		'The envelope has another Message-ID than its certification data (RFC 6109 2.2.1).',
	senderMismatch: 'From names another sender than the certification data.',
	errorMismatch: 'A receipt of success carries an error in its certification data.',
	receiptTypeUnknown: 'X-Ricevuta holds a value that the PEC rules do not know.',
} as const;

const ADDRESS = /[^\s<>()",;:]+@[^\s<>()",;:]+/g;

/**
 * Whether From names an address besides the message's own and the certified sender's. It reads `"Per conto di: a@b"
 * <posta-certificata@c>` (RFC 6109 3.2.1), and the signature bears out the last one alone.
 */
function namesAnother(header: Header, { sender }: Certification): boolean {
	if (sender === undefined) return false;
	const own = fieldsOf(header, 'from').flatMap(mailboxesOf);
	const known = [...own, ...mailboxesOf(sender)].map(({ address }) => address.toLowerCase());
	const named = decodedFieldOf(header, 'from')?.toLowerCase().match(ADDRESS) ?? [];
	return named.some((address) => !known.includes(address));
}

/** An envelope's Message-ID is the provider's identifier (RFC 6109 2.2.1); a receipt has one of its own. */
function hasOtherIdentifier(header: Header, { providerId }: Certification): boolean {
	const messageId = messageIdIn(fieldOf(header, 'message-id'));
	const identifier = messageIdIn(providerId);
	return messageId !== undefined && identifier !== undefined && messageId !== identifier;
}

/**
 * Compares the header's story with the certification data's (RFC 6109 4.4), for a receipt or a transport envelope.
 * Any finding means that they do not tell the same.
 */
export function crossCheck(
	header: Header,
	receipt: Receipt | undefined,
	certification: Certification | undefined,
): readonly Finding[] {
	const codes: (keyof typeof DISAGREEMENTS)[] = [];
	const type = receipt?.type ?? 'transportEnvelope';
	if (type === 'unknown') codes.push('receiptTypeUnknown');
	if (!certification) codes.push('daticertMissing');
	else {
		if (type !== 'unknown' && certification.type !== type) codes.push('typeMismatch');
		const referred = messageIdIn(fieldOf(header, 'x-riferimento-message-id'));
		const certified = certification.originalMessageId;
		if (referred && certified && referred !== certified) codes.push('messageIdMismatch');
		if (namesAnother(header, certification)) codes.push('senderMismatch');
		if (!receipt && hasOtherIdentifier(header, certification)) codes.push('identifierMismatch');
		if (receipt && SUCCESS.has(receipt.type) && certification.error !== 'none') {
			codes.push('errorMismatch');
		}
	}
	return codes.map((code) => ({ code, message: DISAGREEMENTS[code] }));
}

/** What is odd in a receipt without making it contradict itself. */
export function oddities(
	receipt: Receipt,
	certification: Certification | undefined,
): readonly Finding[] {
	const findings: Finding[] = [];
	if (receipt.type === 'deliveryDelay' && receipt.error?.reason === 'other') {
		const message = 'It cannot be told whether this delay notice is the one of 12 or of 24 hours.';
		findings.push({ code: 'delayHourUnknown', message });
	}
	if (receipt.originalMessageId && certification && !certification.originalMessageId) {
		const message =
			'Which message it answers is in the header alone, which nobody signs: the certification data names none.';
		findings.push({ code: 'messageIdUncertified', message });
	}
	return findings;
}
