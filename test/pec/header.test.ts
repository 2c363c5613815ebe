import fc from 'fast-check';
import libmime from 'libmime';
import { describe, expect, it } from 'vitest';
import addressparser from 'nodemailer/lib/addressparser/index.js';
import { mailboxesOf } from '../../nodes/pec/addresses.ts';
import { fieldsOf, parametersOf, readHeader } from '../../nodes/pec/header.ts';

function namesIn(text: string): string[] {
	const raw = Buffer.from(text, 'latin1');
	const { header } = readHeader(raw, 0, { fields: 100 }, () => false);
	return header.fields.map(({ start, nameEnd, valueStart, end }) =>
		[
			raw.toString('latin1', start, nameEnd).toLowerCase(),
			raw.toString('latin1', valueStart, end),
		].join('='),
	);
}

describe('a header field', () => {
	it('is found by its name in any letters, and by no other name', () => {
		const raw = Buffer.from(
			'X-Ricevuta: a\r\nX-RICEVUTA: b\r\nX_Ricevuta: c\r\nX-Ricevut: d\r\n\r\n',
		);
		const { header } = readHeader(raw, 0, { fields: 100 }, () => false);
		expect(fieldsOf(header, 'x-ricevuta')).toEqual(['a', 'b']);
	});

	it('with one plain mailbox is read like the library reads it', () => {
		const name = fc.stringMatching(/^[ a-z@:<=?.'è]{0,12}$/);
		const address = fc.stringMatching(/^[a-z.+_-]{1,6}@[a-z.-]{1,8}$/);
		const forms = fc.oneof(
			fc.tuple(name, address).map(([text, at]) => `"${text}" <${at}>`),
			fc.tuple(name, address).map(([text, at]) => `${text} <${at}>`),
			address,
			address.map((at) => `<${at}>`),
		);
		fc.assert(
			fc.property(forms, (field) => {
				const [one] = addressparser(field, { flatten: true });
				const [read] = mailboxesOf(field);
				expect(read?.address ?? '').toBe(one?.address ?? '');
				expect(read?.name ?? '').toBe(libmime.decodeWords(one?.name ?? ''));
			}),
			{ numRuns: 5_000 },
		);
	});

	it.each([
		['Subject: a', ['subject= a']],
		['Subject:a:b', ['subject=a:b']],
		['Subject \t : a', ['subject= a']],
		['X-\x7e!: a', ['x-\x7e!= a']],
		['no field', []],
		[': a', []],
		['Sub ject: a', []],
		['Sub\x7fject: a', []],
		['Sub\xe8ject: a', []],
		['Subject', []],
		[`${'n'.repeat(199)}: a`, [`${'n'.repeat(199)}= a`]],
		[`${'n'.repeat(200)}: a`, []],
	])('%j is read as %j', (line, fields) => {
		expect(namesIn(`A: b\r\n${line}\r\nC: d\r\n\r\n`)).toEqual(['a= b', ...fields, 'c= d']);
	});
});

describe('a field with parameters', () => {
	// Pieces of plain fields and of all that is not plain.
	const piece = fc.constantFrom(
		...['a', 'B', '/', 'text/plain', 'name', 'filename', 'charset', 'x-y', '*', '*0*', "utf-8''"],
		...['=', ';', '; ', ' ;', '"', '""', '\\', '(', ')', ' ', '\t', ',', '%20', 'é', '\u00a0'],
		...['=?utf-8?Q?=E8?=', '; name=', '; name="', '; NAME=x', ';charset=utf-8', '?=', '\0', '\n'],
	);
	const field = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

	it('is read as libmime reads it, plain or not', () => {
		fc.assert(
			fc.property(field, (text) => {
				const { value, parameters } = parametersOf(text);
				const parsed = libmime.parseHeaderValue(text);
				expect(value).toBe((/^[^\s;()]+/.exec(parsed.value)?.[0] ?? '').toLowerCase());
				expect([...parameters.keys()]).toEqual(Object.keys(parsed.params));
				for (const [name, found] of parameters) {
					const isName = name === 'name' || name === 'filename';
					const decoded = isName && !parsed.decodedParams?.includes(name);
					const written = parsed.params[name] ?? '';
					expect(found).toBe(decoded ? libmime.decodeWords(written) : written);
				}
			}),
			{ numRuns: 20_000 },
		);
	});
});
