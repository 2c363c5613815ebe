/**
 * One command as it came: text lines (latin1, without line end and without the `{n}` marker) with the literal that
 * follows each but the last.
 */
export interface RawCommand {
	readonly lines: readonly string[];
	readonly literals: readonly Buffer[];
}

export type ReaderEvent =
	| { readonly kind: 'command'; readonly command: RawCommand }
	/** A literal follows; when the client `waits`, it wants `+` before it sends it (RFC 3501 7.5, RFC 7888). */
	| { readonly kind: 'literal'; readonly firstLine: string; readonly waits: boolean }
	/** A literal over the limit, not sent yet: the command is over, the connection goes on. */
	| { readonly kind: 'refused'; readonly firstLine: string }
	/** What follows can no longer be told from text: the connection must end. */
	| { readonly kind: 'overflow' };

/** Bytes of text in one command, and of its literals together where it is no APPEND; Dovecot's limit too. */
export const MAX_TEXT = 64 * 1024;

/** RFC 7888: literals that do not wait for `+`, of any size, of at most 4096 bytes (LITERAL-), or unknown to the server. */
export type NonSynchronizing = 'any' | 'small' | 'none';
const SMALL_LITERAL = 4096;

const LITERAL_MARKER = /\{(\d{1,10})(\+?)\}$/;
const IS_APPEND = /^[^ ]+ APPEND /i;
const LINE_FEED = 0x0a;

/** Turns a byte stream into commands. Knows no socket. */
export class CommandReader {
	/** Bytes of the literals of an APPEND together. */
	maxLiteral: number;
	nonSynchronizing: NonSynchronizing = 'any';

	#input: Buffer = Buffer.alloc(0);
	#lines: string[] = [];
	#literals: Buffer[] = [];
	#textLength = 0;
	#literalLength = 0;
	#literal: { readonly bytes: Buffer; filled: number } | undefined;

	constructor(maxLiteral: number) {
		this.maxLiteral = maxLiteral;
	}

	/** Bytes pushed and not yet read. */
	get buffered(): number {
		return this.#input.length;
	}

	/** Takes back what was pushed and not yet read. */
	takeBuffered(): Buffer {
		const rest = this.#input;
		this.#input = Buffer.alloc(0);
		return rest;
	}

	push(chunk: Buffer): void {
		this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
	}

	/** Forgets everything, also what was pushed: after STARTTLS nothing sent in clear may count (RFC 9051 6.2.1). */
	reset(): void {
		this.#input = Buffer.alloc(0);
		this.#literal = undefined;
		this.#startCommand();
	}

	/** The next thing that can be told from what was pushed; `undefined` when more bytes are needed. */
	next(): ReaderEvent | undefined {
		if (this.#literal !== undefined && !this.#fillLiteral(this.#literal)) return undefined;
		return this.#readLine();
	}

	#fillLiteral(literal: { readonly bytes: Buffer; filled: number }): boolean {
		const copied = this.#input.copy(literal.bytes, literal.filled);
		literal.filled += copied;
		this.#input = this.#input.subarray(copied);
		if (literal.filled < literal.bytes.length) return false;
		this.#literals.push(literal.bytes);
		this.#literal = undefined;
		return true;
	}

	#readLine(): ReaderEvent | undefined {
		const end = this.#input.indexOf(LINE_FEED);
		if (end === -1) {
			return this.#textLength + this.#input.length > MAX_TEXT ? { kind: 'overflow' } : undefined;
		}
		this.#textLength += end;
		if (this.#textLength > MAX_TEXT) return { kind: 'overflow' };
		const line = this.#input.toString('latin1', 0, end).replace(/\r$/, '');
		this.#input = this.#input.subarray(end + 1);

		const marker = LITERAL_MARKER.exec(line);
		if (marker === null || (marker[2] === '+' && this.nonSynchronizing === 'none')) {
			const command = { lines: [...this.#lines, line], literals: this.#literals };
			this.#startCommand();
			return { kind: 'command', command };
		}
		const size = Number(marker[1]);
		const waits = marker[2] === '';
		const text = line.slice(0, marker.index);
		const firstLine = this.#lines[0] ?? text;
		this.#literalLength += size;
		const limit = IS_APPEND.test(firstLine) ? this.maxLiteral : Math.min(this.maxLiteral, MAX_TEXT);
		// RFC 7888 5: what is too long for LITERAL- comes all the same, and would be read as commands.
		const isTooLong = !waits && this.nonSynchronizing === 'small' && size > SMALL_LITERAL;
		if (this.#literalLength > limit || isTooLong) {
			this.#startCommand();
			return waits ? { kind: 'refused', firstLine } : { kind: 'overflow' };
		}
		this.#lines.push(text);
		// Slow: its own memory, so that a stored message never keeps a shared pool alive.
		this.#literal = { bytes: Buffer.allocUnsafeSlow(size), filled: 0 };
		return { kind: 'literal', firstLine: this.#lines[0] ?? '', waits };
	}

	#startCommand(): void {
		this.#lines = [];
		this.#literals = [];
		this.#textLength = 0;
		this.#literalLength = 0;
	}
}
