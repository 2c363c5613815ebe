import { afterEach, expect, it } from 'vitest';

import { elementOf } from './daticertShape.ts';
import { fieldOf, partsOf } from './mimeShape.ts';
import { CLIENTE, PecDesk, SERVICE, STUDIO } from './pecDesk.ts';
import { NOW } from './pecGallery.ts';

const HOUR = 3_600_000;
const MAIL = { subject: 'Prova', text: 'ciao' };

let desk: PecDesk;

afterEach(async () => await desk.sandbox.stop());

/** Hours after `start`, and what came into a mailbox then. */
function history(start: Date): string[] {
	return desk
		.ofType('delivery')
		.map(({ at, mailbox, kind, wireType, recipient = '' }) =>
			`${(Date.parse(at) - start.getTime()) / HOUR} ${mailbox} ${wireType ?? kind} ${recipient}`.trim(),
		);
}

it('a late acceptance, held deliveries and slow providers add up, for recipients of every sort', async () => {
	const colleague = 'alfa2@pec.alfa.test';
	const unknown = 'nessuno@pec.beta.test';
	const retired = 'x@dismesso.pec.beta.test';
	desk = await PecDesk.open({
		now: () => NOW,
		dialects: {
			alfa: { acceptance: { delayMs: 2 * HOUR } },
			beta: { takenInCharge: { delayMs: HOUR }, delivery: { delayMs: 3 * HOUR } },
		},
	});
	desk.sandbox.holdDeliveries();
	const to = [CLIENTE, unknown, retired, colleague, 'tizio@example.com'];
	await desk.sandbox.sendAs(STUDIO, { ...MAIL, to });
	await desk.sandbox.advance(15 * HOUR);
	await desk.sandbox.releaseDeliveries();
	await desk.sandbox.advance(30 * 24 * HOUR);
	expect(history(NOW)).toEqual([
		`2 ${STUDIO} accettazione`,
		...[CLIENTE, unknown, retired, colleague].map(
			(recipient) => `14 ${STUDIO} preavviso-errore-consegna ${recipient}`,
		),
		`15 ${colleague} transportEnvelope`,
		`15 ${STUDIO} avvenuta-consegna ${colleague}`,
		`16 ${SERVICE} presa-in-carico`,
		`18 ${CLIENTE} transportEnvelope`,
		`18 ${STUDIO} avvenuta-consegna ${CLIENTE}`,
		`18 ${STUDIO} errore-consegna ${unknown}`,
		`18 ${STUDIO} errore-consegna ${retired}`,
	]);
	expect(desk.sandbox.outsideWorld).toHaveLength(1);
	expect(desk.ofType('failure')).toEqual([]);
});

it.each([
	['at the very 12th hour comes behind the first notice', 12, '12'],
	['at the very 24th hour comes behind the second notice', 24, '24'],
])('a delivery %s', async (_, hours, last) => {
	desk = await PecDesk.open({
		now: () => NOW,
		dialects: { beta: { takenInCharge: 'never', delivery: { delayMs: hours * HOUR } } },
	});
	await desk.sandbox.sendAs(STUDIO, { ...MAIL, to: CLIENTE });
	await desk.sandbox.advance(48 * HOUR);
	expect(history(NOW).slice(-3)).toEqual([
		`${last} ${STUDIO} preavviso-errore-consegna ${CLIENTE}`,
		`${last} ${CLIENTE} transportEnvelope`,
		`${last} ${STUDIO} avvenuta-consegna ${CLIENTE}`,
	]);
});

// RFC 6109 4.2: legal time of the moment; the hours of the notices are hours all the same
it.each([
	[
		'loses',
		new Date('2026-03-29T00:30:00Z'),
		['Sun, 29 Mar 2026 01:30:00 +0100', '01:30:00'],
		['Sun, 29 Mar 2026 14:30:00 +0200', '14:30:00'],
	],
	[
		'gains',
		new Date('2026-10-25T00:30:00Z'),
		['Sun, 25 Oct 2026 02:30:00 +0200', '02:30:00'],
		['Sun, 25 Oct 2026 13:30:00 +0100', '13:30:00'],
	],
])('the night that %s an hour is written as Rome counts it', async (_, start, ...times) => {
	desk = await PecDesk.open({ now: () => start });
	desk.sandbox.holdDeliveries();
	await desk.sandbox.sendAs(STUDIO, { ...MAIL, to: CLIENTE });
	await desk.sandbox.advance(12 * HOUR);
	expect(
		desk.inbox(STUDIO).map((each) => [fieldOf(partsOf(each).top, 'Date'), elementOf(each, 'ora')]),
	).toEqual(times);
	expect(history(start).map((each) => each.split(' ')[0])).toEqual(['0', '12']);
});
