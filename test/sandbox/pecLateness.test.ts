import { afterEach, describe, expect, it } from 'vitest';

import type { Dialects } from '../../sandbox/index.ts';
import { latenessOf } from '../../sandbox/pec/dialect.ts';
import { CLIENTE, PecDesk, SERVICE, STUDIO } from './pecDesk.ts';
import { NOW } from './pecGallery.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const OTHER = 'cliente02@pec.beta.test';

let desk: PecDesk;

afterEach(async () => await desk.sandbox.stop());

async function sent(
	dialects: Dialects,
	to: string | string[] = CLIENTE,
	subject = 'Prova',
): Promise<void> {
	desk = await PecDesk.open({ now: () => NOW, dialects });
	await desk.sandbox.sendAs(STUDIO, { to, subject, text: 'ciao' });
	await desk.sandbox.settled();
}

/** Hours after the submission, what came, and of whom it speaks. */
function timetable(): string[] {
	return desk.ofType('delivery').map(({ at, wireType, kind, recipient }) => {
		const hours = (Date.parse(at) - NOW.getTime()) / HOUR;
		return [hours, wireType ?? kind, recipient].filter((part) => part !== undefined).join(' ');
	});
}

const DELIVERY = `avvenuta-consegna ${CLIENTE}`;
const NOTICE = `preavviso-errore-consegna ${CLIENTE}`;

describe('an acceptance that is late', () => {
	it('comes at its hour, and all that follows from it then', async () => {
		await sent({ acceptance: { delayMs: 2 * HOUR } });
		expect(desk.entries().map(({ type }) => type)).toEqual(['submission']);
		await desk.sandbox.advance(2 * HOUR - 1);
		expect(timetable()).toEqual([]);
		await desk.sandbox.advance(1);
		expect(timetable()).toEqual([
			'2 accettazione',
			'2 presa-in-carico',
			'2 transportEnvelope',
			`2 ${DELIVERY}`,
		]);
	});

	it('is late for a non-acceptance too', async () => {
		await sent({ acceptance: { delayMs: HOUR } }, 'senza chiocciola');
		expect(timetable()).toEqual([]);
		await desk.sandbox.advance(3 * HOUR);
		expect(timetable()).toEqual(['1 non-accettazione']);
	});

	it('is what the hours of the notices count from', async () => {
		await sent({ acceptance: { delayMs: 2 * HOUR } });
		desk.sandbox.holdDeliveries();
		await desk.sandbox.advance(40 * HOUR);
		expect(timetable()).toEqual(['2 accettazione', `14 ${NOTICE}`, `26 ${NOTICE}`]);
	});

	it('leaves no more than the submission in the log when it never comes', async () => {
		await sent({ acceptance: 'never' });
		await desk.sandbox.advance(72 * HOUR);
		expect(desk.entries().map(({ type }) => type)).toEqual(['submission']);
	});

	it('of one provider leaves mail the other way in time', async () => {
		await sent({ alfa: { acceptance: 'never' } });
		await desk.sandbox.sendAs(CLIENTE, { to: STUDIO, subject: 'Indietro', text: 'ciao' });
		await desk.sandbox.settled();
		expect(timetable()).toHaveLength(4);
	});

	it('may be overtaken by the delivery when only its receipt is late', async () => {
		await sent({ acceptanceReceipt: { delayMs: 30 * MINUTE } });
		await desk.sandbox.advance(HOUR);
		expect(timetable()).toEqual([
			'0 presa-in-carico',
			'0 transportEnvelope',
			`0 ${DELIVERY}`,
			'0.5 accettazione',
		]);
		// it certifies when it was accepted, however late it comes
		const raw = desk.inbox(STUDIO)[1]?.toString('latin1') ?? '';
		expect(raw).toContain('Date: Sun, 1 Feb 2026 00:30:12 +0100');
	});

	it('may be missing while the delivery comes', async () => {
		await sent({ acceptanceReceipt: 'never' });
		await desk.sandbox.advance(72 * HOUR);
		expect(timetable()).toEqual(['0 presa-in-carico', '0 transportEnvelope', `0 ${DELIVERY}`]);
	});
});

// the three cases RFC 6109 3.1.6 ends with, and what lies between them
describe('a message taken in charge', () => {
	it('and delivered within the day is not told of', async () => {
		await sent({ delivery: { delayMs: 13 * HOUR } });
		await desk.sandbox.advance(48 * HOUR);
		expect(timetable().slice(2)).toEqual(['13 transportEnvelope', `13 ${DELIVERY}`]);
	});

	it('and never delivered is told of after 24 hours only', async () => {
		await sent({ delivery: 'never' });
		await desk.sandbox.advance(72 * HOUR);
		expect(timetable()).toEqual(['0 accettazione', '0 presa-in-carico', `24 ${NOTICE}`]);
		expect(desk.deliveries()[1]).toBe(`${SERVICE} presa-in-carico`);
	});

	it('and delivered after the 24 hour notice is delivered all the same', async () => {
		await sent({ delivery: { delayMs: 30 * HOUR } });
		await desk.sandbox.advance(48 * HOUR);
		expect(timetable().slice(2)).toEqual([
			`24 ${NOTICE}`,
			'30 transportEnvelope',
			`30 ${DELIVERY}`,
		]);
	});

	it('more than 12 hours late is told of once when it is delivered then', async () => {
		await sent({ takenInCharge: { delayMs: 13 * HOUR }, delivery: { delayMs: 14 * HOUR } });
		await desk.sandbox.advance(48 * HOUR);
		expect(timetable()).toEqual([
			'0 accettazione',
			`12 ${NOTICE}`,
			'13 presa-in-carico',
			'14 transportEnvelope',
			`14 ${DELIVERY}`,
		]);
	});
});

describe('a message never taken in charge', () => {
	it('but delivered between the two hours is told of once', async () => {
		await sent({ takenInCharge: 'never', delivery: { delayMs: 20 * HOUR } });
		await desk.sandbox.advance(48 * HOUR);
		expect(timetable()).toEqual([
			'0 accettazione',
			`12 ${NOTICE}`,
			'20 transportEnvelope',
			`20 ${DELIVERY}`,
		]);
	});

	it('nor delivered is told of twice', async () => {
		await sent({ takenInCharge: 'never', delivery: 'never' });
		await desk.sandbox.advance(72 * HOUR);
		expect(timetable()).toEqual(['0 accettazione', `12 ${NOTICE}`, `24 ${NOTICE}`]);
	});

	it('but delivered at once is not told of', async () => {
		await sent({ takenInCharge: 'never' });
		await desk.sandbox.advance(72 * HOUR);
		expect(timetable()).toHaveLength(3);
	});

	it('within one provider, where nothing is taken in charge, is told of twice', async () => {
		await sent({ delivery: 'never' }, 'alfa2@pec.alfa.test');
		await desk.sandbox.advance(72 * HOUR);
		expect(timetable().map((line) => line.split(' ')[0])).toEqual(['0', '12', '24']);
	});
});

describe('rules', () => {
	it('make one recipient late and leave the other', async () => {
		const slow = [{ to: OTHER, delivery: { delayMs: 25 * HOUR } }];
		await sent({ slow }, [CLIENTE, OTHER]);
		await desk.sandbox.advance(48 * HOUR);
		expect(timetable()).toEqual([
			'0 accettazione',
			'0 presa-in-carico',
			'0 transportEnvelope',
			`0 ${DELIVERY}`,
			`24 preavviso-errore-consegna ${OTHER}`,
			'25 transportEnvelope',
			`25 avvenuta-consegna ${OTHER}`,
		]);
	});

	it('go by the subject, and before what holds for all messages', async () => {
		await sent(
			{
				acceptance: 'never',
				alfa: { slow: [{ subject: /^urgente/i, acceptance: { delayMs: MINUTE } }] },
			},
			CLIENTE,
			'Urgente: prova',
		);
		await desk.sandbox.sendAs(STUDIO, { to: CLIENTE, subject: 'Altro', text: 'ciao' });
		await desk.sandbox.advance(HOUR);
		expect(desk.deliveries()).toHaveLength(4);
	});

	it.each([
		['cliente*', CLIENTE, true],
		['*@PEC.BETA.TEST', CLIENTE, true],
		['cliente', CLIENTE, false],
		['cliente.1@pec.beta.test', 'cliente01@pec.beta.test', false],
		['*', '', true],
	])('that a text %j fits %j is %s', (to, recipient, fits) => {
		const lateness = latenessOf({ slow: [{ to, delivery: 'never' }] }, 'delivery', {
			recipients: [recipient],
		});
		expect(lateness).toBe(fits ? 'never' : undefined);
	});

	it('answer the same each time, whatever the flags of their pattern', () => {
		const slow = [
			{ to: /beta/gy, delivery: 'never' as const },
			{ to: /beta/g, delivery: 'never' as const },
		];
		const ask = (): unknown => latenessOf({ slow }, 'delivery', { recipients: [CLIENTE] });
		expect([ask(), ask(), ask()]).toEqual(['never', 'never', 'never']);
	});

	it('leave a step alone that they do not speak of', () => {
		const dialect = { delivery: { delayMs: 5 }, slow: [{ to: '*', acceptance: 'never' as const }] };
		expect(latenessOf(dialect, 'delivery', { recipients: [CLIENTE] })).toEqual({ delayMs: 5 });
	});
});

it('what is held waits for its hour and for the release', async () => {
	await sent({ delivery: { delayMs: HOUR } });
	desk.sandbox.holdDeliveries();
	await desk.sandbox.advance(2 * HOUR);
	expect(timetable()).toHaveLength(2);
	await desk.sandbox.releaseDeliveries();
	expect(timetable().slice(2)).toEqual(['2 transportEnvelope', `2 ${DELIVERY}`]);
});
