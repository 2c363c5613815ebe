import { describe, expect, it } from 'vitest';
import { readFetchRow } from '../../nodes/mail/fetchRow.ts';

const headers = Buffer.from('Subject: prova\r\n\r\n');
const source = Buffer.from('Subject: prova\r\n\r\nBuongiorno\r\n');
const row = (payload: string, ...literals: Buffer[]) =>
	readFetchRow({ text: `${payload}\r\n`, literals });

const DATE = '"31-Jan-2026 23:30:12 +0000"';
const WHOLE = {
	seq: 12,
	uid: 7,
	flags: new Set(['\\Seen', '$Forwarded']),
	internalDate: new Date('2026-01-31T23:30:12Z'),
	size: 28,
	headers,
};

describe('a row of a scan', () => {
	it.each([
		[
			'as Dovecot writes it',
			`* 12 FETCH (UID 7 FLAGS (\\Seen $Forwarded) INTERNALDATE ${DATE} RFC822.SIZE 28 MODSEQ (19) BODY[HEADER] {18}\r\n)`,
		],
		[
			'in another order, with an id of the message',
			`* 12 FETCH (FLAGS (\\Seen $Forwarded) BODY[HEADER] {18}\r\n RFC822.SIZE 28 EMAILID (M6d99ac) UID 7 INTERNALDATE ${DATE})`,
		],
	])('is read %s', (_, payload) => {
		expect(row(payload, headers)).toEqual(WHOLE);
	});

	it('has its whole message where that was asked for, and a day of one digit', () => {
		const payload = `* 1 FETCH (UID 7 RFC822.SIZE 30 INTERNALDATE " 1-Feb-2026 00:30:12 +0100" BODY[] {30}\r\n FLAGS ())`;
		expect(row(payload, source)).toEqual({
			...{ seq: 1, uid: 7, size: 30, flags: new Set(), source },
			internalDate: new Date('2026-01-31T23:30:12Z'),
		});
	});

	it('has the beginning of a message', () => {
		const payload = '* 12 FETCH (UID 7 RFC822.SIZE 30 BODY[]<0> {18}\r\n)';
		expect(row(payload, headers)).toEqual({ seq: 12, uid: 7, size: 30, source: headers });
	});

	it('has the parts that were asked for', () => {
		const payload = '* 12 FETCH (UID 7 BODY[1.2] {18}\r\n BODY[3] {30}\r\n)';
		const bodyParts = new Map([
			['1.2', headers],
			['3', source],
		]);
		expect(row(payload, headers, source)).toEqual({ seq: 12, uid: 7, bodyParts });
	});
});

it('took seconds for a row of many parts: those before were copied for each', () => {
	const all = Array.from(
		{ length: 40_000 },
		(_, index) => `${index % 200}.${Math.floor(index / 200)}`,
	);
	const payload = `* 1 FETCH (UID 7 ${all.map((part) => `BODY[${part}] {18}\r\n`).join(' ')})`;
	const read = row(payload, ...all.map(() => headers));
	expect(read?.bodyParts?.size).toBe(all.length);
});

describe('a response that is not exactly such a row is left to the full parser', () => {
	it.each<[string, string, Buffer[]]>([
		['another response', '* 12 EXISTS', []],
		['a continuation', '+ idling', []],
		['news of flags', '* 12 FETCH (UID 7 FLAGS (\\Seen))', []],
		['a UID that is none', '* 12 FETCH (UID 4294967296 RFC822.SIZE 28)', []],
		['no UID', '* 12 FETCH (RFC822.SIZE 28)', []],
		['an item of another kind', '* 12 FETCH (UID 7 RFC822.SIZE 28 ENVELOPE NIL)', []],
		['headers that are NIL', '* 12 FETCH (UID 7 RFC822.SIZE 28 BODY[HEADER] NIL)', []],
		['headers as a quoted string', '* 12 FETCH (UID 7 RFC822.SIZE 2 BODY[HEADER] "a")', []],
		['headers of a part', '* 12 FETCH (UID 7 BODY[1.2.MIME] {18}\r\n)', [headers]],
		['a later piece', '* 12 FETCH (UID 7 RFC822.SIZE 9 BODY[]<9> {18}\r\n)', [headers]],
		['a literal that is missing', '* 12 FETCH (UID 7 RFC822.SIZE 9 BODY[HEADER] {18}\r\n)', []],
		['a literal too many', '* 12 FETCH (UID 7 RFC822.SIZE 9)', [headers]],
		['an end that is missing', '* 12 FETCH (UID 7 RFC822.SIZE 9', []],
		['more behind its end', '* 12 FETCH (UID 7 RFC822.SIZE 9) x', []],
		['a flag with brackets', '* 12 FETCH (UID 7 RFC822.SIZE 9 FLAGS ([x]))', []],
		['items in lower case', '* 12 FETCH (uid 7 rfc822.size 9)', []],
		['a size that is none', '* 12 FETCH (UID 7 RFC822.SIZE many)', []],
	])('%s', (_, payload, literals) => {
		expect(row(payload, ...literals)).toBeUndefined();
	});
});
