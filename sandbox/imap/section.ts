import type { ByteRange, HeaderField } from './headerBlock.ts';
import type { MessageReader } from './messageReader.ts';
import type { MimePart } from './mimeTree.ts';

/** What stands in `BODY[…]`: part numbers, then what of that part (RFC 3501 6.4.5). */
export interface Section {
	readonly path: readonly number[];
	readonly what: 'ALL' | 'HEADER' | 'HEADER.FIELDS' | 'HEADER.FIELDS.NOT' | 'TEXT' | 'MIME';
	/** Field names, lower case. */
	readonly fields: readonly string[];
}

/** What is asked for of a section: `<offset.length>`. */
export interface Partial {
	readonly offset: number;
	readonly length: number;
}

const WHOLE: Partial = { offset: 0, length: Number.POSITIVE_INFINITY };

/** The bytes of a section, or those of them that `partial` names; `undefined` for no such part. */
export function sectionBytes(
	message: MessageReader,
	section: Section,
	partial: Partial = WHOLE,
): Buffer | undefined {
	const { path, what } = section;
	const read = (range: ByteRange): Buffer => {
		const start = Math.min(range.start + partial.offset, range.end);
		return message.slice(start, Math.min(start + partial.length, range.end));
	};
	if (path.length === 0) {
		if (what === 'ALL') return read({ start: 0, end: message.size });
		if (what === 'TEXT') return read({ start: message.header.length, end: message.size });
		if (what === 'HEADER') return read({ start: 0, end: message.header.length });
		return cut(chosenFields(message.header, message.fields, section), partial);
	}
	const part = partAt(message.tree, path);
	if (part === undefined) return undefined;
	if (what === 'ALL') return read(part.body);
	if (what === 'MIME') return read(part.header);
	const inner = part.message;
	if (inner === undefined) return undefined;
	if (what === 'TEXT') return read(inner.body);
	if (what === 'HEADER') return read(inner.header);
	return cut(chosenFields(message.raw, inner.fields, section), partial);
}

/**
 * The part of these numbers (RFC 3501 6.4.5): a message that is no multipart has a part 1, its body; the numbers go on
 * into message/rfc822 parts.
 */
export function partAt(root: MimePart, path: readonly number[]): MimePart | undefined {
	let container: MimePart | undefined = root;
	let isMessage = true;
	let part: MimePart | undefined;
	for (const number of path) {
		if (container === undefined) return undefined;
		if (container.type === 'multipart') part = container.children[number - 1];
		else part = isMessage && number === 1 ? container : undefined;
		if (part === undefined) return undefined;
		isMessage = part.message !== undefined;
		container = part.message ?? (part.type === 'multipart' ? part : undefined);
	}
	return part;
}

function chosenFields(raw: Buffer, fields: readonly HeaderField[], section: Section): Buffer {
	const wanted = new Set(section.fields);
	const inverted = section.what === 'HEADER.FIELDS.NOT';
	const chosen = fields
		.filter((field) => wanted.has(field.name) !== inverted)
		.map((field) => raw.subarray(field.start, field.end));
	// RFC 3501 6.4.5: the delimiting blank line is always included.
	return Buffer.concat([...chosen, Buffer.from('\r\n')]);
}

function cut(bytes: Buffer, { offset, length }: Partial): Buffer {
	return bytes.subarray(offset, offset + length);
}
