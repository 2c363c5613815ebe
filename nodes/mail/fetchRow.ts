import type { FetchMessageObject } from 'imapflow';
import type { RawResponse } from './responseCutter';

type Row = FetchMessageObject;

const FLAGS = /^[!#-'*-Z^-z|~$\\ ]{0,4096}$/;
const DATE = /^[\w +:-]{20,30}$/;
const MODSEQ = /^\d{1,20}$/;
const EMAIL_ID = /^[\w-]{1,255}$/;
const HEADER = 'HEADER';
const SECTION = /^(?:HEADER|\d{1,3}(?:\.\d{1,3})*)?$/;
const LINE_END = '\r\n';

const LAST_UID = 0xffffffff;

const ZERO = 0x30;
const NINE = 0x39;
/** As many digits as a number may have without losing any. */
const DIGITS = 15;

/** Goes through a response, which it does not copy: regular expressions over a whole row take three times as long. */
class RowScanner {
	private readonly text: string;
	private readonly literals: readonly Buffer[];
	private at = 0;
	private used = 0;

	constructor({ text, literals }: RawResponse) {
		this.text = text;
		this.literals = literals;
	}

	/** In upper case, as servers write it. */
	takes(word: string): boolean {
		if (!this.text.startsWith(word, this.at)) return false;
		this.at += word.length;
		return true;
	}

	number(): number | undefined {
		const start = this.at;
		let value = 0;
		for (;;) {
			const code = this.text.charCodeAt(this.at);
			if (!(code >= ZERO && code <= NINE)) break;
			value = value * 10 + (code - ZERO);
			this.at += 1;
		}
		const digits = this.at - start;
		return digits === 0 || digits > DIGITS ? undefined : value;
	}

	/** What stands before this end, if it is of this form. */
	until(end: string, form: RegExp): string | undefined {
		const stop = this.text.indexOf(end, this.at);
		if (stop === -1) return undefined;
		const found = this.text.slice(this.at, stop);
		if (!form.test(found)) return undefined;
		this.at = stop + end.length;
		return found;
	}

	literal(): Buffer | undefined {
		if (!this.takes(' {') || this.number() === undefined) return undefined;
		if (!this.takes('}') || !this.takes(LINE_END)) return undefined;
		this.used += 1;
		return this.literals[this.used - 1];
	}

	/** Nothing is left, also of what came with it. */
	ends(): boolean {
		const isEnd = this.takes(LINE_END) && this.at === this.text.length;
		return isEnd && this.used === this.literals.length;
	}
}

/**
 * Reads a FETCH response (RFC 9051 7.5.2) that has none but the items that are asked for of many messages, except for their
 * structure, in whatever order; any other is left to imapflow's own parser, which knows all of IMAP and takes ten times as
 * long.
 * @returns `undefined` for a response that is not exactly such a one
 */
export function readFetchRow(response: RawResponse): FetchMessageObject | undefined {
	const scanner = new RowScanner(response);
	if (!scanner.takes('* ')) return undefined;
	const seq = scanner.number();
	if (seq === undefined || !scanner.takes(' FETCH (')) return undefined;
	const row: Row = { seq, uid: 0 };
	do {
		if (!readItem(scanner, row)) return undefined;
	} while (scanner.takes(' '));
	if (!scanner.takes(')') || !scanner.ends()) return undefined;
	// What names no message, and news of flags, are imapflow's to read.
	const isAskedFor = row.size !== undefined || response.literals.length > 0;
	return row.uid > 0 && row.uid <= LAST_UID && isAskedFor ? row : undefined;
}

/** @returns false for an item that is not known here */
function readItem(scanner: RowScanner, row: Row): boolean {
	if (scanner.takes('UID ')) return sets(row, 'uid', scanner.number());
	if (scanner.takes('RFC822.SIZE ')) return sets(row, 'size', scanner.number());
	if (scanner.takes('FLAGS (')) {
		const flags = scanner.until(')', FLAGS);
		return sets(row, 'flags', flags === undefined ? undefined : flagsIn(flags));
	}
	if (scanner.takes('INTERNALDATE "')) {
		const date = scanner.until('"', DATE);
		return sets(row, 'internalDate', date === undefined ? undefined : new Date(date));
	}
	if (scanner.takes('BODY[')) return readContent(scanner, row);
	if (scanner.takes('MODSEQ (')) return scanner.until(')', MODSEQ) !== undefined;
	return scanner.takes('EMAILID (') && scanner.until(')', EMAIL_ID) !== undefined;
}

function readContent(scanner: RowScanner, row: Row): boolean {
	const section = scanner.until(']', SECTION);
	scanner.takes('<0>');
	const content = scanner.literal();
	if (section === undefined || content === undefined) return false;
	if (section === '') row.source = content;
	else if (section === HEADER) row.headers = content;
	else (row.bodyParts ??= new Map<string, Buffer>()).set(section, content);
	return true;
}

function flagsIn(list: string): Set<string> {
	return new Set(list === '' ? [] : list.split(' ').filter(Boolean));
}

function sets<N extends keyof Row>(row: Row, name: N, value: Row[N] | undefined): boolean {
	if (value === undefined) return false;
	row[name] = value;
	return true;
}
