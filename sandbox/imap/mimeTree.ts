import { parseParameterValue } from './contentType.ts';
import { headerEnd, headerFields, valueOf } from './headerBlock.ts';
import type { ByteRange, HeaderField } from './headerBlock.ts';

/** A body part as a view into the message: nothing is decoded or rebuilt. */
export interface MimePart {
	/** With its empty line. */
	readonly header: ByteRange;
	readonly body: ByteRange;
	readonly fields: readonly HeaderField[];
	/** Lower case. */
	readonly type: string;
	readonly subtype: string;
	readonly parameters: readonly (readonly [name: string, value: string])[];
	/** The parts of a multipart; empty otherwise. */
	readonly children: readonly MimePart[];
	/** The message in a message/rfc822 part. */
	readonly message?: MimePart;
}

/** Deeper nesting is taken as it stands, as bytes: no honest message has it. */
const MAX_DEPTH = 50;

/** Parts of a message; the last one is the rest of it. Dovecot has the same limit. */
const MAX_PARTS = 10_000;

/** How many parts may still be found. */
interface Budget {
	parts: number;
}

const DEFAULT_TYPE = {
	value: 'text/plain',
	parameters: [['charset', 'us-ascii']],
} as const;

/** The part tree of a whole message (RFC 2045, RFC 2046). Never throws. */
export function parseMessage(raw: Buffer): MimePart {
	return parsePart(
		raw,
		{ start: 0, end: raw.length },
		{ depth: 0, isInDigest: false },
		{
			parts: MAX_PARTS,
		},
	);
}

function parsePart(
	raw: Buffer,
	range: ByteRange,
	{ depth, isInDigest }: { depth: number; isInDigest: boolean },
	budget: Budget,
): MimePart {
	const bodyStart = headerEnd(raw, range);
	const header = { start: range.start, end: bodyStart };
	const body = { start: bodyStart, end: range.end };
	const fields = headerFields(raw, header);
	const { type, subtype, parameters } = contentTypeOf(raw, fields, isInDigest);
	const part = { header, body, fields, type, subtype, parameters, children: [] };
	if (depth >= MAX_DEPTH) return part;
	if (type === 'multipart') {
		const boundary = parameters.find(([name]) => name === 'boundary')?.[1] ?? '';
		const ranges = boundary === '' ? [] : partRanges(raw, body, boundary, budget);
		const place = { depth: depth + 1, isInDigest: subtype === 'digest' };
		return { ...part, children: ranges.map((each) => parsePart(raw, each, place, budget)) };
	}
	if (type === 'message' && subtype === 'rfc822') {
		return {
			...part,
			message: parsePart(raw, body, { depth: depth + 1, isInDigest: false }, budget),
		};
	}
	return part;
}

function contentTypeOf(
	raw: Buffer,
	fields: readonly HeaderField[],
	inDigest: boolean,
): Pick<MimePart, 'type' | 'subtype' | 'parameters'> {
	const written = valueOf(raw, fields, 'content-type');
	const parsed = written === undefined ? undefined : parseParameterValue(written);
	const match = /^([^\s/]+)\s*\/\s*([^\s/]+)$/.exec(parsed?.value ?? '');
	if (parsed !== undefined && match !== null) {
		return { type: match[1] ?? '', subtype: match[2] ?? '', parameters: parsed.parameters };
	}
	// RFC 2046 5.1.5: the parts of a digest are messages unless they say otherwise.
	if (inDigest) return { type: 'message', subtype: 'rfc822', parameters: [] };
	return { type: 'text', subtype: 'plain', parameters: DEFAULT_TYPE.parameters };
}

/** Between the boundary lines; the line end before a boundary belongs to the boundary (RFC 2046 5.1.1). */
function partRanges(raw: Buffer, body: ByteRange, boundary: string, budget: Budget): ByteRange[] {
	const delimiter = Buffer.from(`--${boundary}`, 'latin1');
	const text = raw.subarray(body.start, body.end);
	const ranges: ByteRange[] = [];
	let partStart: number | undefined;
	let found = text.indexOf(delimiter);
	while (found !== -1) {
		const line = boundaryLine(text, found, delimiter.length);
		if (line !== undefined) {
			const opensLast = !line.closes && (budget.parts -= 1) <= 0;
			if (partStart !== undefined) {
				const end = Math.max(partStart, endBefore(text, found));
				ranges.push({ start: body.start + partStart, end: body.start + end });
			}
			partStart = line.closes ? undefined : line.end;
			if (line.closes || opensLast) break;
		}
		found = text.indexOf(delimiter, line?.end ?? found + delimiter.length);
	}
	if (partStart !== undefined) ranges.push({ start: body.start + partStart, end: body.end });
	return ranges;
}

function boundaryLine(
	text: Buffer,
	found: number,
	length: number,
): { closes: boolean; end: number } | undefined {
	if (found > 0 && text[found - 1] !== 0x0a) return undefined;
	const lineFeed = text.indexOf(0x0a, found + length);
	const end = lineFeed === -1 ? text.length : lineFeed + 1;
	// Compared without decoding a possibly endless line: only white space may follow.
	if (end - found - length > 1000) return undefined;
	const rest = text.toString('latin1', found + length, end).trim();
	return rest === '' || rest === '--' ? { closes: rest === '--', end } : undefined;
}

function endBefore(text: Buffer, boundaryStart: number): number {
	if (text[boundaryStart - 1] !== 0x0a) return boundaryStart;
	return boundaryStart - (text[boundaryStart - 2] === 0x0d ? 2 : 1);
}
