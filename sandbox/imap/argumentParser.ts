import type { RawCommand } from './commandReader.ts';

/** What the client sent is not IMAP; its message goes back to the client and quotes nothing of it. */
export class BadCommandError extends Error {}

const ATOM = /[^\x00-\x20(){%*"\\\]\x7f-\xff]+/y;
// RFC 3501 9: astring may hold `]`, and a mailbox pattern also the wildcards.
const ASTRING_ATOM = /[^\x00-\x20(){%*"\\\x7f-\xff]+/y;
const LIST_ATOM = /[^\x00-\x20(){"\\\x7f-\xff]+/y;
const QUOTED = /"((?:[^"\\\r\n]|\\["\\])*)"/y;
const NUMBER = /\d{1,10}/y;
const FLAG = /\\?[^\x00-\x20(){%*"\\\]\x7f-\xff]+/y;

/** Reads the arguments of one command from left to right. Every method throws BadCommandError on what does not fit. */
export class ArgumentParser {
	readonly #command: RawCommand;
	#line = 0;
	#position = 0;

	constructor(command: RawCommand) {
		this.#command = command;
	}

	/** What `pattern` (sticky) matches here, or `undefined`, with its first group or the whole. */
	take(pattern: RegExp): string | undefined {
		pattern.lastIndex = this.#position;
		const match = pattern.exec(this.#text());
		if (match === null) return undefined;
		this.#position = pattern.lastIndex;
		return match[1] ?? match[0];
	}

	/** Whether this character came next; it is consumed if so. */
	takes(character: string): boolean {
		if (this.#text()[this.#position] !== character) return false;
		this.#position += 1;
		return true;
	}

	/** Whether this character comes next. */
	sees(character: string): boolean {
		return this.#text()[this.#position] === character;
	}

	expect(character: string): void {
		if (!this.takes(character)) throw new BadCommandError(`expected "${character}"`);
	}

	space(): void {
		if (!this.takes(' ')) throw new BadCommandError('expected a space and an argument');
	}

	atEnd(): boolean {
		return this.#position === this.#text().length && !this.#atLiteral();
	}

	end(): void {
		if (!this.atEnd()) throw new BadCommandError('unexpected arguments');
	}

	/** Upper case. */
	keyword(): string {
		return this.#required(ATOM, 'expected a word').toUpperCase();
	}

	atom(): string {
		return this.#required(ATOM, 'expected an atom');
	}

	number(): number {
		return Number(this.#required(NUMBER, 'expected a number'));
	}

	/** A flag as written. */
	flag(): string {
		return this.#required(FLAG, 'expected a flag');
	}

	/** Quoted or literal. */
	string(): Buffer {
		return this.#stringIfAny() ?? this.#fail('expected a string');
	}

	/** Atom, quoted or literal. */
	astring(): Buffer {
		return (
			this.#stringIfAny() ??
			Buffer.from(this.#required(ASTRING_ATOM, 'expected a string'), 'latin1')
		);
	}

	/** Quoted, literal, or an atom in which `*` and `%` may stand. */
	listMailbox(): Buffer {
		return (
			this.#stringIfAny() ?? Buffer.from(this.#required(LIST_ATOM, 'expected a pattern'), 'latin1')
		);
	}

	/** A literal and nothing else. */
	literal(): Buffer {
		if (!this.#atLiteral()) throw new BadCommandError('expected a literal');
		return this.#takeLiteral();
	}

	/** `(item item …)`, possibly empty. */
	list<T>(item: () => T): T[] {
		this.expect('(');
		const items: T[] = [];
		if (this.takes(')')) return items;
		do items.push(item());
		while (this.takes(' '));
		this.expect(')');
		return items;
	}

	#stringIfAny(): Buffer | undefined {
		if (this.#atLiteral()) return this.#takeLiteral();
		if (!this.sees('"')) return undefined;
		const quoted = this.#required(QUOTED, 'expected the end of a quoted string');
		return Buffer.from(quoted.replace(/\\(.)/g, '$1'), 'latin1');
	}

	#required(pattern: RegExp, complaint: string): string {
		return this.take(pattern) ?? this.#fail(complaint);
	}

	#fail(complaint: string): never {
		throw new BadCommandError(complaint);
	}

	#atLiteral(): boolean {
		return this.#position === this.#text().length && this.#line < this.#command.literals.length;
	}

	#takeLiteral(): Buffer {
		const literal = this.#command.literals[this.#line] ?? this.#fail('expected a literal');
		this.#line += 1;
		this.#position = 0;
		return literal;
	}

	#text(): string {
		return this.#command.lines[this.#line] ?? '';
	}
}
