import { isUtf8 } from 'node:buffer';
import libmime from 'libmime';
import { decode } from 'libmime/lib/charset';

/**
 * Labels under which Western mailers write Windows-1252 (WHATWG Encoding 4.2). Decoded by iconv: the TextDecoder of
 * Node 20.18.3 to 24 takes it for Latin-1 (nodejs/node#56542).
 */
const WESTERN: ReadonlySet<string> = new Set(['iso-8859-1', 'latin1', 'windows-1252', 'cp1252']);

function withoutMark(text: string): string {
	return text.startsWith('\ufeff') ? text.slice(1) : text;
}

/** UTF-8 where the bytes are, else Windows-1252, which is what unlabelled Western mail holds. */
export function textOfUnlabelled(bytes: Buffer): string {
	return isUtf8(bytes) ? withoutMark(bytes.toString('utf8')) : decode(bytes, 'windows-1252');
}

/** Bytes as text by a charset's label. What the label cannot explain is read as if there were none. */
export function textInCharset(bytes: Buffer, label: string): string {
	const charset = label.trim().toLowerCase();
	if (charset === '' || charset === 'us-ascii') return textOfUnlabelled(bytes);
	const text = decode(bytes, WESTERN.has(charset) ? 'windows-1252' : charset);
	return text.includes('\ufffd') && charset !== 'utf-8' ? textOfUnlabelled(bytes) : text;
}

/** A text of a header field with its encoded words (RFC 2047) decoded. */
export function decodeWords(text: string): string {
	// Most fields have none, and looking for them in the library's five ways costs more than all else about a field.
	return text.includes('=?') ? libmime.decodeWords(text) : text;
}
