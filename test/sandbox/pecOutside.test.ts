import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { start } from '../../sandbox/index.ts';
import { ScriptedLmtp } from '../servers/scriptedLmtp.ts';
import { CLIENTE, PecDesk, SERVICE, STUDIO } from './pecDesk.ts';
import { NOW } from './pecGallery.ts';
import { OWN_MAILBOXES } from './pecMailboxes.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MAIL = { to: CLIENTE, subject: 'Prova', text: 'ciao' };
const OTHER = 'cliente02@pec.beta.test';
const FOLDER = 'INBOX/Ricevute';

describe('an outside server', () => {
	let lmtp: ScriptedLmtp;
	let desk: PecDesk;

	beforeEach(async () => {
		lmtp = await ScriptedLmtp.start();
		desk = await PecDesk.open({ now: () => NOW, ...lmtp.options() }, OWN_MAILBOXES);
	});

	afterEach(async () => {
		await desk.sandbox.stop();
		await lmtp.server.stop();
	});

	async function send(to: string | string[] = CLIENTE): Promise<void> {
		await desk.sandbox.sendAs(STUDIO, { ...MAIL, to });
		await desk.sandbox.settled();
	}

	/** Type of the entry, mailbox and what it is about. */
	function entries(): string[] {
		return desk
			.entries()
			.flatMap((entry) =>
				'kind' in entry ? [`${entry.type} ${entry.mailbox} ${entry.wireType ?? entry.kind}`] : [],
			);
	}

	it.each([
		['550 5.1.1 no such user', 'unknownMailbox', '5.1.1 - Gestore Beta S.r.l. - indirizzo non v'],
		['550 no such user', 'unknownMailbox', '5.1.1 - Gestore Beta S.r.l. - indirizzo non v'],
		['550 5.2.1 closed', 'disabled', '5.2.1 - Gestore Beta S.r.l. - casella disabilitata'],
		['552 5.2.2 full', 'overQuota', '5.2.2 - Gestore Beta S.r.l. - casella piena'],
		['552 full', 'overQuota', '5.2.2 - Gestore Beta S.r.l. - casella piena'],
		['554 5.7.1 not from you', 'refused', '5.7.1 - Gestore Beta S.r.l. - consegna rifiutata'],
		['554 no', 'refused', '5.0.0 - Gestore Beta S.r.l. - consegna rifiutata'],
	])('that refuses an envelope with %j makes a non-delivery', async (reply, reason, error) => {
		for (const point of [CLIENTE, `. ${CLIENTE}`]) {
			lmtp.answers.clear();
			lmtp.answers.set(point, reply);
			await desk.startOver();
			await send();
			expect(entries()).toEqual([
				`delivery ${STUDIO} accettazione`,
				`delivery ${SERVICE} presa-in-carico`,
				`undelivered ${CLIENTE} transportEnvelope`,
				`delivery ${STUDIO} errore-consegna`,
			]);
			expect(desk.ofType('undelivered')).toMatchObject([{ reason, response: reply }]);
			expect(lmtp.server.received.join('\n')).toContain(error);
		}
	});

	it.each([
		['451 4.3.0 later', CLIENTE],
		['451 4.3.0 later', `. ${CLIENTE}`],
		['drop', CLIENTE],
		['drop', `. ${CLIENTE}`],
	])('that answers %j to %s keeps an envelope waiting until it takes it', async (reply, point) => {
		lmtp.answers.set(point, reply);
		await send();
		const before = [
			`delivery ${STUDIO} accettazione`,
			`delivery ${SERVICE} presa-in-carico`,
			`deferred ${CLIENTE} transportEnvelope`,
		];
		expect(entries()).toEqual(before);
		lmtp.answers.clear();
		await desk.sandbox.advance(5 * MINUTE - 1);
		expect(entries()).toEqual(before);
		await desk.sandbox.advance(1);
		expect(entries().slice(3)).toEqual([
			`delivery ${CLIENTE} transportEnvelope`,
			`delivery ${STUDIO} avvenuta-consegna`,
		]);
		// dated when it was placed, not when it was first tried
		expect(lmtp.server.received).toContain('Date: Sun, 1 Feb 2026 00:35:12 +0100');
	});

	it('that is away is tried again after 5, 10, 20, 40 and then every 60 minutes', async () => {
		lmtp.answers.set(CLIENTE, '451 4.3.0 later');
		await send();
		await desk.sandbox.advance(4 * HOUR);
		expect(
			desk.ofType('deferred').map(({ at }) => (Date.parse(at) - NOW.getTime()) / MINUTE),
		).toEqual([0, 5, 15, 35, 75, 135, 195]);
		expect(desk.ofType('deferred')[0]).toMatchObject({
			reason: '451 4.3.0 later',
			nextAttempt: new Date(NOW.getTime() + 5 * MINUTE).toISOString(),
		});
		lmtp.answers.clear();
		await desk.sandbox.advance(HOUR);
		lmtp.answers.set(CLIENTE, '451 4.3.0 again');
		await send();
		await desk.sandbox.advance(5 * MINUTE);
		const [first, second] = desk
			.ofType('deferred')
			.filter(({ reason }) => reason.endsWith('again'))
			.map(({ at }) => Date.parse(at));
		expect((second ?? 0) - (first ?? 0)).toBe(5 * MINUTE);
	});

	it('that nobody can reach loses nothing, not even the acceptance', async () => {
		await lmtp.server.stop();
		await send();
		expect(entries()).toEqual([
			`deferred ${STUDIO} accettazione`,
			`delivery ${SERVICE} presa-in-carico`,
			`deferred ${CLIENTE} transportEnvelope`,
		]);
		await desk.sandbox.advance(HOUR);
		expect(desk.ofType('delivery')).toHaveLength(1);
		expect(desk.ofType('failure')).toEqual([]);
	});

	it('delays one mailbox alone, and keeps the order of what comes into it', async () => {
		lmtp.answers.set(CLIENTE, '451 4.3.0 later');
		await send([CLIENTE, OTHER]);
		await send();
		expect(lmtp.taken).toEqual([STUDIO, OTHER, STUDIO, STUDIO]);
		lmtp.answers.clear();
		await desk.sandbox.advance(5 * MINUTE);
		const ids = desk.ofType('submission').map(({ messageId }) => messageId);
		const envelopes = desk.ofType('delivery').filter(({ mailbox }) => mailbox === CLIENTE);
		expect(envelopes.map(({ originalMessageId }) => originalMessageId)).toEqual(ids);
		expect(lmtp.taken).toHaveLength(8);
	});

	it('that is back is used at once when its hour has passed by itself', async () => {
		let now = NOW;
		const moving = await PecDesk.open({ now: () => now, ...lmtp.options() }, OWN_MAILBOXES);
		try {
			lmtp.answers.set(CLIENTE, '451 4.3.0 later');
			await moving.sandbox.sendAs(STUDIO, MAIL);
			await moving.sandbox.settled();
			lmtp.answers.clear();
			now = new Date(NOW.getTime() + 5 * MINUTE);
			await moving.sandbox.sendAs(STUDIO, MAIL);
			await moving.sandbox.settled();
			expect(lmtp.taken.filter((address) => address === CLIENTE)).toHaveLength(2);
		} finally {
			await moving.sandbox.stop();
		}
	});

	// RFC 6109 2.2.2 and 3.3.3
	it('is given up after 24 hours, and the sender is told', async () => {
		lmtp.answers.set(CLIENTE, '451 4.3.0 later');
		await send();
		await desk.sandbox.advance(24 * HOUR - 1);
		expect(desk.ofType('undelivered')).toEqual([]);
		await desk.sandbox.advance(1);
		expect(desk.ofType('undelivered')).toMatchObject([{ mailbox: CLIENTE, reason: 'expired' }]);
		const after = [
			`${STUDIO} preavviso-errore-consegna ${CLIENTE}`,
			`${STUDIO} errore-consegna ${CLIENTE}`,
		];
		expect(desk.deliveries().slice(2)).toEqual(after);
		await desk.sandbox.advance(48 * HOUR);
		expect(desk.deliveries().slice(2)).toEqual(after);
	});

	it('is given up for each message when it is 24 hours old itself', async () => {
		lmtp.answers.set(CLIENTE, '451 4.3.0 later');
		await send();
		await desk.sandbox.advance(5 * HOUR);
		await send();
		await desk.sandbox.advance(24 * HOUR - 1);
		expect(desk.ofType('undelivered')).toHaveLength(1);
		await desk.sandbox.advance(1);
		expect(desk.ofType('undelivered').map(({ at }) => Date.parse(at) - NOW.getTime())).toEqual([
			24 * HOUR,
			29 * HOUR,
		]);
	});

	// RFC 6109 3.1.6: the first notice is of a provider that does not even take in charge
	it('that does not take what was taken in charge makes the notice of 24 hours alone', async () => {
		lmtp.answers.set(CLIENTE, '451 4.3.0 later');
		await send();
		const notice = `${STUDIO} preavviso-errore-consegna ${CLIENTE}`;
		await desk.sandbox.advance(24 * HOUR - 1);
		expect(desk.deliveries()).not.toContain(notice);
		await desk.sandbox.advance(1);
		expect(desk.deliveries().filter((each) => each === notice)).toHaveLength(1);
	});

	it('gets no second attempt while deliveries are held', async () => {
		lmtp.answers.set(CLIENTE, '451 4.3.0 later');
		await send();
		lmtp.answers.clear();
		desk.sandbox.holdDeliveries();
		await desk.sandbox.advance(HOUR);
		expect(lmtp.taken).toEqual([STUDIO]);
		await desk.sandbox.releaseDeliveries();
		expect(lmtp.taken).toEqual([STUDIO, CLIENTE, STUDIO]);
	});

	it('that ends an idle connection is connected to anew', async () => {
		await send();
		await lmtp.server.dropConnections();
		await send();
		expect(desk.ofType('deferred')).toEqual([]);
		expect(lmtp.taken).toHaveLength(6);
	});

	it('that ends a used connection when the next message begins is connected to anew', async () => {
		await send();
		lmtp.answers.set('MAIL', 'drop');
		await send();
		expect(lmtp.answers.size).toBe(0);
		expect(desk.ofType('deferred')).toEqual([]);
		expect(lmtp.taken).toHaveLength(6);
	});

	it('that is mute for too long is tried again', async () => {
		lmtp.answers.set(CLIENTE, 'mute');
		const options = { now: () => NOW, ...lmtp.options(1000) };
		const impatient = await PecDesk.open(options, OWN_MAILBOXES);
		try {
			await impatient.sandbox.sendAs(STUDIO, MAIL);
			await impatient.sandbox.settled();
			expect(impatient.ofType('deferred')).toMatchObject([{ mailbox: CLIENTE }]);
			lmtp.answers.clear();
			await impatient.sandbox.advance(5 * MINUTE);
			expect(lmtp.taken).toEqual([STUDIO, CLIENTE, STUDIO]);
		} finally {
			await impatient.sandbox.stop();
		}
	});

	it('that is mute does not keep the sandbox from being stopped', async () => {
		lmtp.answers.set(STUDIO, 'mute');
		await desk.sandbox.sendAs(STUDIO, MAIL);
		await lmtp.muted;
		await desk.sandbox.stop();
		expect(desk.ofType('delivery')).toEqual([]);
	});

	it('gets ordinary mail whose sender is no address without a return path', async () => {
		await desk.sandbox.deliverOrdinary(Buffer.from('From: Tizio\n\nciao'), CLIENTE);
		expect(lmtp.server.received.filter((line) => line.startsWith('MAIL'))).toEqual([
			expect.stringMatching(/^MAIL FROM:<>/),
		]);
		expect(lmtp.taken).toEqual([CLIENTE]);
	});

	it('without addresses for folders cannot have receipts sorted', async () => {
		const options = { ...lmtp.options(), dialects: { receiptsFolder: FOLDER } };
		await expect(start(options)).rejects.toThrow('delivers into INBOX only');
	});
});
