import { describe, expect, it } from 'vitest';
import { readPecMessage } from '../../nodes/pec/message.ts';
import { HOSTILE_MAIL } from './hostileMail.ts';
import { ENTITY_BOMBS, HOSTILE_PEC } from './hostilePec.ts';
import { TRUST, writeReceipt } from './pecWriter.ts';

const OPTIONS = { trust: TRUST, now: new Date('2026-03-01T00:00:00Z') };
const read = (raw: Uint8Array) => readPecMessage(raw, OPTIONS);

/** How much more a byte may cost in a message four times as large: nothing in linear work, four times in quadratic. */
const GROWTH = 2.5;
/** Milliseconds of CPU; what takes less is too short to be compared. */
const LEAST = 20;

/** What else runs in the process (compiling, collecting garbage) only adds to a reading: the least of many is the work's. */
const READINGS = 8;

/** The least of some readings in milliseconds of CPU; of two, unless that is more than `expected`. */
async function costOf(raw: Buffer, expected = Infinity): Promise<number> {
	const costs: number[] = [];
	while (costs.length < 2 || (costs.length < READINGS && Math.min(...costs) > expected)) {
		const start = process.cpuUsage();
		await read(raw);
		costs.push(process.cpuUsage(start).user / 1000);
	}
	return Math.min(...costs);
}

describe('a hostile message is read in linear time', () => {
	it.each([...HOSTILE_MAIL, ...HOSTILE_PEC])(
		'$name',
		async ({ write, findings }) => {
			const raw = write(1);
			const message = await read(raw);
			expect(message.size).toBe(raw.length);
			expect(message.findings.map(({ code }) => code)).toEqual(findings);
			const less = write(1 / 4);
			const perByte = Math.max(LEAST, await costOf(less)) / less.length;
			const allowed = perByte * raw.length * GROWTH;
			expect(await costOf(raw, allowed)).toBeLessThanOrEqual(allowed);
		},
		120_000,
	);
});

describe('an entity bomb', () => {
	it.each(ENTITY_BOMBS)('is not expanded: %s', async (_, xml) => {
		const message = await read(writeReceipt('accettazione', xml));
		expect(message.kind).toBe('receipt');
		// As written, or not read at all.
		expect(JSON.stringify(message.certification ?? {}).length).toBeLessThan(xml.length + 1000);
		expect(message.certification?.subject ?? '&').toContain('&');
	});
});
