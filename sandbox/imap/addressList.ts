import { nilOrString } from './responseText.ts';

/** One ENVELOPE address (RFC 3501 7.4.2). A group opens with a mailbox and no host, and closes with neither. */
export interface EnvelopeAddress {
	readonly name?: string;
	readonly mailbox?: string;
	readonly host?: string;
}

const QUOTED = /"((?:[^"\\]|\\[\s\S])*)"?/y;
const ANGLE = /<((?:[^>"]|"(?:[^"\\]|\\[\s\S])*"?)*)>?/y;
const PLAIN = /[^\s",:;<>()]+/y;

/** Reads an address field of an unfolded header (RFC 5322 3.4). Latin1 texts; never throws. */
export function parseAddressList(text: string): EnvelopeAddress[] {
	const addresses: EnvelopeAddress[] = [];
	let words: string[] = [];
	let comment: string | undefined;
	let angle: string | undefined;
	let position = 0;

	const take = (pattern: RegExp): string | undefined => {
		pattern.lastIndex = position;
		const match = pattern.exec(text);
		if (match === null) return undefined;
		position = pattern.lastIndex;
		return match[1] ?? match[0];
	};
	const flush = (): void => {
		const phrase = words.join(' ');
		if (angle !== undefined) addresses.push(split(angle, phrase || comment));
		else if (phrase !== '') addresses.push(split(words.join(''), comment));
		words = [];
		comment = undefined;
		angle = undefined;
	};

	while (position < text.length) {
		const character = text[position];
		if (character === '"') {
			words.push(unescape(take(QUOTED) ?? ''));
		} else if (character === '<') {
			angle = take(ANGLE) ?? '';
		} else if (character === '(') {
			const end = commentEnd(text, position);
			comment = unescape(text.slice(position + 1, end - 1));
			position = end;
		} else if (character === ':') {
			addresses.push({ mailbox: words.join(' ') });
			words = [];
			position += 1;
		} else if (character === ',' || character === ';') {
			flush();
			if (character === ';') addresses.push({});
			position += 1;
		} else {
			const word = take(PLAIN);
			if (word === undefined) position += 1;
			else words.push(word);
		}
	}
	flush();
	return addresses;
}

/** The addresses of a field as ENVELOPE has them; NIL for none. */
export function addressesText(value: string | undefined): string {
	const addresses = parseAddressList(value ?? '');
	if (addresses.length === 0) return 'NIL';
	const texts = addresses.map(
		({ name, mailbox, host }) =>
			`(${nilOrString(name)} NIL ${nilOrString(mailbox)} ${nilOrString(host)})`,
	);
	return `(${texts.join('')})`;
}

function split(spec: string, name: string | undefined): EnvelopeAddress {
	// RFC 5322 4.4: an obsolete route (`@relay:user@host`) stands before the address.
	const address = spec.trim().replace(/^@[^:]*:/, '');
	const at = address.lastIndexOf('@');
	return {
		name: name === '' ? undefined : name,
		mailbox: at === -1 ? address : address.slice(0, at),
		host: at === -1 ? '' : address.slice(at + 1),
	};
}

function commentEnd(text: string, start: number): number {
	let depth = 0;
	for (let i = start; i < text.length; i += 1) {
		if (text[i] === '\\') i += 1;
		else if (text[i] === '(') depth += 1;
		else if (text[i] === ')') depth -= 1;
		if (depth === 0) return i + 1;
	}
	return text.length + 1;
}

function unescape(text: string): string {
	return text.replace(/\\([\s\S])/g, '$1');
}
