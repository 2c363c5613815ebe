import { simpleParser } from 'mailparser';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { readPecMessage } from '../../nodes/pec/message.ts';
import { titleOf } from '../servers/mailServers.ts';
import { ANGLED, CLIENTE, PecDesk, SERVICE, STUDIO } from './pecDesk.ts';
import { NOW } from './pecGallery.ts';
import { MAILBOXES, type RunningMailboxes } from './pecMailboxes.ts';
import { verify, withoutOpenssl } from './pecOpenssl.ts';

const HOUR = 3_600_000;
const OTHER = 'cliente02@pec.beta.test';
const NOTICE = `${STUDIO} preavviso-errore-consegna ${CLIENTE}`;
const hoursLater = (hours: number): Date => new Date(NOW.getTime() + hours * HOUR);

describe.each(MAILBOXES)('what does not arrive in time', (where) => {
	describe.skipIf(where.missing !== undefined)(titleOf(where), () => {
		let mailboxes: RunningMailboxes;
		let desk: PecDesk;

		beforeAll(async () => {
			mailboxes = await where.start();
		});

		afterAll(async () => await mailboxes?.stop());

		beforeEach(async () => {
			desk = await PecDesk.open({ now: () => NOW }, mailboxes);
			desk.sandbox.holdDeliveries();
		});

		afterEach(async () => await desk.close());

		async function send(to: string | string[], subject = 'Perché no'): Promise<void> {
			await desk.sandbox.sendAs(STUDIO, { to, subject, text: 'ciao', messageId: ANGLED });
		}

		describe('a delivery that is held', () => {
			it('is told of after 12 hours and again after 24, each at its hour and then no more', async () => {
				await send(CLIENTE);
				await desk.sandbox.advance(12 * HOUR - 1);
				expect(desk.deliveries()).toEqual([`${STUDIO} accettazione`]);
				await desk.sandbox.advance(1);
				expect(desk.deliveries()).toEqual([`${STUDIO} accettazione`, NOTICE]);
				await desk.sandbox.advance(100 * HOUR);
				expect(desk.deliveries()).toEqual([`${STUDIO} accettazione`, NOTICE, NOTICE]);
				expect(desk.ofType('delivery').map(({ at }) => at)).toEqual(
					[0, 12, 24].map((hours) => hoursLater(hours).toISOString()),
				);
			});

			it('is told of for each PEC recipient, and for none outside PEC', async () => {
				await send([CLIENTE, 'tizio@example.com', OTHER]);
				await desk.sandbox.advance(12 * HOUR);
				expect(desk.deliveries().slice(1)).toEqual([
					NOTICE,
					`${STUDIO} preavviso-errore-consegna ${OTHER}`,
				]);
			});

			it('is told of within one provider too', async () => {
				await send('alfa2@pec.alfa.test');
				await desk.sandbox.advance(12 * HOUR);
				expect(desk.deliveries().slice(1)).toEqual([
					`${STUDIO} preavviso-errore-consegna alfa2@pec.alfa.test`,
				]);
			});

			it('comes late all the same once released, even after the second notice', async () => {
				await send(CLIENTE);
				await desk.sandbox.advance(30 * HOUR);
				await desk.sandbox.releaseDeliveries();
				expect(desk.deliveries()).toEqual([
					`${STUDIO} accettazione`,
					...[NOTICE, NOTICE],
					`${SERVICE} presa-in-carico`,
					`${CLIENTE} transportEnvelope`,
					`${STUDIO} avvenuta-consegna ${CLIENTE}`,
				]);
				expect(desk.ofType('delivery').at(-1)?.at).toBe(hoursLater(30).toISOString());
			});

			it('gets no second notice when it was delivered after the first', async () => {
				await send(CLIENTE);
				await desk.sandbox.advance(12 * HOUR);
				await desk.sandbox.releaseDeliveries();
				await desk.sandbox.advance(24 * HOUR);
				expect(desk.deliveries().filter((line) => line === NOTICE)).toHaveLength(1);
			});

			it('counts the hours of each message from its own acceptance', async () => {
				await send(CLIENTE);
				await desk.sandbox.advance(6 * HOUR);
				await send(OTHER);
				await desk.sandbox.advance(6 * HOUR);
				expect(desk.deliveries().slice(2)).toEqual([NOTICE]);
				await desk.sandbox.advance(6 * HOUR);
				expect(desk.deliveries().at(-1)).toBe(`${STUDIO} preavviso-errore-consegna ${OTHER}`);
			});
		});

		it.each([
			['a delivery', CLIENTE],
			['a non-delivery', 'nessuno@pec.beta.test'],
		])('%s in time is followed by no notice', async (_, to) => {
			await desk.sandbox.releaseDeliveries();
			await send(to);
			await desk.sandbox.settled();
			const before = desk.entries();
			await desk.sandbox.advance(48 * HOUR);
			expect(desk.entries()).toEqual(before);
		});

		it('a message that was not accepted is followed by no notice', async () => {
			await send('senza chiocciola');
			await desk.sandbox.advance(48 * HOUR);
			expect(desk.deliveries()).toEqual([`${STUDIO} non-accettazione`]);
		});

		describe('the notice', () => {
			const NOTICES = [
				{
					index: 1,
					hours: 12,
					status: '4.4.1',
					words: 'nelle prime dodici ore',
					outlook: 'ulteriore avviso di mancata consegna',
					reason: 'timeout12h',
				},
				{
					index: 2,
					hours: 24,
					status: '5.4.1',
					words: 'nelle prime ventiquattro ore',
					outlook: 'non andato a buon fine',
					reason: 'timeout24h',
				},
			];
			let notices: Buffer[];

			beforeEach(async () => {
				await send(CLIENTE);
				await desk.sandbox.advance(24 * HOUR);
				notices = await desk.mails(STUDIO);
			});

			it.skipIf(withoutOpenssl).each(NOTICES)(
				'verifies with openssl after $hours hours',
				(notice) => {
					const raw = notices[notice.index] ?? Buffer.of();
					const { said, entity } = verify(raw, {
						pecCa: desk.sandbox.pecCa,
						at: hoursLater(notice.hours),
					});
					expect(said).toContain('CMS Verification successful');
					expect(raw.includes(entity)).toBe(true);
				},
			);

			it.each(NOTICES)(
				'after $hours hours is a delay notice to a reader, by header, certification data and status',
				async ({ index, hours, status, words, outlook, reason }) => {
					const raw = notices[index] ?? Buffer.of();
					const read = await readPecMessage(raw, {
						trust: { issuers: [desk.sandbox.pecCa] },
						now: hoursLater(hours),
					});
					expect(read).toMatchObject({
						kind: 'receipt',
						consistent: true,
						findings: [],
						envelope: {
							subject: 'AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: Perché no',
							from: 'posta-certificata@pec.alfa.test',
							to: [STUDIO],
						},
						receipt: {
							type: 'deliveryDelay',
							wireType: 'preavviso-errore-consegna',
							originalMessageId: ANGLED,
							deliveredTo: CLIENTE,
							final: hours === 24,
							error: {
								code: 'other',
								reason,
								status,
								extended: expect.stringMatching(
									new RegExp(`^${status} - Gestore Alfa S.p.A. - il messaggio .* ${words}`),
								),
							},
						},
					});
					expect(read.original).toBeUndefined();
					const { text } = await simpleParser(raw);
					expect(text).toContain(words);
					expect(text).toContain(outlook);
				},
			);
		});
	});
});
