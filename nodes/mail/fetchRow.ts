import type { FetchMessageObject } from 'imapflow';

/** A response as it came: its lines together, each `{n}` at the end of one standing for the next literal. */
export interface RawResponse {
	readonly payload: Buffer;
	readonly literals: readonly Buffer[];
}

const BEGIN = /^\* (\d{1,10}) FETCH \(/;

/** The items that are asked for of many messages, but for their structure, as servers write them; in whatever order. */
const ITEM = new RegExp(
	[
		'UID (\\d{1,10})',
		"FLAGS \\(([!#-'*-Z^-z|~$\\\\ ]*)\\)",
		'INTERNALDATE "([\\w +:-]{20,30})"',
		'RFC822\\.SIZE (\\d{1,15})',
		'MODSEQ \\(\\d{1,20}\\)',
		'EMAILID \\([\\w-]{1,255}\\)',
		'BODY\\[(HEADER|\\d{1,3}(?:\\.\\d{1,3})*)?\\](?:<0>)? \\{\\d{1,10}\\}\\r\\n',
	]
		.map((item) => `(?:${item})`)
		.join('|'),
	'iy',
);

/**
 * Reads a FETCH response that has none but these items; any other is left to imapflow's own parser, which knows all of
 * IMAP and takes five times as long.
 * @returns `undefined` for a response that is not exactly such a one
 */
export function readFetchRow({ payload, literals }: RawResponse): FetchMessageObject | undefined {
	const text = payload.toString('latin1');
	const [begin, seq] = BEGIN.exec(text) ?? [];
	if (begin === undefined) return undefined;
	const row: Partial<FetchMessageObject> & { uid: number } = { seq: Number(seq), uid: 0 };
	let used = 0;
	let at = begin.length;
	for (;;) {
		ITEM.lastIndex = at;
		const item = ITEM.exec(text);
		if (!item) return undefined;
		at = ITEM.lastIndex;
		const [whole, uid, flags, internalDate, size, section] = item;
		if (uid !== undefined) row.uid = Number(uid);
		else if (flags !== undefined) row.flags = new Set(flags.split(' ').filter(Boolean));
		else if (internalDate !== undefined) row.internalDate = new Date(internalDate);
		else if (size !== undefined) row.size = Number(size);
		else if (whole.endsWith('\n')) {
			const literal = literals[used];
			if (!literal) return undefined;
			used += 1;
			if (section === undefined) row.source = literal;
			else if (/^\d/.test(section)) row.bodyParts = new Map(row.bodyParts).set(section, literal);
			else row.headers = literal;
		}
		if (text[at] === ' ') at += 1;
		else break;
	}
	const isWhole = text[at] === ')' && at === text.length - 1 && used === literals.length;
	// What names no message, and news of flags, are imapflow's to read.
	if (!isWhole || row.uid === 0 || (used === 0 && row.size === undefined)) return undefined;
	return row as FetchMessageObject;
}
