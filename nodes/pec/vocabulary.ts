/**
 * Every Italian wire value and its English name, in one place (RFC 6109 4.4, daticert.dtd).
 * All tables are closed: a value is looked up by `wordOf`, exactly, and what is not in them is `unknown`.
 */

import type { FailureReason, ReceiptContent, ReceiptType, RecipientType } from './types';

type Known<T extends string> = Exclude<T, 'unknown'>;

/** `X-Ricevuta`, and `postacert@tipo` of a receipt. */
export const RECEIPT_TYPES: ReadonlyMap<string, Known<ReceiptType>> = new Map([
	['accettazione', 'acceptance'],
	['non-accettazione', 'nonAcceptance'],
	['presa-in-carico', 'takenInCharge'],
	['avvenuta-consegna', 'delivery'],
	['errore-consegna', 'nonDelivery'],
	['preavviso-errore-consegna', 'deliveryDelay'],
	['rilevazione-virus', 'virusDetected'],
]);

/** `X-Trasporto`. */
export const TRANSPORTS: ReadonlyMap<string, 'transportEnvelope' | 'anomalyEnvelope'> = new Map([
	['posta-certificata', 'transportEnvelope'],
	['errore', 'anomalyEnvelope'],
]);

/** `postacert@tipo`: a receipt's type, or the transport envelope's (anomaly envelopes carry no daticert). */
export const CERTIFICATION_TYPES: ReadonlyMap<string, Known<ReceiptType> | 'transportEnvelope'> =
	new Map<string, Known<ReceiptType> | 'transportEnvelope'>([
		...RECEIPT_TYPES,
		['posta-certificata', 'transportEnvelope'],
	]);

/** `postacert@errore`. */
export const CERTIFICATION_ERRORS: ReadonlyMap<
	string,
	'none' | 'noRecipient' | 'noDomain' | 'virus' | 'other'
> = new Map([
	['nessuno', 'none'],
	['no-dest', 'noRecipient'],
	['no-dominio', 'noDomain'],
	['virus', 'virus'],
	['altro', 'other'],
]);

/** `destinatari@tipo`. */
export const RECIPIENT_TYPES: ReadonlyMap<string, Known<RecipientType>> = new Map([
	['certificato', 'certified'],
	['esterno', 'external'],
]);

/** `X-TipoRicevuta` and `ricevuta@tipo`. */
export const RECEIPT_CONTENTS: ReadonlyMap<string, Known<ReceiptContent>> = new Map([
	['completa', 'complete'],
	['breve', 'brief'],
	['sintetica', 'concise'],
]);

/** `X-VerificaSicurezza`. */
export const SECURITY_CHECKS: ReadonlyMap<string, 'failed'> = new Map([['errore', 'failed']]);

/** The enhanced status (RFC 3463) that opens `errore-esteso` of a non-delivery (AgID, Note integrative n. 12). */
export const FAILURE_STATUSES: ReadonlyMap<string, FailureReason> = new Map([
	['5.1.1', 'addressUnknown'],
	['5.1.2', 'domainUnknown'],
	['5.2.1', 'mailboxDisabled'],
	['5.2.2', 'mailboxFull'],
	['5.7.1', 'refused'],
	// RFC 6109 2.2.2: what lies idle for 24 hours is given up, with an error to the user (3.3.3).
	['5.4.7', 'timeout24h'],
	['4.4.7', 'timeout24h'],
]);

/** The same for a delivery-delay notice: only the status tells its first from its second. */
export const DELAY_STATUSES: ReadonlyMap<string, 'timeout12h' | 'timeout24h'> = new Map([
	['4.4.1', 'timeout12h'],
	['5.4.1', 'timeout24h'],
]);

/** What a wire value means, or `undefined`: exact after trimming and lower-casing, never by resemblance. */
export function wordOf<T extends string>(
	table: ReadonlyMap<string, T>,
	wire: string | undefined,
): T | undefined {
	return wire === undefined ? undefined : table.get(wire.trim().toLowerCase());
}

/** The wire value of an English name. Throws a RangeError on a name that the table does not have. */
export function wireOf<T extends string>(table: ReadonlyMap<string, T>, word: T): string {
	for (const [wire, name] of table) if (name === word) return wire;
	throw new RangeError('There is no such value in the PEC vocabulary');
}
