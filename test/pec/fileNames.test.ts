import { describe, expect, it } from 'vitest';
import { finderOf, namesIn, type FoundName } from '../../nodes/pec/fileNames.ts';

const NAMES = [
	'bollette/Rossi Mario.pdf',
	'bollette/Verdi.pdf',
	'altre/verdi.PDF',
	'Niccolò.pdf',
	'b.pdf',
	'B.pdf',
];

describe('a file by its name', () => {
	it.each<[string, FoundName]>([
		['bollette/Verdi.pdf', { index: 1 }],
		['BOLLETTE\\rossi mario.pdf', { index: 0 }],
		['rossi mario.pdf', { index: 0 }],
		['Niccolo\u0300.pdf', { index: 3 }],
		['b.pdf', { index: 4 }],
		['B.pdf', { index: 5 }],
		['verdi.pdf', { several: ['bollette/Verdi.pdf', 'altre/verdi.PDF'] }],
		['Rosi Mario.pdf', { closest: ['bollette/Rossi Mario.pdf'] }],
		['zzz', { closest: [] }],
		['', { closest: [] }],
	])('%j', (wanted, found) => {
		const { closest, ...rest } = finderOf(NAMES)(wanted) as { closest?: string[] };
		const expected = found as { closest?: string[] };
		if (expected.closest) expect(closest?.slice(0, 1)).toEqual(expected.closest);
		else expect(rest).toEqual(found);
	});
});

describe('names in a cell', () => {
	const isName = (name: string) => NAMES.includes(name) || name === 'a, b.pdf';
	it.each<[unknown, string[]]>([
		['Verdi.pdf, b.pdf;c.pdf', ['Verdi.pdf', 'b.pdf', 'c.pdf']],
		['a, b.pdf', ['a, b.pdf']],
		['', []],
		[undefined, []],
		[
			['x', ' y '],
			['x', 'y'],
		],
	])('%j are %j', (value, names) => {
		expect(namesIn(value, isName)).toEqual(names);
	});
});

it('names what is similar for the first of thousands of missing files, and does not compare for ever', () => {
	const names = Array.from({ length: 10_000 }, (_, at) => `fattura-${at}.pdf`);
	const find = finderOf(names);
	const found = names.map((name) => find(name.replace('.pdf', '')));
	expect(found[0]).toMatchObject({ closest: expect.arrayContaining(['fattura-0.pdf']) });
	expect(found.at(-1)).toEqual({ closest: undefined });
});
