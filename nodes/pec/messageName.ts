import { safeStep } from './safeName';
import type { PecHeaders, ReceiptType } from './types';

/** Of 64 hexadecimal digits so many, which tell apart all messages that a mailbox ever holds. */
const KEY_DIGITS = 12;

const RECEIPTS: Readonly<Record<ReceiptType, string>> = {
	acceptance: 'accettazione',
	nonAcceptance: 'non-accettazione',
	takenInCharge: 'presa-in-carico',
	delivery: 'consegna',
	nonDelivery: 'mancata-consegna',
	deliveryDelay: 'preavviso-mancata-consegna',
	virusDetected: 'virus',
	unknown: 'ricevuta',
};

/** What a message is, in an office worker's words, as far as a file name has room for it. */
export function kindWord({ kind, receipt }: Pick<PecHeaders, 'kind' | 'receipt'>): string {
	switch (kind) {
		case 'transportEnvelope':
			return 'ricevuto';
		case 'anomalyEnvelope':
			return 'anomalia';
		case 'receipt':
			return RECEIPTS[receipt?.type ?? 'unknown'];
		case 'rem':
			return 'rem';
		case 'deliveryStatus':
			return 'avviso';
		case 'ordinary':
			return 'messaggio';
		case 'unreadable':
			return 'illeggibile';
	}
}

/** Whom a message is about, or from, as certified; absent when it does not say. */
function certifiedPersonOf(headers: PecHeaders, account: string): string | undefined {
	const { receipt, certification, envelope } = headers;
	if (receipt) {
		const [first, ...others] = receipt.recipients;
		return receipt.deliveredTo ?? (others.length === 0 ? first?.address : undefined);
	}
	const from = certification?.sender ?? addressIn(envelope.from);
	const isOurs = from?.toLowerCase() === account.toLowerCase();
	return isOurs ? addressIn(envelope.to[0]) : from;
}

function addressIn(mailbox: string | undefined): string | undefined {
	return mailbox === undefined ? undefined : (/[^\s<>"]+@[^\s<>"]+/.exec(mailbox)?.[0] ?? mailbox);
}

export interface NamedMessage {
	readonly headers: PecHeaders;
	readonly pecKey: string;
	/** INTERNALDATE, ISO 8601: where there is no certified time. */
	readonly receivedAt: string;
	readonly account: string;
}

/**
 * A file name that a person reads and every file system takes: when, what, whom, and the beginning of the pecKey, as
 * `2026-02-01_003012_consegna_rossi@pec.example.it_1a2b3c4d5e6f.eml`. The same for the same message.
 */
export function messageFileName({ headers, pecKey, receivedAt, account }: NamedMessage): string {
	const steps = [
		timeStep(headers.certification?.local ?? receivedAt),
		kindWord(headers),
		safeStep(certifiedPersonOf(headers, account) ?? '', 'senza-indirizzo'),
		safeStep(pecKey.slice(0, KEY_DIGITS), 'senza-chiave'),
	];
	return `${steps.join('_')}.eml`;
}

/** Date and time as the provider wrote them, else in UTC, marked so. */
function timeStep(written: string): string {
	const [, day, hour, minute, second] =
		/^(\d{4}-\d{2}-\d{2})[ T](\d{2}):(\d{2}):(\d{2})/.exec(written) ?? [];
	if (day === undefined) return 'senza-data';
	const zone = written.endsWith('Z') ? 'Z' : '';
	return `${day}_${hour}${minute}${second}${zone}`;
}
