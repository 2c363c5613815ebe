import { chownSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Owner } from '../../servers/imapProcess.ts';

/** A message comes every ten minutes, the last one on this day. */
const LAST = Date.UTC(2026, 0, 31) / 1000;
const INTERVAL = 600;

const CRLF = Buffer.from('\r\n');

/**
 * Writes messages as Dovecot's own delivery would have: with LF alone, their sizes in their names (S as stored, W as
 * IMAP tells it), read, dated by the time of the file. Dovecot makes its index when it first looks.
 * @param folder a Maildir, made here
 */
export function writeMaildir(
	folder: string,
	owner: Owner,
	{ count, letter }: { readonly count: number; readonly letter: (index: number) => Buffer },
): void {
	const made = ['', 'cur', 'new', 'tmp'].map((name) => join(folder, name));
	for (const each of made) mkdirSync(each, { recursive: true });
	for (let index = 0; index < count; index += 1) {
		const raw = letter(index);
		const stored = withoutReturns(raw);
		const time = LAST - (count - index) * INTERVAL;
		// In the order in which they come Dovecot numbers them.
		const unique = `${time}.M${String(index).padStart(6, '0')}P1.bench`;
		const file = join(folder, 'cur', `${unique},S=${stored.length},W=${raw.length}:2,S`);
		writeFileSync(file, stored);
		utimesSync(file, time, time);
	}
	// The files themselves are only read.
	if (process.getuid?.() === 0) for (const each of made) chownSync(each, owner.uid, owner.gid);
}

function withoutReturns(raw: Buffer): Buffer {
	const stored = Buffer.allocUnsafe(raw.length);
	let length = 0;
	let from = 0;
	for (let at = raw.indexOf(CRLF); at !== -1; at = raw.indexOf(CRLF, from)) {
		length += raw.copy(stored, length, from, at);
		length += stored.write('\n', length);
		from = at + CRLF.length;
	}
	length += raw.copy(stored, length, from);
	return stored.subarray(0, length);
}
