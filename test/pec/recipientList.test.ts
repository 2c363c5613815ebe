import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	columnOf,
	readAddressList,
	readRecipientCsv,
	recipientColumnOf,
} from '../../nodes/pec/recipientList.ts';

const hex = (digits: string) => Buffer.from(digits.replace(/\s/g, ''), 'hex');
const latin = (text: string) => Buffer.from(text, 'latin1');
const utf16 = (text: string) => Buffer.from(text, 'utf16le');
const COLUMNS = ['pec', 'città'];
const CELLS = ['a@b.it', 'Forlì'];

describe('a CSV of recipients', () => {
	it.each<[string, Buffer]>([
		// pec;città / a@b.it;Forlì
		['Windows-1252', hex('7065633b63697474e00d0a 6140622e69743b466f726cec0d0a')],
		['UTF-8', hex('7065633b63697474c3a00a 6140622e69743b466f726cc3ac0a')],
		['UTF-8 with its mark', hex('efbbbf 7065633b63697474c3a00a 6140622e69743b466f726cc3ac')],
		[
			'UTF-16LE with its mark',
			hex(
				'fffe 7000650063003b00630069007400740 0e0000d000a00 6100400062002e00690074003b0046006f0072006c00ec000d000a00',
			),
		],
		[
			'UTF-16BE with its mark',
			hex(
				'feff 007000650063003b0063006900740074 00e0000d000a 006100400062002e00690074003b0046006f0072006c00ec',
			),
		],
		['UTF-16LE without its mark', utf16('pec;città\na@b.it;Forlì\n')],
	])('is read in %s', (_, bytes) => {
		expect(readRecipientCsv(bytes)).toEqual({
			columns: COLUMNS,
			rows: [{ row: 2, cells: CELLS }],
			ragged: [],
		});
	});

	it.each<[string, string]>([
		['semicolons', 'pec;nome\r\na@b.it;Rossi, Mario\r\n'],
		['commas', 'pec,nome\r\na@b.it,"Rossi, Mario"\r\n'],
		['tabs', 'pec\tnome\r\na@b.it\tRossi, Mario\r\n'],
		['the line that Excel reads', 'sep=|\r\npec|nome\r\na@b.it|Rossi, Mario\r\n'],
		['old Macintosh line ends', 'pec;nome\ra@b.it;Rossi, Mario\r'],
		['commas inside a quoted name', 'pec;"nome, cognome e altro, tutto"\na@b.it;Rossi, Mario'],
	])('is cut at %s', (_, text) => {
		expect(readRecipientCsv(latin(text))).toMatchObject({
			rows: [{ cells: ['a@b.it', 'Rossi, Mario'] }],
		});
	});

	it('numbers its rows as Excel does: blank rows count, a line break in a cell does not', () => {
		const text = 'pec;nota\r\na@b.it;"riga 1\r\nriga 2"\r\n\r\n;;\r\nb@b.it;x\r\n';
		expect(readRecipientCsv(latin(text))).toMatchObject({
			rows: [
				{ row: 2, cells: ['a@b.it', 'riga 1\r\nriga 2'] },
				{ row: 5, cells: ['b@b.it', 'x'] },
			],
		});
		expect(readRecipientCsv(latin(`sep=;\r\n${text}`))).toMatchObject({
			rows: [{ row: 3 }, { row: 6 }],
		});
	});

	it('takes quotation marks as people type them', () => {
		const text = 'pec;nome\na@b.it;Ditta "Rossi" srl\nb@b.it;"Ditta ""Verdi"" srl"';
		expect(readRecipientCsv(latin(text))).toMatchObject({
			rows: [
				{ cells: ['a@b.it', 'Ditta "Rossi" srl'] },
				{ cells: ['b@b.it', 'Ditta "Verdi" srl'] },
			],
		});
	});

	it('sets aside the rows alone that have too few or too many cells', () => {
		const text = 'pec;nome;via\na@b.it;A;1;;\nb@b.it;B\nc@b.it;C;2;troppo\nd@b.it;D;\n';
		expect(readRecipientCsv(latin(text))).toEqual({
			columns: ['pec', 'nome', 'via'],
			rows: [
				{ row: 2, cells: ['a@b.it', 'A', '1'] },
				{ row: 5, cells: ['d@b.it', 'D', ''] },
			],
			ragged: [
				{ row: 3, cells: 2 },
				{ row: 4, cells: 4 },
			],
		});
	});

	it.each<[string, Buffer, object]>([
		['nothing', Buffer.alloc(0), { problem: 'empty' }],
		['white space', latin(' \r\n\r\n'), { problem: 'empty' }],
		['a mark alone', hex('efbbbf'), { problem: 'empty' }],
		['a header alone', latin('pec;nome\r\n;;\r\n'), { problem: 'headerOnly' }],
		['addresses without a header', latin('a@b.it\nb@b.it\n'), { problem: 'noHeader' }],
		['a workbook (xlsx)', hex('504b030414000000'), { problem: 'workbook' }],
		['an old workbook (xls)', hex('d0cf11e0a1b11ae1 0000'), { problem: 'workbook' }],
		['a PDF', latin('%PDF-1.7\n1;2'), { problem: 'notText' }],
		['a web page named .xls', latin('<html><table><tr><td>pec</td>'), { problem: 'notText' }],
		['control characters', hex('7065633b01020304 0a6140622e6974'), { problem: 'notText' }],
		[
			'a quotation mark left open',
			latin('pec;n\na@b.it;"x\nb@b.it;y\n'),
			{ problem: 'unclosedQuote' },
		],
		[
			'two columns of one name',
			latin('PEC;nome;pec\na@b.it;n;b@b.it'),
			{ problem: 'sameColumnTwice', column: 'pec' },
		],
	])('says what it is given instead: %s', (_, bytes, problem) => {
		expect(readRecipientCsv(bytes)).toEqual(problem);
	});

	it('answers any bytes', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
				const answer = readRecipientCsv(Buffer.from(bytes));
				if ('problem' in answer) return;
				for (const { cells } of answer.rows) expect(cells).toHaveLength(answer.columns.length);
			}),
			{ numRuns: 2000 },
		);
	});

	it('loses no row, whatever the cells hold', () => {
		const cell = fc.string({
			maxLength: 8,
			unit: fc.constantFrom('a', 'è', '"', ';', ',', '\n', '[', '@'),
		});
		fc.assert(
			fc.property(fc.array(cell, { minLength: 1, maxLength: 20 }), (cells) => {
				// RFC 4180, 2.7.
				const lines = cells.map((text) => `x@b.it;"${text.replaceAll('"', '""')}"`);
				const answer = readRecipientCsv(Buffer.from(['pec;nota', ...lines].join('\r\n')));
				expect(answer).toMatchObject({
					rows: cells.map((text, index) => ({ row: index + 2, cells: ['x@b.it', text.trim()] })),
				});
			}),
		);
	});
});

describe('columns', () => {
	it.each<[string[], string, number | undefined]>([
		[['pec', 'Nome'], 'NOME', 1],
		[['Ragione  Sociale'], 'ragione sociale', 0],
		[['e-mail'], 'E-Mail', 0],
		[['città'], 'citta\u0300', 0],
		[['pec'], 'nome', undefined],
		[['pec', ''], '', undefined],
	])('of %j, %j is number %s', (columns, name, index) => {
		expect(columnOf(columns, name)).toBe(index);
	});

	it.each<[string[], number | undefined]>([
		[['nome', 'Indirizzo', 'EMAIL', 'PEC'], 3],
		[['nome', 'E-mail'], 1],
		[['indirizzo_pec', 'indirizzo'], 0],
		[['via', 'Indirizzo'], 1],
		[['nome', 'codice'], undefined],
		[['pecora'], undefined],
	])('the address of %j stands in number %s', (columns, index) => {
		expect(recipientColumnOf(columns)).toBe(index);
	});
});

describe('a list of addresses', () => {
	it.each<[unknown, string[]]>([
		['a@b.it\nb@b.it', ['a@b.it', 'b@b.it']],
		['a@b.it; b@b.it,c@b.it;\r\n\r\n', ['a@b.it', 'b@b.it', 'c@b.it']],
		[
			['a@b.it', ' ', 'b@b.it'],
			['a@b.it', 'b@b.it'],
		],
		['', []],
		[undefined, []],
		['Rossi <a@b.it>', ['Rossi <a@b.it>']],
	])('%j holds %j', (given, addresses) => {
		expect(readAddressList(given)).toEqual(addresses);
	});
});
