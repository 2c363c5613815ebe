import type { PecMail } from './mail.ts';
import { identifier, moment, readable, type ReadableText } from './texts.ts';

/** RFC 6109 3.1.3. */
export function infectedNonAcceptanceText(mail: PecMail, at: Date, virus: string): ReadableText {
	return readable("Errore nell'accettazione del messaggio per presenza di virus", [
		`${moment(at)} nel messaggio con Oggetto`,
		`"${mail.subject ?? ''}" inviato da "${mail.sender}"`,
		'ed indirizzato a:',
		...mail.recipients.map(({ address }) => address),
		`è stato rilevato un problema di sicurezza [${virus}].`,
		'Il messaggio non è stato accettato.',
		identifier(mail),
	]);
}

/** RFC 6109 3.2.3. */
export function virusDetectionText(
	mail: PecMail,
	at: Date,
	recipient: string,
	virus: string,
): ReadableText {
	return readable('Avviso di rilevazione virus', [
		`${moment(at)} nel messaggio con Oggetto`,
		`"${mail.subject ?? ''}" inviato da "${mail.sender}"`,
		`e destinato all'utente "${recipient}"`,
		`è stato rilevato un problema di sicurezza [${virus}].`,
		identifier(mail),
	]);
}

/** RFC 6109 3.2.4. */
export function infectedNonDeliveryText(
	mail: PecMail,
	at: Date,
	recipient: string,
	virus: string,
): ReadableText {
	return readable('Avviso di mancata consegna per virus', [
		`${moment(at)} nel messaggio con Oggetto`,
		`"${mail.subject ?? ''}" destinato all'utente "${recipient}"`,
		`è stato rilevato un problema di sicurezza [${virus}].`,
		'Il messaggio non è stato consegnato.',
		identifier(mail),
	]);
}
