import { decodeQuotedPrintable } from './encodedWord.ts';
import { valueOf } from './headerBlock.ts';
import type { MessageReader } from './messageReader.ts';
import { partAt } from './section.ts';

/** No way to decode a part (RFC 3516 4.3, UNKNOWN-CTE). */
export class UnknownEncodingError extends Error {}

const PLAIN: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary']);

/**
 * The content of a part without its transfer encoding (RFC 3516 4.2); of no numbers, the message as it is; `undefined`
 * when there is no such part. Throws UnknownEncodingError.
 */
export function binaryBytes(message: MessageReader, path: readonly number[]): Buffer | undefined {
	const { raw } = message;
	if (path.length === 0) return raw;
	const part = partAt(message.tree, path);
	if (part === undefined) return undefined;
	const body = raw.subarray(part.body.start, part.body.end);
	const written = valueOf(raw, part.fields, 'content-transfer-encoding') ?? '7bit';
	const encoding = written.trim().toLowerCase();
	if (PLAIN.has(encoding)) return body;
	if (encoding === 'base64') return Buffer.from(body.toString('latin1'), 'base64');
	if (encoding === 'quoted-printable') return decodeQuotedPrintable(body.toString('latin1'));
	throw new UnknownEncodingError();
}
