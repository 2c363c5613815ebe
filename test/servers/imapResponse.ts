/** A value of an IMAP response, RFC 3501 chapter 4: atoms, numbers, strings and literals as text (latin1). */
export type ImapValue = string | null | readonly ImapValue[];

interface Position {
	at: number;
}

/** Reads the values of a response such as `* 1 FETCH (UID 3)`; literals stand in it as they came. */
export function readValues(text: string): ImapValue[] {
	return readUntil(text, { at: 0 }, undefined);
}

function readUntil(text: string, position: Position, end: ')' | undefined): ImapValue[] {
	const values: ImapValue[] = [];
	while (position.at < text.length) {
		const next = text[position.at];
		if (next === ' ' || next === '\r' || next === '\n') position.at += 1;
		else if (next === end) {
			position.at += 1;
			return values;
		} else values.push(readValue(text, position));
	}
	if (end !== undefined) throw new Error(`a list without an end: ${text}`);
	return values;
}

function readValue(text: string, position: Position): ImapValue {
	const rest = text.slice(position.at, position.at + 1);
	if (rest === '(') {
		position.at += 1;
		return readUntil(text, position, ')');
	}
	if (rest === '"') return readQuoted(text, position);
	if (rest === '{') return readLiteral(text, position);
	return readAtom(text, position);
}

function readQuoted(text: string, position: Position): string {
	const quoted = /"((?:[^"\\]|\\.)*)"/y;
	quoted.lastIndex = position.at;
	const match = quoted.exec(text);
	if (!match) throw new Error(`a string without an end: ${text}`);
	position.at = quoted.lastIndex;
	return (match[1] ?? '').replace(/\\(.)/g, '$1');
}

function readLiteral(text: string, position: Position): string {
	const announced = /\{(\d+)\}\r\n/y;
	announced.lastIndex = position.at;
	const match = announced.exec(text);
	if (!match) throw new Error(`a literal without its length: ${text}`);
	const start = announced.lastIndex;
	position.at = start + Number(match[1]);
	return text.slice(start, position.at);
}

/** An atom may carry a section or a response code in brackets, in which there may be spaces and lists. */
function readAtom(text: string, position: Position): string | null {
	const atom = /(?:\[[^\]]*\]|[^\s()"[{])+/y;
	atom.lastIndex = position.at;
	const match = atom.exec(text);
	if (!match) throw new Error(`not a value at ${position.at}: ${text}`);
	position.at = atom.lastIndex;
	return match[0].toUpperCase() === 'NIL' ? null : match[0];
}
