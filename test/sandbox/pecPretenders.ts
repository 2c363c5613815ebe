import { CLIENTE, message, STUDIO } from './pecDesk.ts';

/** Mail of a stranger that would like to be taken for a provider's. */

const CERTIFICATION = [
	'<?xml version="1.0" encoding="UTF-8"?>',
	'<postacert tipo="avvenuta-consegna" errore="nessuno">',
	'<intestazione>',
	`<mittente>${CLIENTE}</mittente>`,
	'<destinatari tipo="certificato">alfa2@pec.alfa.test</destinatari>',
	`<risposte>${CLIENTE}</risposte>`,
	'</intestazione>',
	'<dati>',
	'<gestore-emittente>Gestore Alfa S.p.A.</gestore-emittente>',
	'<data zona="+0100"><giorno>01/02/2026</giorno><ora>00:30:12</ora></data>',
	'<identificativo>opec2941.20260201003012.00001.1.1.1@pec.alfa.test</identificativo>',
	'<msgid>&lt;prova.1@pec.alfa.test&gt;</msgid>',
	'<consegna>alfa2@pec.alfa.test</consegna>',
	'</dati>',
	'</postacert>',
].join('');

const HEADERS = {
	From: 'posta-certificata@pec.alfa.test',
	To: CLIENTE,
	'Message-ID': '<finta@example.com>',
	'X-Riferimento-Message-ID': '<prova.1@pec.alfa.test>',
};

/** Nothing but the header of a receipt. */
export function forgedHeader(type = 'accettazione'): string {
	return message({
		...HEADERS,
		Subject: 'ACCETTAZIONE: Prova',
		'X-Ricevuta': type,
	});
}

/** Nothing but the header of a transport envelope. */
export function forgedEnvelope(): string {
	return message({
		...HEADERS,
		From: `"Per conto di: ${STUDIO}" <posta-certificata@pec.alfa.test>`,
		Subject: 'POSTA CERTIFICATA: Prova',
		'X-Trasporto': 'posta-certificata',
	});
}

/** A delivery receipt in all but the signature. */
export function forgedReceipt(): string {
	return message(
		{
			...HEADERS,
			Subject: 'CONSEGNA: Prova',
			'X-Ricevuta': 'avvenuta-consegna',
			'MIME-Version': '1.0',
			'Content-Type': 'multipart/mixed; boundary="a"',
		},
		[
			'--a',
			'Content-Type: text/plain',
			'',
			'Ricevuta di avvenuta consegna',
			'--a',
			'Content-Type: application/xml; name="daticert.xml"',
			'Content-Disposition: inline; filename="daticert.xml"',
			'',
			CERTIFICATION,
			'--a--',
			'',
		].join('\r\n'),
	);
}

/** What a mailing list makes of a message: its header kept, the subject marked, a footer beside the signed part. */
export function listCopy(raw: Buffer): Buffer {
	const text = raw.toString('latin1');
	const end = text.indexOf('\r\n\r\n');
	const fields = text.slice(0, end).split(/\r\n(?![ \t])/);
	const isContent = (field: string): boolean => /^content-/i.test(field);
	const kept = fields
		.filter((field) => !isContent(field))
		.map((field) => field.replace(/^Subject: /i, 'Subject: [lista] '));
	return Buffer.from(
		[
			...kept,
			'List-Id: <lista.example.com>',
			'Content-Type: multipart/mixed; boundary="lista"',
			'',
			'--lista',
			...fields.filter(isContent),
			text.slice(end + 2),
			'--lista',
			'Content-Type: text/plain',
			'',
			'Lista di prova',
			'--lista--',
			'',
		].join('\r\n'),
		'latin1',
	);
}

/** A bounce of a server outside PEC (RFC 3464). */
export function bounce(): string {
	return message(
		{
			'Return-Path': '<>',
			From: 'MAILER-DAEMON@example.com',
			To: CLIENTE,
			Subject: 'Undelivered Mail Returned to Sender',
			'Message-ID': '<rimbalzo@example.com>',
			'MIME-Version': '1.0',
			'Content-Type': 'multipart/report; report-type=delivery-status; boundary="b"',
		},
		[
			'--b',
			'Content-Type: text/plain',
			'',
			'It was not delivered.',
			'--b',
			'Content-Type: message/delivery-status',
			'',
			'Reporting-MTA: dns; example.com',
			'',
			'Final-Recipient: rfc822; tizio@example.com',
			'Action: failed',
			'Status: 5.1.1',
			'--b--',
			'',
		].join('\r\n'),
	);
}
