import {
	certificationData,
	type Certified,
	type WireError,
	type WireType,
} from './certificationData.ts';
import { referenceField, writtenSubject } from './envelopes.ts';
import { headerField } from './headers.ts';
import type { PecMail, ReceiptContent } from './mail.ts';
import type { Provider } from './provider.ts';
import { romeTime } from './romeTime.ts';
import { writeSignedMessage } from './signedMessage.ts';
import {
	acceptanceText,
	deliveryText,
	nonAcceptanceText,
	nonDeliveryText,
	takenInChargeText,
	TIMEOUT_WORDS,
	timeoutText,
	type ReadableText,
} from './texts.ts';

export type ReceiptWireType = Exclude<WireType, 'posta-certificata'>;

export interface WrittenReceipt {
	readonly wireType: ReceiptWireType;
	/** With angle brackets. */
	readonly messageId: string;
	readonly raw: Buffer;
}

export interface DeliveryError {
	readonly error: WireError;
	/** `5.1.1 - Gestore - words`. */
	readonly extended: string;
}

const SUBJECT_PREFIXES: Readonly<Record<ReceiptWireType, string>> = {
	accettazione: 'ACCETTAZIONE',
	'non-accettazione': 'AVVISO DI NON ACCETTAZIONE',
	'presa-in-carico': 'PRESA IN CARICO',
	'avvenuta-consegna': 'CONSEGNA',
	'errore-consegna': 'AVVISO DI MANCATA CONSEGNA',
	'preavviso-errore-consegna': 'AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO',
	'rilevazione-virus': 'PROBLEMA DI SICUREZZA',
};

/** Hours after acceptance at which the sender is told that no answer has come (RFC 6109 3.1.6). */
export const TIMEOUTS = [12, 24] as const;
export type TimeoutHours = (typeof TIMEOUTS)[number];

const TIMEOUT_STATUSES: Readonly<Record<TimeoutHours, string>> = { 12: '4.4.1', 24: '5.4.1' };

/** Ricevuta di accettazione, for the sender (RFC 6109 3.1.4). */
export async function writeAcceptance(
	provider: Provider,
	mail: PecMail,
	at: Date,
): Promise<WrittenReceipt> {
	return await writeReceipt(provider, mail, { type: 'accettazione', at }, acceptanceText(mail, at));
}

/** Avviso di non accettazione, for the sender (RFC 6109 3.1.2). */
export async function writeNonAcceptance(
	provider: Provider,
	mail: PecMail,
	at: Date,
	extendedError: string,
): Promise<WrittenReceipt> {
	return await writeReceipt(
		provider,
		mail,
		{ type: 'non-accettazione', at, error: 'altro', extendedError },
		nonAcceptanceText(mail, at, extendedError),
	);
}

/** Ricevuta di presa in carico, from provider to provider (RFC 6109 3.2.1). */
export async function writeTakenInCharge(
	provider: Provider,
	mail: PecMail,
	options: { at: Date; recipients: readonly string[]; to: string },
): Promise<WrittenReceipt> {
	const { at, recipients, to } = options;
	return await writeReceipt(
		provider,
		mail,
		{ type: 'presa-in-carico', at, receivedBy: recipients },
		takenInChargeText(mail, at, recipients),
		{ to },
	);
}

/** Ricevuta di avvenuta consegna of one recipient, for the sender (RFC 6109 3.3.2). */
export async function writeDelivery(
	provider: Provider,
	mail: PecMail,
	options: { at: Date; recipient: string; content: ReceiptContent; original?: Buffer },
): Promise<WrittenReceipt> {
	const { at, recipient, content, original } = options;
	return await writeReceipt(
		provider,
		mail,
		{ type: 'avvenuta-consegna', at, receiptContent: content, deliveredTo: recipient },
		deliveryText(mail, at, recipient, content),
		{ original },
	);
}

/** Avviso di mancata consegna of one recipient, for the sender (RFC 6109 3.3.3). */
export async function writeNonDelivery(
	provider: Provider,
	mail: PecMail,
	options: { at: Date; recipient: string; failure: DeliveryError },
): Promise<WrittenReceipt> {
	const { at, recipient, failure } = options;
	return await writeReceipt(
		provider,
		mail,
		{
			type: 'errore-consegna',
			at,
			error: failure.error,
			deliveredTo: recipient,
			extendedError: failure.extended,
		},
		nonDeliveryText(mail, at, recipient, failure.extended),
	);
}

/**
 * Avviso di mancata consegna per superamento del tempo massimo of one recipient, for the sender (RFC 6109 3.1.6, whose
 * "original recipient" in To is a slip): first and second differ in their words and their status only.
 */
export async function writeTimeout(
	provider: Provider,
	mail: PecMail,
	options: { at: Date; recipient: string; hours: TimeoutHours },
): Promise<WrittenReceipt> {
	const { at, recipient, hours } = options;
	return await writeReceipt(
		provider,
		mail,
		{
			type: 'preavviso-errore-consegna',
			at,
			error: 'altro',
			deliveredTo: recipient,
			extendedError: `${TIMEOUT_STATUSES[hours]} - ${provider.name} - il messaggio ${TIMEOUT_WORDS[hours]}`,
		},
		timeoutText(mail, at, recipient, hours),
	);
}

/**
 * Any receipt, signed.
 * @param options.to the sender unless given
 * @param options.securityCheckFailed a virus is why: X-VerificaSicurezza says so, and the subject
 * @param options.originalSender for X-Mittente
 */
export async function writeReceipt(
	provider: Provider,
	mail: PecMail,
	certified: Omit<Certified, 'provider'> & { type: ReceiptWireType },
	text: ReadableText,
	options: {
		to?: string;
		original?: Buffer;
		securityCheckFailed?: boolean;
		originalSender?: string;
	} = {},
): Promise<WrittenReceipt> {
	const { type, at } = certified;
	const { to = mail.sender, original, securityCheckFailed = false, originalSender } = options;
	const prefix = `${SUBJECT_PREFIXES[type]}${securityCheckFailed ? ' PER VIRUS' : ''}`;
	const messageId = `<${provider.identifiers.receipt(at)}>`;
	const headers = [
		headerField('Subject', `${prefix}: ${writtenSubject(mail.headers)}`),
		referenceField(provider, mail),
		headerField('Date', romeTime(at).headerDate),
		headerField('Message-ID', messageId),
		headerField('To', to),
		headerField('From', provider.certifiedAddress),
		headerField('X-Ricevuta', type),
		securityCheckFailed ? headerField('X-VerificaSicurezza', 'errore') : '',
		originalSender === undefined ? '' : headerField('X-Mittente', originalSender),
	].join('');
	const certification = certificationData(mail, {
		...certified,
		provider: provider.name,
		withoutMsgid: !provider.style.msgid,
	});
	const content = { text, certification, original };
	const raw = await writeSignedMessage(provider, headers, content, at);
	return { wireType: type, messageId, raw };
}
