/** What L. 53/1994 asks of a notice that a lawyer serves by PEC himself (notifica in proprio, art. 3-bis). */

/** L. 53/1994 art. 3-bis c. 4: what the subject must say, to the letter. */
export const NOTICE_SUBJECT = 'Notificazione ai sensi della legge n. 53 del 1994';

/** The public registers an address may be taken from (DL 179/2012 art. 16-ter), by the names lawyers know. */
export const ADDRESS_REGISTERS: ReadonlyMap<string, string> = new Map([
	['iniPec', 'INI-PEC'],
	['inad', 'INAD'],
	['regInde', 'ReGIndE'],
	['registroImprese', 'Registro delle Imprese'],
	['registroPpAa', 'Registro PP.AA.'],
	['ipa', 'IPA'],
]);

/** Where the address of a notice was found, and when. */
export interface AddressSource {
	readonly register: string;
	/** YYYY-MM-DD */
	readonly date: string;
}

/**
 * The subject of a notice; the words of the law alone when there is none. `undefined` when it does not begin with them:
 * then the notice would be void (art. 11), and what was meant is not guessed.
 */
export function noticeSubjectOf(subject: string): string | undefined {
	const written = subject.trim();
	if (written === '') return NOTICE_SUBJECT;
	// The law writes its first letter small.
	const begins = NOTICE_SUBJECT.slice(1);
	return /^n/i.test(written) &&
		written.startsWith(begins, 1) &&
		!/^\w/.test(written.slice(NOTICE_SUBJECT.length))
		? written
		: undefined;
}

/** The day that a text begins with, `undefined` when it begins with none: 30 February is none. */
export function dayIn(text: string): string | undefined {
	const day = /^\d{4}-\d{2}-\d{2}(?!\d)/.exec(text.trim())?.[0];
	if (day === undefined) return undefined;
	const time = Date.parse(`${day}T00:00:00Z`);
	return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day) ? day : undefined;
}

/** The day it is in Italy, where registers are kept. */
export function italianDayOf(time: Date): string {
	return new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Rome' }).format(time);
}
