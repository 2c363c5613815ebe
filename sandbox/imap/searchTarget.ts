import type { MessageBytes } from '../store/messageBytes.ts';
import type { StoredMessage } from '../store/storedMessage.ts';
import { dayOfDateHeader } from './dates.ts';
import { decodeBytes, decodeHeaderText, decodeQuotedPrintable } from './encodedWord.ts';
import { fieldValue, valueOf } from './headerBlock.ts';
import { MessageReader } from './messageReader.ts';
import type { MimePart } from './mimeTree.ts';

/**
 * Values of the fields that were searched once, by message and name: servers keep an index of them, and a folder of thousands of
 * messages is searched again and again.
 */
const indexed = new WeakMap<MessageBytes, Map<string, readonly string[]>>();

/** Characters. */
const LONGEST_INDEXED = 1_000;

/** A message as SEARCH looks at it; read no further than its keys ask. All texts are in lower case. */
export class SearchTarget {
	readonly message: StoredMessage;
	readonly sequence: number;
	readonly recent: boolean;
	readonly #reader: MessageReader;
	readonly #substrings: boolean;

	/** @param options.substrings whether a header may hold what is sought in the middle of a word */
	constructor(
		message: StoredMessage,
		sequence: number,
		options: { recent: boolean; substrings: boolean },
	) {
		this.message = message;
		this.sequence = sequence;
		this.recent = options.recent;
		this.#substrings = options.substrings;
		this.#reader = new MessageReader(message.bytes);
	}

	/** Whether a field of this name (lower case) holds `needle`, as written or decoded (RFC 3501 6.4.4, HEADER). */
	headerHolds(name: string, needle: string): boolean {
		const found = this.#substrings ? holds : holdsWords;
		return this.#valuesOf(name).some((value) => found(value, needle));
	}

	#valuesOf(name: string): readonly string[] {
		const { bytes } = this.message;
		const fields = indexed.get(bytes);
		const known = fields?.get(name);
		if (known) return known;
		const values = valuesIn(this.#reader, name);
		if (values.every(({ length }) => length <= LONGEST_INDEXED)) {
			indexed.set(bytes, (fields ?? new Map<string, readonly string[]>()).set(name, values));
		}
		return values;
	}

	/** Whether the header as a whole holds `needle`. */
	anyHeaderHolds(needle: string): boolean {
		const unfolded = this.#reader.header.toString('latin1').replace(/\r?\n(?=[ \t])/g, '');
		return [unfolded, decodeHeaderText(unfolded)].some((text) => holds(text.toLowerCase(), needle));
	}

	/** Whether the body holds `needle`: its text parts decoded, or its bytes as they are. */
	bodyHolds(needle: string): boolean {
		const { header, raw, tree } = this.#reader;
		if (holds(raw.toString('utf8', header.length).toLowerCase(), needle)) return true;
		return textParts(tree).some((part) => holds(partText(raw, part).toLowerCase(), needle));
	}

	/** The day of the Date header since 1970, as written. */
	sentDay(): number | undefined {
		const { header, fields } = this.#reader;
		return dayOfDateHeader(valueOf(header, fields, 'date') ?? '');
	}
}

/** In lower case, as written and, where that differs, decoded. */
function valuesIn({ header, fields }: MessageReader, name: string): readonly string[] {
	const values = fields
		.filter((field) => field.name === name)
		.map((field) => fieldValue(header, field))
		.flatMap((value) => [value.toLowerCase(), decodeHeaderText(value).toLowerCase()]);
	return [...new Set(values)];
}

function holds(text: string, needle: string): boolean {
	return text.includes(needle);
}

/**
 * Whether the words of `needle` stand in `text` one after the other, each whole: how Gmail and others with a full-text
 * index search headers, whatever RFC 3501 6.4.4 says of substrings. An address or a Message-ID is one word.
 */
function holdsWords(text: string, needle: string): boolean {
	const sought = ` ${words(needle).join(' ')} `;
	return sought === '  ' || ` ${words(text).join(' ')} `.includes(sought);
}

function words(text: string): string[] {
	return text.split(/[\s<>()[\]",;:]+/).filter((word) => word !== '');
}

function textParts(part: MimePart): MimePart[] {
	if (part.message !== undefined) return textParts(part.message);
	if (part.type === 'text') return [part];
	return part.children.flatMap(textParts);
}

function partText(raw: Buffer, part: MimePart): string {
	const encoded = raw.toString('latin1', part.body.start, part.body.end);
	const encoding = valueOf(raw, part.fields, 'content-transfer-encoding')?.toLowerCase();
	const charset = part.parameters.find(([name]) => name === 'charset')?.[1] ?? 'us-ascii';
	if (encoding === 'base64') return text(Buffer.from(encoded, 'base64'), charset);
	if (encoding === 'quoted-printable') return text(decodeQuotedPrintable(encoded), charset);
	return text(raw.subarray(part.body.start, part.body.end), charset);
}

function text(bytes: Buffer, charset: string): string {
	return decodeBytes(bytes, charset) ?? bytes.toString('latin1');
}
