const ENCODED_WORD = /=\?([^?\s*]+)(?:\*[^?\s]*)?\?([bq])\?([^?\s]*)\?=/gi;
// RFC 2047 6.2: white space between two encoded words is not shown.
const BETWEEN_WORDS = /(\?=)[ \t\r\n]+(?==\?[^?\s]+\?[bq]\?)/gi;

/**
 * The text of an unfolded header value in latin1: RFC 2047 words decoded, the rest read as UTF-8 where it is UTF-8. What
 * cannot be decoded stays as it is.
 */
export function decodeHeaderText(value: string): string {
	const text = decodeBytes(Buffer.from(value, 'latin1'), 'utf-8') ?? value;
	return text
		.replace(BETWEEN_WORDS, '$1')
		.replace(ENCODED_WORD, (word, charset: string, encoding: string, encoded: string) => {
			const bytes =
				encoding.toLowerCase() === 'b'
					? Buffer.from(encoded, 'base64')
					: decodeQuotedPrintable(encoded.replaceAll('_', ' '));
			return decodeBytes(bytes, charset) ?? word;
		});
}

/** By name as written; `undefined` is no charset. Making one, and failing to, costs more than decoding a word. */
const decoders = new Map<string, InstanceType<typeof TextDecoder> | undefined>();
/** Names are made up by whoever writes the messages. */
const MAX_DECODERS = 1000;

/** The text of these bytes, or `undefined` when the charset is unknown or they are none of its text. */
export function decodeBytes(bytes: Buffer, charset: string): string | undefined {
	if (!decoders.has(charset)) {
		if (decoders.size >= MAX_DECODERS) decoders.clear();
		decoders.set(charset, decoderOf(charset));
	}
	try {
		return decoders.get(charset)?.decode(bytes);
	} catch {
		return undefined;
	}
}

function decoderOf(charset: string): InstanceType<typeof TextDecoder> | undefined {
	try {
		return new TextDecoder(charset, { fatal: true });
	} catch {
		return undefined;
	}
}

/** RFC 2045 6.7, of a latin1 text. */
export function decodeQuotedPrintable(text: string): Buffer {
	const joined = text.replace(/=[ \t]*\r?\n/g, '');
	const decoded = joined.replace(/=([0-9a-f]{2})/gi, (_, hex: string) =>
		String.fromCharCode(Number.parseInt(hex, 16)),
	);
	return Buffer.from(decoded, 'latin1');
}
