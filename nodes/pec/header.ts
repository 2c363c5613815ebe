import { isAscii } from 'node:buffer';
import libmime from 'libmime';
import { decodeWords, textOfUnlabelled } from './charset';

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const TAB = 0x09;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const DELETE = 0x7f;

/** Longer names are no header fields: RFC 5322 2.1.1 ends a line at 998 characters. */
const NAME_LIMIT = 200;
/** 500 recipients fit eight times; more text than this in one field is an attack, and is cut. */
const VALUE_LIMIT = 256 * 1024;
const PARAMETERS_LIMIT = 16 * 1024;

const FILE_NAMES: ReadonlySet<string> = new Set(['name', 'filename']);

/** One header field by its bytes: nothing is copied before `fieldOf` asks. */
interface HeaderField {
	readonly start: number;
	readonly nameEnd: number;
	readonly valueStart: number;
	/** Before the field's last line end. */
	end: number;
}

/** Of larger header blocks no text is kept: fields are taken out of them one by one. */
const TEXT_LIMIT = 64 * 1024;

/** The fields of one header block, in the order of the message. */
export class Header {
	readonly raw: Buffer;
	readonly start: number;
	readonly fields: readonly HeaderField[];
	private readonly end: number;
	private known: { readonly ascii: string | undefined } | undefined;

	constructor(raw: Buffer, start: number, end: number, fields: readonly HeaderField[]) {
		this.raw = raw;
		this.start = start;
		this.end = end;
		this.fields = fields;
	}

	/** The block's text from `start` on, when it is plain ASCII; made once, since a dozen fields are asked for. */
	get ascii(): string | undefined {
		this.known ??= { ascii: this.readAscii() };
		return this.known.ascii;
	}

	private readAscii(): string | undefined {
		if (this.end - this.start > TEXT_LIMIT) return undefined;
		const bytes = this.raw.subarray(this.start, this.end);
		return isAscii(bytes) ? bytes.toString('latin1') : undefined;
	}
}

/** Fields still allowed in the whole message; shared by all its parts. */
export interface FieldBudget {
	fields: number;
}

/** RFC 5322 2.2: printable ASCII but for the colon. */
function isNameByte(byte: number | undefined): boolean {
	return byte !== undefined && byte > SPACE && byte < DELETE && byte !== COLON;
}

/** The field that the line from `start` to `end` opens, if it opens one. */
function fieldAt(raw: Buffer, start: number, end: number): HeaderField | undefined {
	const limit = Math.min(end, start + NAME_LIMIT);
	let nameEnd = start;
	while (nameEnd < limit && isNameByte(raw[nameEnd])) nameEnd += 1;
	let colon = nameEnd;
	// A space before the colon is RFC 5322's obsolete syntax (4.5).
	while (colon < limit && (raw[colon] === SPACE || raw[colon] === TAB)) colon += 1;
	if (nameEnd === start || colon === limit || raw[colon] !== COLON) return undefined;
	return { start, nameEnd, valueStart: colon + 1, end };
}

/**
 * Reads header fields from `start` until an empty line, the end, or a line for which `stopsAt` answers true.
 * A line that is no field and continues none is passed over.
 * @returns the header and where the body begins; `complete` is false when the budget did not suffice
 */
export function readHeader(
	raw: Buffer,
	start: number,
	budget: FieldBudget,
	stopsAt: (lineStart: number, lineEnd: number) => boolean,
): { header: Header; bodyStart: number; complete: boolean } {
	const fields: HeaderField[] = [];
	let complete = true;
	let current: HeaderField | undefined;
	// An editor may have put its mark (U+FEFF) in front of a saved message.
	let line = start === 0 && raw.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : start;
	while (line < raw.length) {
		const lf = raw.indexOf(LF, line);
		const next = lf === -1 ? raw.length : lf + 1;
		const textEnd = lf === -1 ? raw.length : lf;
		const end = raw[textEnd - 1] === CR && textEnd > line ? textEnd - 1 : textEnd;
		if (end === line && lf !== -1)
			return { header: new Header(raw, start, line, fields), bodyStart: next, complete };
		if (stopsAt(line, end)) break;
		if (raw[line] === SPACE || raw[line] === TAB) {
			if (current) current.end = end;
		} else {
			const opened = fieldAt(raw, line, end);
			current = undefined;
			if (opened && budget.fields <= 0) complete = false;
			else if (opened) {
				budget.fields -= 1;
				current = opened;
				fields.push(current);
			}
		}
		line = next;
	}
	return { header: new Header(raw, start, line, fields), bodyStart: line, complete };
}

/** Bit of a byte that makes a capital letter small, and changes nothing else that a name looked for is made of. */
const SMALL = 0x20;

/** @param name lower case: letters, digits and hyphens */
function isNamed({ raw }: Header, { start, nameEnd }: HeaderField, name: string): boolean {
	if (nameEnd - start !== name.length) return false;
	for (let at = 0; at < name.length; at += 1) {
		if (((raw[start + at] ?? 0) | SMALL) !== name.charCodeAt(at)) return false;
	}
	return true;
}

function valueOf(header: Header, { valueStart, end }: HeaderField, limit = VALUE_LIMIT): string {
	const valueEnd = Math.min(end, valueStart + limit);
	// RFC 6532 allows UTF-8; older mail is 8-bit.
	const text =
		header.ascii?.slice(valueStart - header.start, valueEnd - header.start) ??
		textOfUnlabelled(header.raw.subarray(valueStart, valueEnd));
	return (text.includes('\n') ? text.replace(/\r?\n(?=[ \t])/g, '') : text).trim();
}

/**
 * All values of a field, unfolded, not decoded, in the order of the message. `name` in lower case. The limit of one value
 * is that of all: behind it they are empty, and still counted.
 */
export function fieldsOf(header: Header, name: string): string[] {
	const values: string[] = [];
	let left = VALUE_LIMIT;
	for (const field of header.fields) {
		if (!isNamed(header, field, name)) continue;
		values.push(valueOf(header, field, left));
		left -= Math.min(field.end - field.valueStart, left);
	}
	return values;
}

/** The first value of a field, unfolded, not decoded. `name` in lower case. */
export function fieldOf(header: Header, name: string): string | undefined {
	for (const field of header.fields) {
		if (isNamed(header, field, name)) return valueOf(header, field);
	}
	return undefined;
}

/** The same with RFC 2047 words decoded. */
export function decodedFieldOf(header: Header, name: string): string | undefined {
	const value = fieldOf(header, name);
	return value === undefined ? undefined : decodeWords(value);
}

/** A `value; name=value` field. Names and the value are lower-case. */
export interface Parametrized {
	readonly value: string;
	readonly parameters: ReadonlyMap<string, string>;
}

const EMPTY: Parametrized = { value: '', parameters: new Map() };

/** Most fields are plain: nothing is escaped, commented, continued or out of place. */
const PLAIN = /^[^\s;()"\\=]+(?:;[ \t]*[a-z-]+=(?:"[^"\\]*"|[^\s;()"\\]+))*$/i;
const PLAIN_PARAMETER = /;[ \t]*([a-z-]+)=(?:"([^"]*)"|([^;]*))/gi;

/** The same as the library makes of them, at a quarter of its cost; parameters are read when somebody asks for them. */
class PlainField implements Parametrized {
	readonly value: string;
	private readonly field: string;
	private read: ReadonlyMap<string, string> | undefined;

	constructor(field: string) {
		const end = field.indexOf(';');
		this.value = (end === -1 ? field : field.slice(0, end)).toLowerCase();
		this.field = field;
	}

	get parameters(): ReadonlyMap<string, string> {
		this.read ??= plainParameters(this.field);
		return this.read;
	}
}

function plainParameters(field: string): ReadonlyMap<string, string> {
	const parameters = new Map<string, string>();
	PLAIN_PARAMETER.lastIndex = 0;
	for (;;) {
		const found = PLAIN_PARAMETER.exec(field);
		if (!found) return parameters;
		const [, written = '', quoted, token = ''] = found;
		const name = written.toLowerCase();
		const value = quoted ?? token;
		// Of parameters of one name the first counts.
		if (!parameters.has(name)) {
			parameters.set(name, FILE_NAMES.has(name) ? decodeWords(value) : value);
		}
	}
}

/**
 * A `value; name=value` field (RFC 2045 5.1), with RFC 2231 continuations and charsets, and RFC 2047 words, which
 * mailers write into names although RFC 2047 5 forbids it. Names and the value are lower-case.
 */
export function parametersOf(field: string | undefined): Parametrized {
	if (!field) return EMPTY;
	const written = field.slice(0, PARAMETERS_LIMIT);
	if (PLAIN.test(written)) return new PlainField(written);
	const parsed = libmime.parseHeaderValue(written);
	const parameters = Object.entries(parsed.params).map(([name, value]): [string, string] => [
		name,
		FILE_NAMES.has(name) && !parsed.decodedParams?.includes(name) ? decodeWords(value) : value,
	]);
	return {
		// A comment may follow the value (RFC 2045 5.1).
		value: (/^[^\s;()]+/.exec(parsed.value)?.[0] ?? '').toLowerCase(),
		parameters: new Map(parameters),
	};
}

/** The Message-IDs of a field that may hold several (RFC 5322 3.6.4), each in the form of `messageIdIn`, in their order. */
export function messageIdsIn(field: string | undefined): string[] {
	const text = field ?? '';
	const ids = text.includes('<') ? (text.match(/<[^<>]*>/g) ?? []) : text.split(/\s+/);
	return ids.flatMap((id) => messageIdIn(id) ?? []);
}

const PLAIN_ID = /^<[^\s<>]+>$/;

/** A Message-ID in one form: the whitespace that folding left is taken out, angle brackets are put round it. */
export function messageIdIn(field: string | undefined): string | undefined {
	if (field !== undefined && PLAIN_ID.test(field)) return field;
	const id = field?.replace(/\s+/g, '').replace(/^<|>$/g, '');
	return id ? `<${id}>` : undefined;
}

/** What a message says it continues, oldest first; absent when it says nothing. */
export function referencesOf(header: Header): string[] | undefined {
	const ids = messageIdsIn(fieldOf(header, 'references'));
	return ids.length === 0 ? undefined : ids;
}
