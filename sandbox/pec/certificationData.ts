import type { PecMail, ReceiptContent } from './mail.ts';
import { romeTime } from './romeTime.ts';

export type WireType =
	| 'posta-certificata'
	| 'accettazione'
	| 'non-accettazione'
	| 'presa-in-carico'
	| 'avvenuta-consegna'
	| 'errore-consegna'
	| 'preavviso-errore-consegna'
	| 'rilevazione-virus';

export type WireError = 'nessuno' | 'no-dest' | 'no-dominio' | 'virus' | 'altro';

/** What one receipt or envelope certifies, beside what the mail itself says. */
export interface Certified {
	readonly type: WireType;
	readonly provider: string;
	readonly at: Date;
	/** Without `msgid`, as some providers write it; with it unless given. */
	readonly withoutMsgid?: boolean;
	readonly error?: WireError;
	readonly receiptContent?: ReceiptContent;
	readonly deliveredTo?: string;
	readonly receivedBy?: readonly string[];
	readonly extendedError?: string;
}

/** daticert.xml, valid against the DTD of RFC 6109 4.4. */
export function certificationData(mail: PecMail, certified: Certified): string {
	const time = romeTime(certified.at);
	const lines = [
		'<?xml version="1.0" encoding="UTF-8"?>',
		`<postacert tipo="${certified.type}" errore="${certified.error ?? 'nessuno'}">`,
		'    <intestazione>',
		`        ${element('mittente', mail.sender)}`,
		...mail.recipients.map(
			({ address, certified: pec }) =>
				`        <destinatari tipo="${pec ? 'certificato' : 'esterno'}">${escape(address)}</destinatari>`,
		),
		`        ${element('risposte', mail.replyTo)}`,
		...optional('oggetto', mail.subject),
		'    </intestazione>',
		'    <dati>',
		`        ${element('gestore-emittente', certified.provider)}`,
		`        <data zona="${time.zone}">`,
		`            ${element('giorno', time.day)}`,
		`            ${element('ora', time.time)}`,
		'        </data>',
		`        ${element('identificativo', mail.providerId)}`,
		...optional('msgid', certified.withoutMsgid === true ? undefined : mail.clientId),
		...(certified.receiptContent === undefined
			? []
			: [`        <ricevuta tipo="${certified.receiptContent}" />`]),
		...optional('consegna', certified.deliveredTo),
		...(certified.receivedBy ?? []).map((address) => `        ${element('ricezione', address)}`),
		...optional('errore-esteso', certified.extendedError),
		'    </dati>',
		'</postacert>',
	];
	return `${lines.join('\n')}\n`;
}

function optional(name: string, text: string | undefined): string[] {
	return text === undefined ? [] : [`        ${element(name, text)}`];
}

function element(name: string, text: string): string {
	return `<${name}>${escape(text)}</${name}>`;
}

/** Text as it may stand in an element. */
export function escape(text: string): string {
	return (
		text
			.replaceAll('&', '&amp;')
			.replaceAll('<', '&lt;')
			.replaceAll('>', '&gt;')
			// XML 1.0 2.2: no reference can stand for these
			.replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
	);
}
