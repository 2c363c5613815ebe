import { describe, expect, it } from 'vitest';
import { knownZone, timeIn } from '../../nodes/n8n/zonedTime.ts';

const inRome = (text: string) => timeIn(text, 'Europe/Rome')?.toISOString();

describe('a time that was filled in', () => {
	it.each([
		['a day in winter', '2026-01-01', '2025-12-31T23:00:00.000Z'],
		['a day in summer', '2026-07-01', '2026-06-30T22:00:00.000Z'],
		['a day and hour, as the form gives it', '2026-07-01T08:30:00', '2026-07-01T06:30:00.000Z'],
		['the day on which clocks go forward', '2026-03-29', '2026-03-28T23:00:00.000Z'],
		['the day after it', '2026-03-30', '2026-03-29T22:00:00.000Z'],
		['the day on which clocks go back', '2026-10-25T12:00:00', '2026-10-25T11:00:00.000Z'],
		['one with a zone of its own', '2026-07-01T00:00:00.000Z', '2026-07-01T00:00:00.000Z'],
		['one with an offset', '2026-07-01T00:00:00+05:00', '2026-06-30T19:00:00.000Z'],
	])('is the workflow’s: %s', (_, text, utc) => {
		expect(inRome(text)).toBe(utc);
	});

	it.each(['', 'ieri', '31 marzo', '3/4/2026', '2026-02-31', '2026-13-01', '2026-01-01T25:00:00'])(
		'is none where it is not: "%s"',
		(text) => {
			expect(inRome(text)).toBeUndefined();
		},
	);
});

it.each([
	['Europe/Rome', 'Europe/Rome'],
	['DEFAULT', 'UTC'],
	['', 'UTC'],
])('the zone "%s" is %s', (zone, known) => {
	expect(knownZone(zone)).toBe(known);
});
