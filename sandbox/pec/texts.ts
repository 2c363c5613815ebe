import type { PecMail, ReceiptContent } from './mail.ts';
import { romeTime } from './romeTime.ts';

/** The same words twice (RFC 6109 4.3.1); the HTML refers to nothing outside itself. */
export interface ReadableText {
	readonly plain: string;
	readonly html: string;
}

const CERTIFICATION_HINT =
	"L'allegato daticert.xml contiene informazioni di servizio sulla trasmissione";
const ORIGINAL_HINT =
	'Il messaggio originale è incluso in allegato, per aprirlo cliccare sul file "postacert.eml" (nella webmail o in alcuni client di posta l\'allegato potrebbe avere come nome l\'oggetto del messaggio originale).';

/** RFC 6109 3.1.4, in the words providers use. */
export function acceptanceText(mail: PecMail, at: Date): ReadableText {
	const to = mail.recipients.map(
		({ address, certified }) =>
			`${address} ("${certified ? 'posta certificata' : 'posta ordinaria'}")`,
	);
	return readable('Ricevuta di accettazione', [
		`${moment(at)} il messaggio con Oggetto`,
		`"${mail.subject ?? ''}" inviato da "${mail.sender}"`,
		'ed indirizzato a:',
		...to,
		'è stato accettato dal sistema ed inoltrato.',
		identifier(mail),
		CERTIFICATION_HINT,
	]);
}

/** RFC 6109 3.1.2. */
export function nonAcceptanceText(mail: PecMail, at: Date, error: string): ReadableText {
	return readable("Errore nell'accettazione del messaggio", [
		`${moment(at)} nel messaggio con Oggetto`,
		`"${mail.subject ?? ''}" inviato da "${mail.sender}"`,
		'ed indirizzato a:',
		...mail.recipients.map(({ address }) => address),
		"è stato rilevato un problema che ne impedisce l'accettazione a causa di:",
		error,
		'Il messaggio non è stato accettato.',
		identifier(mail),
		CERTIFICATION_HINT,
	]);
}

/** RFC 6109 3.2.1. */
export function takenInChargeText(
	mail: PecMail,
	at: Date,
	recipients: readonly string[],
): ReadableText {
	return readable('Ricevuta di presa in carico', [
		`${moment(at)} il messaggio con Oggetto`,
		`"${mail.subject ?? ''}" inviato da "${mail.sender}"`,
		'ed indirizzato a:',
		...recipients,
		'è stato accettato dal sistema.',
		identifier(mail),
		CERTIFICATION_HINT,
	]);
}

const DELIVERY_TITLES: Readonly<Record<ReceiptContent, string>> = {
	completa: 'Ricevuta di avvenuta consegna',
	breve: 'Ricevuta breve di avvenuta consegna',
	sintetica: 'Ricevuta sintetica di avvenuta consegna',
};

/** RFC 6109 3.3.2.1 to 3.3.2.3. */
export function deliveryText(
	mail: PecMail,
	at: Date,
	recipient: string,
	content: ReceiptContent,
): ReadableText {
	return readable(DELIVERY_TITLES[content], [
		`${moment(at)} il messaggio con Oggetto`,
		`"${mail.subject ?? ''}" inviato da "${mail.sender}"`,
		`ed indirizzato a "${recipient}"`,
		'è stato correttamente consegnato al destinatario.',
		identifier(mail),
		...(content === 'sintetica' ? [] : [ORIGINAL_HINT]),
		CERTIFICATION_HINT,
	]);
}

/** RFC 6109 3.3.3. */
export function nonDeliveryText(
	mail: PecMail,
	at: Date,
	recipient: string,
	error: string,
): ReadableText {
	return readable('Avviso di mancata consegna', [
		`${moment(at)} nel messaggio con Oggetto`,
		`"${mail.subject ?? ''}" inviato da "${mail.sender}"`,
		"e destinato all'utente",
		`"${recipient}"`,
		'è stato rilevato il seguente errore:',
		error,
		'Il messaggio è stato rifiutato dal sistema.',
		identifier(mail),
	]);
}

/** What has not happened by the first and the second notice (RFC 6109 3.1.6). */
export const TIMEOUT_WORDS = {
	12: 'non è stato consegnato nelle prime dodici ore dal suo invio',
	24: 'non è stato consegnato nelle prime ventiquattro ore dal suo invio',
} as const;

const TIMEOUT_OUTLOOK: Readonly<Record<keyof typeof TIMEOUT_WORDS, readonly string[]>> = {
	12: [
		"Non escludendo che questo possa avvenire in seguito, si ritiene utile considerare che l'invio potrebbe non andare a buon fine.",
		'Il sistema provvederà comunque ad inviare un ulteriore avviso di mancata consegna se nelle prossime dodici ore non vi sarà la conferma della ricezione da parte del destinatario.',
	],
	24: ["L'invio deve considerarsi non andato a buon fine."],
};

/** RFC 6109 3.1.6. */
export function timeoutText(
	mail: PecMail,
	at: Date,
	recipient: string,
	hours: keyof typeof TIMEOUT_WORDS,
): ReadableText {
	return readable('Avviso di mancata consegna per superamento del tempo massimo', [
		`${moment(at)} il messaggio con Oggetto`,
		`"${mail.subject ?? ''}" inviato da "${mail.sender}"`,
		`e destinato all'utente "${recipient}"`,
		`${TIMEOUT_WORDS[hours]}.`,
		...TIMEOUT_OUTLOOK[hours],
		identifier(mail),
		CERTIFICATION_HINT,
	]);
}

/** RFC 6109 3.1.5. */
export function transportText(mail: PecMail, at: Date): ReadableText {
	return readable('Messaggio di posta certificata', [
		`${moment(at)} il messaggio con Oggetto`,
		`"${mail.subject ?? ''}" è stato inviato dal mittente "${mail.sender}"`,
		'e indirizzato a:',
		...mail.recipients.map(({ address }) => address),
		ORIGINAL_HINT,
		CERTIFICATION_HINT,
		`L'identificativo univoco di questo messaggio è: ${mail.providerId}`,
	]);
}

/** RFC 6109 3.2.2. */
export function anomalyText(
	mail: { sender: string; subject: string; recipients: readonly string[] },
	at: Date,
	error: string,
): ReadableText {
	return readable('Anomalia nel messaggio', [
		`${moment(at)} è stato ricevuto`,
		`il messaggio "${mail.subject}" proveniente da "${mail.sender}"`,
		'ed indirizzato a:',
		...mail.recipients,
		'Tali dati non sono stati certificati per il seguente errore:',
		error,
		'Il messaggio originale è incluso in allegato.',
	]);
}

/** Title and lines as providers set them. */
export function readable(title: string, lines: readonly string[]): ReadableText {
	return {
		plain: [`-- ${title} --`, '', ...lines, ''].join('\n'),
		html: [
			'<html>',
			`<head><title>${escape(title)}</title></head>`,
			'<body>',
			`<h3>${escape(title)}</h3>`,
			'<hr><br>',
			...lines.map((line) => `${escape(line)}<br>`),
			'</body>',
			'</html>',
			'',
		].join('\n'),
	};
}

/** RFC 6109 4.2, with the zone as providers write it. */
export function moment(at: Date): string {
	const { day, time, zone } = romeTime(at);
	return `Il giorno ${day} alle ore ${time} (${zone})`;
}

/** The line that names the message. */
export function identifier(mail: PecMail): string {
	return `Identificativo del messaggio: ${mail.providerId}`;
}

function escape(text: string): string {
	return text
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll('"', '&quot;');
}
