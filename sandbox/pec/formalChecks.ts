import { addressesIn, fieldsNamed } from './headers.ts';
import type { PecMail, Submission } from './mail.ts';

/** RFC 6109 3.1.1: Italian law sets size times recipients at 30 MB. */
export const TOTAL_SIZE_LIMIT = 30 * 1024 * 1024;

/** Enhanced status and Italian words of what keeps a submission out of the PEC system. */
export interface FormalError {
	readonly status: string;
	readonly text: string;
}

/**
 * The formal checks of the access point (RFC 6109 3.1.1); `undefined` when the submission passes. `totalSize` is what size
 * times recipients may be, in bytes.
 */
export function findFormalError(
	submission: Submission,
	mail: PecMail,
	totalSize: number,
): FormalError | undefined {
	const { headers } = mail;
	const from = addressesIn(headers, 'From');
	if (fieldsNamed(headers, 'From').length !== 1 || from.length !== 1) {
		return { status: '5.6.0', text: 'il messaggio non ha un solo mittente nel campo From' };
	}
	if (!same(from[0], submission.mailFrom) || !same(from[0], submission.account)) {
		return {
			status: '5.7.1',
			text: "il mittente indicato nel campo From non coincide con quello dell'accesso",
		};
	}
	const named = [...addressesIn(headers, 'To'), ...addressesIn(headers, 'Cc')];
	if (addressesIn(headers, 'To').length === 0) {
		return { status: '5.6.0', text: 'il messaggio non ha destinatari nel campo To' };
	}
	if (!named.every(isAddress)) {
		return { status: '5.1.3', text: 'un indirizzo dei campi To e Cc non è valido' };
	}
	if (fieldsNamed(headers, 'Bcc').some(({ value }) => value !== '')) {
		return { status: '5.6.0', text: 'il campo Bcc (Ccn) non è ammesso' };
	}
	if (!submission.rcptTo.every((recipient) => named.some((address) => same(address, recipient)))) {
		return {
			status: '5.6.0',
			text: 'un destinatario della trasmissione non compare nei campi To e Cc',
		};
	}
	if (mail.raw.length * submission.rcptTo.length > totalSize) {
		return {
			status: '5.3.4',
			text: 'la dimensione per il numero dei destinatari supera il limite consentito',
		};
	}
	return undefined;
}

function same(one: string | undefined, other: string): boolean {
	return one?.toLowerCase() === other.toLowerCase();
}

function isAddress(address: string): boolean {
	return /^[^\s@<>"\p{Cc}]+@[^\s@<>"\p{Cc}]+$/u.test(address);
}
