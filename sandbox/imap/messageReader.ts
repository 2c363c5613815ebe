import type { MessageBytes } from '../store/messageBytes.ts';
import { headerEnd, headerFields } from './headerBlock.ts';
import type { HeaderField } from './headerBlock.ts';
import { parseMessage } from './mimeTree.ts';
import type { MimePart } from './mimeTree.ts';

/** Bytes; more than the header of a PEC message has, and less than what is read for nothing would cost. */
const FIRST_READ = 16 * 1024;

/**
 * A message as one command reads it: no more of it than is asked for, and nothing twice. Forgotten with the command: a
 * cache would outweigh the messages.
 */
export class MessageReader {
	readonly #bytes: MessageBytes;
	#header: Buffer | undefined;
	#fields: HeaderField[] | undefined;
	#raw: Buffer | undefined;
	#tree: MimePart | undefined;

	constructor(bytes: MessageBytes) {
		this.#bytes = bytes;
	}

	get size(): number {
		return this.#bytes.size;
	}

	/** With its empty line; the whole message when it has none. */
	get header(): Buffer {
		return (this.#header ??= headerOf(this.#bytes));
	}

	/** The fields of `header`. */
	get fields(): readonly HeaderField[] {
		const { header } = this;
		return (this.#fields ??= headerFields(header, { start: 0, end: header.length }));
	}

	get raw(): Buffer {
		return (this.#raw ??= this.#bytes.slice(0, this.#bytes.size));
	}

	/** The parts, as ranges of `raw`. */
	get tree(): MimePart {
		return (this.#tree ??= parseMessage(this.raw));
	}

	/** Bytes `start` (included) to `end` (excluded), cut to what there is. */
	slice(start: number, end: number): Buffer {
		// Asked for a hundred times in one FETCH, most of a message is still there once.
		if (Math.min(end, this.size) - start > this.size / 2) return this.raw.subarray(start, end);
		return this.#raw?.subarray(start, end) ?? this.#bytes.slice(start, end);
	}
}

function headerOf(bytes: MessageBytes): Buffer {
	for (let length = FIRST_READ; ; length *= 2) {
		const read = bytes.slice(0, length);
		const end = headerEnd(read, { start: 0, end: read.length });
		if (end < read.length || read.length === bytes.size) return read.subarray(0, end);
	}
}
