import { headerEnd, headerFields } from './headerBlock.ts';
import type { ByteRange } from './headerBlock.ts';
import { parseMessage } from './mimeTree.ts';
import type { MimePart } from './mimeTree.ts';

/** What stands in `BODY[…]`: part numbers, then what of that part (RFC 3501 6.4.5). */
export interface Section {
	readonly path: readonly number[];
	readonly what: 'ALL' | 'HEADER' | 'HEADER.FIELDS' | 'HEADER.FIELDS.NOT' | 'TEXT' | 'MIME';
	/** Field names, lower case. */
	readonly fields: readonly string[];
}

/** The bytes of a section, as views into the message where it has them in one piece; `undefined` for no such part. */
export function sectionBytes(raw: Buffer, section: Section): Buffer | undefined {
	const whole = { start: 0, end: raw.length };
	if (section.path.length === 0) {
		if (section.what === 'ALL') return raw;
		const split = headerEnd(raw, whole);
		const root = { header: { start: 0, end: split }, body: { start: split, end: raw.length } };
		return messageSection(raw, root, section);
	}
	const part = partAt(parseMessage(raw), section.path);
	if (part === undefined) return undefined;
	if (section.what === 'ALL') return slice(raw, part.body);
	if (section.what === 'MIME') return slice(raw, part.header);
	return part.message === undefined ? undefined : messageSection(raw, part.message, section);
}

/**
 * The part of these numbers (RFC 3501 6.4.5): a message that is no multipart has a part 1, its body; the numbers go on
 * into message/rfc822 parts.
 */
function partAt(root: MimePart, path: readonly number[]): MimePart | undefined {
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

function messageSection(
	raw: Buffer,
	message: { readonly header: ByteRange; readonly body: ByteRange },
	section: Section,
): Buffer | undefined {
	if (section.what === 'TEXT') return slice(raw, message.body);
	if (section.what === 'HEADER') return slice(raw, message.header);
	if (section.what === 'MIME') return undefined;
	const wanted = new Set(section.fields);
	const inverted = section.what === 'HEADER.FIELDS.NOT';
	const chosen = headerFields(raw, message.header)
		.filter((field) => wanted.has(field.name) !== inverted)
		.map((field) => slice(raw, field));
	// RFC 3501 6.4.5: the delimiting blank line is always included.
	return Buffer.concat([...chosen, Buffer.from('\r\n')]);
}

function slice(raw: Buffer, range: ByteRange): Buffer {
	return raw.subarray(range.start, range.end);
}
