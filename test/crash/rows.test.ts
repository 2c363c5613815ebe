import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { pointsOfRounds } from './crashing.ts';
import { POINT_NAMES } from './points.ts';
import { mailingRows, markerOf, readMarker } from './rows.ts';

describe('the rows of a mailing', () => {
	it('are the same for the same seed, each with a row key of its own, most of them to good addresses', () => {
		const rows = mailingRows(200, new Random(3));
		expect(mailingRows(200, new Random(3))).toEqual(rows);
		expect(new Set(rows.map(({ rowKey }) => rowKey)).size).toBe(200);
		const good = rows.filter(({ recipient }) => recipient.startsWith('cliente'));
		expect(good.length).toBeGreaterThan(120);
		const kinds = new Set(rows.map(({ recipient }) => recipient.replace(/\d+@/, '@')));
		expect([...kinds].toSorted()).toEqual([
			'cliente@pec.beta.test',
			'ignoto@pec.beta.test',
			'mario@posta.test',
			'pieno@pec.beta.test',
			'sospeso@pec.beta.test',
			'ufficio@dismesso.pec.beta.test',
		]);
	});
});

describe('the marker of a row', () => {
	it.each(POINT_NAMES)('is read back from a subject: %s', (point) => {
		const mailing = `crash 12 ${point}`;
		expect(readMarker(markerOf(mailing, 'R0007'))).toEqual({ mailing, rowKey: 'R0007' });
	});

	it.each([[undefined], [''], ['Pratica 7'], ['crash 1 twoRuns # R1'], ['#R1']])(
		'is not seen in %j',
		(subject) => {
			expect(readMarker(subject)).toBeUndefined();
		},
	);
});

describe('which point strikes in which round', () => {
	it.each([1, 7, POINT_NAMES.length, 40])('each as often as the others in %i rounds', (rounds) => {
		const chosen = pointsOfRounds(POINT_NAMES, rounds, new Random(5));
		const times = POINT_NAMES.map((name) => chosen.filter((one) => one === name).length);
		expect(chosen).toHaveLength(rounds);
		expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(1);
	});
});
