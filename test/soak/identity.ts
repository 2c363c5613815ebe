import { createHash } from 'node:crypto';

/** Where the header block ends: before the line end of its last line (docs/ARCHITECTURE.md, pecKey). */
function headerEnd(raw: Buffer): number {
	const text = raw.toString('latin1');
	if (/^\r?\n/.test(text)) return 0;
	const empty = /\r?\n\r?\n/.exec(text);
	return empty ? empty.index : text.replace(/\r?\n$/, '').length;
}

/** The identity of a message, from the bytes the server stores. Written from the docs, not from the nodes. */
export function pecKeyOfBytes(raw: Buffer): string {
	const header = raw.subarray(0, headerEnd(raw));
	return `${createHash('sha256').update(header).digest('hex')}-${raw.length}`;
}

/** By which the records in the mailbox name an event. */
export function tagOf(pecKey: string): string {
	return createHash('sha256').update(pecKey).digest('hex').slice(0, 16);
}
