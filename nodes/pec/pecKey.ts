import { sha256Of } from './sha256';

const LF = 0x0a;
const CR = 0x0d;

/** Where the empty line that ends a header block begins, or -1. */
function emptyLineAt(bytes: Buffer): number {
	let line = 0;
	for (;;) {
		if (bytes[line] === LF || (bytes[line] === CR && bytes[line + 1] === LF)) return line;
		const lineEnd = bytes.indexOf(LF, line);
		if (lineEnd === -1) return -1;
		line = lineEnd + 1;
	}
}

/**
 * The top-level header block of a message: a view up to, but without, the empty line that ends it and without its
 * last line's own line end. Takes a whole message, `BODY[HEADER]` (with or without its empty line) or a block alike.
 */
export function headerBlockOf(bytes: Buffer): Buffer {
	const empty = emptyLineAt(bytes);
	let end = empty === -1 ? bytes.length : empty;
	if (bytes[end - 1] === LF) end -= bytes[end - 2] === CR ? 2 : 1;
	return bytes.subarray(0, Math.max(end, 0));
}

/**
 * Identifies a message by content (docs/ARCHITECTURE.md): SHA-256 of its header block in hexadecimal, `-`, its size.
 * @param headerBlock `BODY[HEADER]` as the server sent it, or the whole message: both give the same key
 * @param size of the whole message in bytes (RFC822.SIZE)
 */
export function pecKeyOf(headerBlock: Buffer, size: number): string {
	return `${sha256Of(headerBlockOf(headerBlock))}-${size}`;
}

/** The size in bytes of the message that a pecKey identifies. */
export function sizeOfPecKey(pecKey: string): number {
	return Number(pecKey.slice(pecKey.lastIndexOf('-') + 1));
}
