import { isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';
import { decode } from 'libmime/lib/charset';
import { otherFileOf } from './fileType';

/** One row of a list of recipients, as a person finds it: numbered as Excel numbers it, the header being row 1. */
export interface ListedRow {
	readonly row: number;
	/** As many as there are columns, trimmed. */
	readonly cells: readonly string[];
}

export interface RecipientList {
	/** Trimmed, in the order of the file. */
	readonly columns: readonly string[];
	readonly rows: readonly ListedRow[];
	/** Rows that have not as many cells as there are columns: what stands where cannot be told. */
	readonly ragged: readonly { readonly row: number; readonly cells: number }[];
}

/**
 * empty: nothing in it. headerOnly: names of columns, no row. workbook: a spreadsheet's own format. notText: no text at
 * all. noHeader: the first row holds addresses. unclosedQuote: a quotation mark that nothing closes, so that the rest is
 * one cell. sameColumnTwice: two columns of one name.
 */
export type ListProblem =
	| { readonly problem: 'empty' | 'headerOnly' | 'workbook' | 'notText' | 'noHeader' }
	| { readonly problem: 'unclosedQuote'; readonly row?: number }
	| { readonly problem: 'sameColumnTwice'; readonly column: string };

/** Excel's own first; where a header has none of them there is one column. */
const DELIMITERS = [';', '\t', ','] as const;

/** Excel reads and writes this line to say which delimiter follows. */
const DELIMITER_LINE = /^sep=(.)\r?\n/i;

/** What a spreadsheet program saves unless told otherwise. */
const WORKBOOKS: ReadonlySet<string> = new Set(['office', 'zip']);

/** Names under which lists have the address, the surest first; `normal` form. */
const RECIPIENT_COLUMNS = [
	'pec',
	'indirizzo pec',
	'pec destinatario',
	'domicilio digitale',
	'posta elettronica certificata',
	'casella pec',
	'email pec',
	'email',
	'mail',
	'indirizzo email',
	'destinatario',
	'recipient',
	'address',
	'indirizzo',
];

/**
 * A CSV as Excel, a database or a person writes it: delimiter and character set are told by the bytes. Blank rows are
 * passed over. Any bytes give an answer.
 */
export function readRecipientCsv(bytes: Buffer): RecipientList | ListProblem {
	if (bytes.length === 0) return { problem: 'empty' };
	const other = otherFileOf(bytes);
	if (other !== undefined) return { problem: WORKBOOKS.has(other) ? 'workbook' : 'notText' };
	const text = textOf(bytes);
	if (/[\x00-\x08\x0e-\x1f]/.test(text)) return { problem: 'notText' };
	const told = DELIMITER_LINE.exec(text);
	const body = told ? text.slice(told[0].length) : text;
	const records = recordsOf(body, told?.[1] ?? delimiterOf(body));
	if (!Array.isArray(records)) return records;
	const before = told ? 2 : 1;
	const filled = records
		.map((cells, index) => ({ row: index + before, cells: cells.map((cell) => cell.trim()) }))
		.filter(({ cells }) => cells.some((cell) => cell !== ''));
	const [header, ...rows] = filled;
	if (!header) return { problem: 'empty' };
	const columns = withoutTrailingEmpty(header.cells);
	if (columns.some((name) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(name)))
		return { problem: 'noHeader' };
	const repeated = repeatedName(columns);
	if (repeated !== undefined) return { problem: 'sameColumnTwice', column: repeated };
	if (rows.length === 0) return { problem: 'headerOnly' };
	return {
		columns,
		...splitByShape(rows, columns.length),
	};
}

function textOf(bytes: Buffer): string {
	if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le', 2);
	if (bytes[0] === 0xfe && bytes[1] === 0xff) {
		// A byte of half a character at the end is dropped: swap16 wants whole ones.
		const whole = Buffer.from(bytes.subarray(2, bytes.length - (bytes.length % 2)));
		return whole.swap16().toString('utf16le');
	}
	if (isUtf16WithoutMark(bytes)) return bytes.toString('utf16le');
	if (isUtf8(bytes)) {
		const text = bytes.toString('utf8');
		return text.startsWith('\ufeff') ? text.slice(1) : text;
	}
	return decode(bytes, 'windows-1252');
}

/** Every second byte of Western text in UTF-16LE is zero; of other texts none is. */
function isUtf16WithoutMark(bytes: Buffer): boolean {
	const head = bytes.subarray(0, 512);
	const zeros = (odd: number) => head.filter((byte, at) => byte === 0 && at % 2 === odd).length;
	return bytes.length % 2 === 0 && zeros(0) === 0 && zeros(1) > head.length / 4;
}

/** The one that cuts the first filled line into the most cells; what stands in quotation marks does not count. */
function delimiterOf(text: string): string {
	const header = /^\s*([^\r\n]*)/.exec(text)?.[1] ?? '';
	const bare = header.replace(/"[^"]*"/g, '');
	const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length);
	return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? DELIMITERS[0];
}

function recordsOf(text: string, delimiter: string): string[][] | ListProblem {
	try {
		return parse(text, {
			delimiter,
			relax_column_count: true,
			// Ditta "Rossi" srl, as a person types it.
			relax_quotes: true,
			record_delimiter: ['\r\n', '\n', '\r'],
		});
	} catch {
		return { problem: 'unclosedQuote' };
	}
}

function withoutTrailingEmpty(cells: readonly string[]): string[] {
	return cells.slice(0, cells.findLastIndex((cell) => cell !== '') + 1);
}

function splitByShape(
	rows: readonly ListedRow[],
	width: number,
): Pick<RecipientList, 'rows' | 'ragged'> {
	const fits = ({ cells }: ListedRow) =>
		cells.length >= width && cells.slice(width).every((cell) => cell === '');
	return {
		rows: rows.filter(fits).map(({ row, cells }) => ({ row, cells: cells.slice(0, width) })),
		ragged: rows
			.filter((row) => !fits(row))
			.map(({ row, cells }) => ({ row, cells: withoutTrailingEmpty(cells).length })),
	};
}

/** How a name of a column is compared: case, accents' spelling, white space and hyphens do not count. */
function normal(name: string): string {
	return name
		.normalize('NFKC')
		.trim()
		.toLowerCase()
		.replace(/-/g, '')
		.replace(/[\s_.]+/g, ' ');
}

function repeatedName(columns: readonly string[]): string | undefined {
	const names = columns.map(normal);
	return columns.find(
		(_, index) => names[index] !== '' && names.indexOf(names[index] ?? '') !== index,
	);
}

/** The place of a column by its name; `undefined` when there is none. */
export function columnOf(columns: readonly string[], name: string): number | undefined {
	const index = columns.map(normal).indexOf(normal(name));
	return index < 0 || normal(name) === '' ? undefined : index;
}

/** The column that holds the addresses, told by its name. */
export function recipientColumnOf(columns: readonly string[]): number | undefined {
	const names = columns.map(normal);
	const known = RECIPIENT_COLUMNS.find((name) => names.includes(name));
	return known === undefined ? undefined : names.indexOf(known);
}

/** Addresses as they were typed: one per line, or parted by commas or semicolons; an array as it is. */
export function readAddressList(value: unknown): string[] {
	const parts = Array.isArray(value) ? value.map(String) : String(value ?? '').split(/[\r\n,;]+/);
	return parts.map((part) => part.trim()).filter((part) => part !== '');
}
