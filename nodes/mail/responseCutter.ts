const LF = 0x0a;
const CR = 0x0d;
const CLOSING_BRACE = 0x7d;

/** A response as it came. */
export interface RawResponse {
	/** Its lines together, a character for each byte; each `{n}` at the end of one but the last stands for the next literal. */
	readonly text: string;
	readonly literals: readonly Buffer[];
}

/** What is larger is left to whoever reads after this: rows of scans and exports are not. */
const LINE_LIMIT = 1024 * 1024;
const LITERAL_LIMIT = 8 * 1024 * 1024;
const RESPONSE_LIMIT = 16 * 1024 * 1024;

/** Cuts what a server sends into responses (RFC 9051 2.2.2 and 4.3), in whatever pieces it comes. */
export class ResponseCutter {
	/** Each with a literal behind it. */
	private lines: string[] = [];
	private line = '';
	private literals: Buffer[] = [];
	private literal: Buffer | undefined;
	private filled = 0;
	/** Of lines and announced literals, but for the line that is not ended. */
	private bytes = 0;

	/**
	 * @param onResponse told of each response that the piece completes
	 * @returns bytes that are too much for it: what it held of a response, and the piece from there on
	 */
	feed(piece: Buffer, onResponse: (response: RawResponse) => void): Buffer | undefined {
		let at = 0;
		while (at < piece.length) {
			if (this.literal) {
				at += this.fill(this.literal, piece, at);
				continue;
			}
			const lf = piece.indexOf(LF, at);
			const end = lf === -1 ? piece.length : lf + 1;
			this.line += piece.toString('latin1', at, end);
			at = end;
			const isTooMuch = this.line.length > LINE_LIMIT;
			if (isTooMuch || (lf !== -1 && !this.endLine(onResponse))) {
				return Buffer.concat([this.release(), piece.subarray(at)]);
			}
		}
		return undefined;
	}

	/** What it holds of a response; it holds nothing then. */
	release(): Buffer {
		const literals = [...this.literals];
		if (this.literal) literals.push(this.literal.subarray(0, this.filled));
		const held = bytesOf({ text: this.lines.join('') + this.line, literals });
		this.begin();
		return held;
	}

	private begin(): void {
		this.lines = [];
		this.line = '';
		this.literals = [];
		this.literal = undefined;
		this.bytes = 0;
	}

	/** @returns how many bytes of the piece are the literal's */
	private fill(literal: Buffer, piece: Buffer, at: number): number {
		const copied = piece.copy(literal, this.filled, at);
		this.filled += copied;
		if (this.filled === literal.length) {
			this.literals.push(literal);
			this.literal = undefined;
		}
		return copied;
	}

	/** @returns false when a literal follows that is too much */
	private endLine(onResponse: (response: RawResponse) => void): boolean {
		const { line, literals } = this;
		const size = literalSize(line);
		if (size === undefined) {
			const text = this.lines.join('') + line;
			this.begin();
			onResponse({ text, literals });
			return true;
		}
		this.bytes += line.length + size;
		if (size > LITERAL_LIMIT || this.bytes > RESPONSE_LIMIT) return false;
		this.lines.push(line);
		this.line = '';
		this.filled = 0;
		const literal = Buffer.allocUnsafe(size);
		if (size === 0) literals.push(literal);
		else this.literal = literal;
		return true;
	}
}

/** What a line announces at its end. */
function literalSize(line: string): number | undefined {
	let end = line.length - 1;
	if (line.charCodeAt(end - 1) === CR) end -= 1;
	if (line.charCodeAt(end - 1) !== CLOSING_BRACE) return undefined;
	const open = line.lastIndexOf('{', end - 1);
	if (open === -1) return undefined;
	const digits = line.slice(open + 1, end - 1);
	return /^\d+$/.test(digits) ? Number(digits) : undefined;
}

/** As they came: a line that does not end the response has a literal behind it. */
export function bytesOf({ text, literals }: RawResponse): Buffer {
	const pieces: Buffer[] = [];
	let at = 0;
	for (const literal of literals) {
		const end = text.indexOf('\n', at) + 1;
		pieces.push(Buffer.from(text.slice(at, end), 'latin1'), literal);
		at = end;
	}
	pieces.push(Buffer.from(text.slice(at), 'latin1'));
	return Buffer.concat(pieces);
}
