import libmime from 'libmime';
import addressparser from 'nodemailer/lib/addressparser';

import { fieldValue, headerEnd, headerFields } from '../imap/headerBlock.ts';

export interface HeaderField {
	/** Lower case. */
	readonly name: string;
	/** The whole field as received, its line end included; each character is one byte. */
	readonly raw: string;
	/** Where `raw` begins in the message. */
	readonly start: number;
	/** Unfolded and trimmed; each character is one byte. */
	readonly value: string;
}

export interface HeaderBlock {
	readonly fields: readonly HeaderField[];
	/** Bytes up to, not including, the empty line that ends the block. */
	readonly size: number;
}

/** The top-level header fields of a message; lines that are no field are left out (RFC 5322 2.2). */
export function readHeaders(raw: Buffer): HeaderBlock {
	const end = headerEnd(raw, { start: 0, end: raw.length });
	const lines = headerFields(raw, { start: 0, end });
	const fields = lines
		.filter(({ name }) => /^[\x21-\x39\x3b-\x7e]+$/.test(name))
		.map((line) => ({
			name: line.name,
			raw: raw.toString('latin1', line.start, line.end),
			start: line.start,
			value: fieldValue(raw, line),
		}));
	return { fields, size: lines.at(-1)?.end ?? 0 };
}

export function fieldsNamed(block: HeaderBlock, name: string): HeaderField[] {
	const wanted = name.toLowerCase();
	return block.fields.filter((field) => field.name === wanted);
}

/** All mailboxes in the fields of that name, group members included; what is no address stands as it is written. */
export function addressesIn(block: HeaderBlock, name: string): string[] {
	return fieldsNamed(block, name).flatMap((field) =>
		addressparser(field.value, { flatten: true })
			.map(({ address, name }) => address || name)
			.filter((written) => written !== ''),
	);
}

/** The value as a person reads it: encoded words decoded (RFC 2047), control characters made spaces. */
export function readableValue(field: HeaderField | undefined): string | undefined {
	if (field === undefined) return undefined;
	const bytes = Buffer.from(field.value, 'latin1');
	const text = bytes.toString('utf8');
	const decodable = Buffer.from(text, 'utf8').equals(bytes) ? text : field.value;
	return libmime.decodeWords(decodable).replace(/\p{Cc}+/gu, ' ');
}

/**
 * One field ready to be written, folded at its spaces. Throws on a control character: it would let a value start a
 * field of its own.
 */
export function headerField(name: string, value: string): string {
	if (/[\0-\x08\x0a-\x1f\x7f]/.test(value)) throw new Error(`control character in ${name}`);
	const lines: string[] = [];
	let line = `${name}:`;
	for (const word of ` ${value.trim()}`.split(/(?=[ \t])/)) {
		const mayFold = /\S/.test(word) && line !== `${name}:`;
		if (mayFold && line.length + word.length > 76) {
			lines.push(line);
			line = word;
		} else {
			line += word;
		}
	}
	return `${[...lines, line].join('\r\n')}\r\n`;
}
