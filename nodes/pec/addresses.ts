import { domainToASCII } from 'node:url';
import addressparser from 'nodemailer/lib/addressparser';
import { decodeWords } from './charset';
import { AddressError } from './errors';
import type { Mailaddress } from './types';

/** RFC 5321 4.5.3.1.3: 256 octets of path, two of them the angle brackets. */
const ADDRESS_LIMIT = 254;

/**
 * One plain address in the form that identifies it: trimmed and lower-case. Upper case in the local part is not
 * kept: PEC providers do not tell it apart, and a mailing must not send twice because of it.
 * Throws AddressError, without the text, on anything else: display names, lists, control characters, spaces.
 */
export function normalizeAddress(text: string): string {
	// Before trimming: a line break at the end is a header injection as well.
	if (/[\x00-\x1f\x7f-\x9f\u2028\u2029]/.test(text)) {
		throw new AddressError(
			'controlCharacter',
			'The address contains a line break or another control character.',
		);
	}
	const address = text.trim().toLowerCase();
	if (address === '') throw new AddressError('empty', 'The address is empty.');
	if (/[\s,;:<>()[\]"\\]/.test(address)) {
		throw new AddressError(
			'notPlain',
			'Write one address alone, like name@domain.it: no spaces, commas, brackets or display name.',
		);
	}
	// One @, and a domain of at least two labels: PEC domains are always qualified.
	if (
		address.length > ADDRESS_LIMIT ||
		!/^[^@]{1,64}@[^@.]+(?:\.[^@.]+)+$/.test(address) ||
		/^\.|\.\.|\.@/.test(address)
	) {
		throw new AddressError(
			'notAnAddress',
			'This is no e-mail address: it must look like name@domain.it.',
		);
	}
	return address;
}

/**
 * One plain address as PEC can carry it and as it identifies a recipient: the domain in A-labels (RFC 5890), so that
 * `città.it` and `xn--citt-3na.it` are one. ASCII addresses are as `normalizeAddress` has them.
 * Throws AddressError, also for a local part beyond ASCII: PEC submission has no SMTPUTF8 (RFC 6531).
 */
export function certifiedAddress(text: string): string {
	const address = normalizeAddress(text);
	if (/^[\x21-\x7e]+$/.test(address)) return address;
	const at = address.lastIndexOf('@');
	const local = address.slice(0, at);
	if (/[^\x21-\x7e]/.test(local)) {
		throw new AddressError(
			'notAscii',
			'The part before the @ has a letter that no PEC address can have: an accent, or an invisible one that came along when it was copied. Type it again.',
		);
	}
	const domain = domainToASCII(address.slice(at + 1));
	if (domain === '') {
		throw new AddressError('notAnAddress', 'What follows the @ is no domain name. Type it again.');
	}
	return normalizeAddress(`${local}@${domain}`);
}

/** Most fields hold one mailbox in its simplest form: `"name" <address>`, or the address alone. */
const ONE_MAILBOX = /^(?:"([^"\\]*)" *<([\w.+-]+@[\w.-]+)>|<?([\w.+-]+@[\w.-]+)>?)$/;

function mailbox(address: string, name: string | undefined): Mailaddress {
	return name ? { address, name: decodeWords(name) } : { address };
}

/** The mailboxes of an address field (RFC 5322 3.4), groups dissolved, names decoded, addresses as written. */
export function mailboxesOf(field = ''): Mailaddress[] {
	const one = ONE_MAILBOX.exec(field);
	// The library takes a fifth of what all else about a receipt's header and certification data takes.
	if (one) return [mailbox(one[2] ?? one[3] ?? '', one[1]?.trim())];
	return addressparser(field, { flatten: true })
		.filter((entry) => entry.address !== '')
		.map((entry) => mailbox(entry.address, entry.name));
}

/** An address field cut at its commas, each entry as written but for RFC 2047 words, which are decoded. */
export function listEntriesOf(field: string): string[] {
	const only = field.trim();
	if (!only.includes(',')) return only === '' ? [] : [decodeWords(only)];
	const entries: string[] = [];
	let start = 0;
	let quoted = false;
	let bracketed = false;
	for (let at = 0; at <= field.length; at += 1) {
		const character = field[at];
		if (quoted && character === '\\') at += 1;
		else if (character === '"') quoted = !quoted;
		else if (!quoted && character === '<') bracketed = true;
		else if (!quoted && character === '>') bracketed = false;
		else if (character === undefined || (character === ',' && !quoted && !bracketed)) {
			entries.push(field.slice(start, at).trim());
			start = at + 1;
		}
	}
	return entries.filter((entry) => entry !== '').map(decodeWords);
}
