/** Bytes `start` (included) to `end` (excluded) of a message. */
export interface ByteRange {
	readonly start: number;
	readonly end: number;
}

/** One header field with its folded lines and its line end. `name` is lower case, empty on a line without a colon. */
export interface HeaderField extends ByteRange {
	readonly name: string;
	readonly valueStart: number;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const COLON = 0x3a;

/**
 * Bytes of one field that are read: a hundred times what the largest honest field has, and few enough for a regular
 * expression, which runs out of stack on much longer texts.
 */
const MAX_VALUE = 1024 * 1024;

/** Where the header of the message in `within` ends: behind its empty line, or at the end when there is none. */
export function headerEnd(raw: Buffer, within: ByteRange): number {
	let lineStart = within.start;
	while (lineStart < within.end) {
		const lineFeed = raw.indexOf(LINE_FEED, lineStart);
		if (lineFeed === -1 || lineFeed >= within.end) return within.end;
		if (isEmptyLine(raw, lineStart, lineFeed)) return lineFeed + 1;
		lineStart = lineFeed + 1;
	}
	return within.end;
}

/** The fields of a header block, in order; its empty line is none. */
export function headerFields(raw: Buffer, block: ByteRange): HeaderField[] {
	const fields: HeaderField[] = [];
	let start = block.start;
	while (start < block.end) {
		let end = lineEnd(raw, start, block.end);
		if (isEmptyLine(raw, start, end - 1)) break;
		while (end < block.end && isFolded(raw, end)) end = lineEnd(raw, end, block.end);
		const colon = raw.subarray(start, end).indexOf(COLON);
		const name =
			colon === -1
				? ''
				: raw
						.toString('latin1', start, start + colon)
						.trim()
						.toLowerCase();
		fields.push({ name, start, end, valueStart: colon === -1 ? start : start + colon + 1 });
		start = end;
	}
	return fields;
}

/** The unfolded value of a field in latin1, without the white space around it (RFC 5322 2.2.3); cut at 1 MiB. */
export function fieldValue(raw: Buffer, field: HeaderField): string {
	return raw
		.toString('latin1', field.valueStart, Math.min(field.end, field.valueStart + MAX_VALUE))
		.replace(/\r?\n(?=[ \t])/g, '')
		.trim();
}

/** The value of the first field of that name (lower case). */
export function valueOf(
	raw: Buffer,
	fields: readonly HeaderField[],
	name: string,
): string | undefined {
	const field = fields.find((each) => each.name === name);
	return field === undefined ? undefined : fieldValue(raw, field);
}

function isEmptyLine(raw: Buffer, start: number, lineFeed: number): boolean {
	if (raw[lineFeed] !== LINE_FEED) return false;
	return lineFeed === start || (lineFeed === start + 1 && raw[start] === CARRIAGE_RETURN);
}

function isFolded(raw: Buffer, lineStart: number): boolean {
	return raw[lineStart] === 0x20 || raw[lineStart] === 0x09;
}

function lineEnd(raw: Buffer, start: number, limit: number): number {
	const lineFeed = raw.indexOf(LINE_FEED, start);
	return lineFeed === -1 || lineFeed >= limit ? limit : lineFeed + 1;
}
