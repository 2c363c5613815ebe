import { encodeMailboxName } from './mailboxName.ts';

/** A latin1 text as an IMAP string: quoted where that is allowed, else a literal (RFC 3501 4.3). */
export function imapString(text: string): string {
	if (text.length <= 1000 && /^[\x20-\x7e]*$/.test(text)) {
		return `"${text.replace(/[\\"]/g, '\\$&')}"`;
	}
	return `{${text.length}}\r\n${text}`;
}

export function nilOrString(text: string | undefined): string {
	return text === undefined ? 'NIL' : imapString(text);
}

/** A folder's name on the wire: modified UTF-7, or UTF-8 in quotes for a client that enabled it (RFC 6855 3). */
export function mailboxString(path: string, utf8: boolean): string {
	if (utf8) return `"${Buffer.from(path, 'utf8').toString('latin1').replace(/[\\"]/g, '\\$&')}"`;
	return imapString(encodeMailboxName(path));
}

/** Ascending numbers as a sequence set, e.g. `1:4,7` (RFC 3501 9). */
export function sequenceSetOf(numbers: readonly number[]): string {
	const runs: string[] = [];
	let from: number | undefined;
	numbers.forEach((number, index) => {
		from ??= number;
		if (numbers[index + 1] === number + 1) return;
		runs.push(from === number ? `${number}` : `${from}:${number}`);
		from = undefined;
	});
	return runs.join(',');
}
