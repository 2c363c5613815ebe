import { describe, expect, it } from 'vitest';
import { createFlow, rows } from './flows.ts';
import {
	actionsIn,
	clients,
	failureOf,
	LETTER,
	openSendDesk,
	outcomesIn,
	STUDIO,
} from './sendDesk.ts';

const FULL = 'pieno@pec.beta.test';

describe('PEC Send: what comes after a mailing', () => {
	it('sends once more, as attempt 2, to a full mailbox that was emptied, and to nobody else', async () => {
		const desk = await openSendDesk();
		const people = [...clients(2), { pec: FULL, file: 'P3' }];
		const form = { mailingName: 'Sollecito', ...LETTER };
		await desk.run(rows(people), desk.mailing('send', form));
		await desk.sandbox.settled();
		const full = desk.sandbox.store.account(FULL);
		if (full) full.quotaLimit = 2 ** 30;

		const retry = desk.mailing('retryFailed', { ...form, reasons: ['mailboxFull'] });
		const retried = await desk.run(rows(people), retry);
		const [, , first] = outcomesIn(await desk.run(rows(people), desk.mailing('preview', form)));
		expect(outcomesIn(retried)).toMatchObject([
			{ rowKey: 'P1', action: 'alreadySent', state: 'delivered' },
			{ rowKey: 'P2', action: 'alreadySent', state: 'delivered' },
			{ recipient: FULL, rowKey: 'P3', action: 'sent', attempt: 2, retryOf: expect.any(String) },
		]);
		expect(first).toMatchObject({ rowKey: 'P3', action: 'alreadySent', attempt: 2 });

		const { mailingName } = form;
		const tracked = await desk.run(desk.mailing('track', { mailingName, waitMinutes: 1 }));
		expect(outcomesIn(tracked)[2]).toMatchObject({
			rowKey: 'P3',
			attempt: 2,
			state: 'delivered',
			final: true,
		});
		expect(actionsIn(await desk.run(rows(people), retry))).toEqual([
			...['alreadySent', 'alreadySent', 'alreadySent'],
		]);
		expect(desk.sent()).toEqual([...people.map(({ pec }) => pec), FULL].toSorted());
		expect(desk.received(FULL)).toHaveLength(1);
	});

	it('shows a row that may have been sent with what is known, and sends it neither by itself nor too early', async () => {
		// One connection: the second letter is the second row's.
		const desk = await openSendDesk({}, { provider: 'custom' });
		const form = { mailingName: 'Interrotto', ...LETTER };
		const run = async (operation: string, more: object = {}) =>
			await desk.run(rows(clients(3)), desk.mailing(operation, { ...form, ...more }));
		// The server has the whole message and the line is cut: taken or not, nobody here can tell.
		desk.sandbox.faults.add({ at: 'smtp.dot', skip: 1, action: { do: 'drop' } });
		const sent = await run('send');
		expect(outcomesIn(sent)).toMatchObject([
			{ rowKey: 'P1', action: 'sent' },
			{ rowKey: 'P2', action: 'skipped', state: 'inDoubt' },
			{ rowKey: 'P3', action: 'sent' },
		]);
		expect(actionsIn(await run('send'))).toEqual(['alreadySent', 'skipped', 'alreadySent']);

		const shown = await run('resendUnclear');
		expect(outcomesIn(shown)).toMatchObject([
			{ rowKey: 'P1', action: 'alreadySent' },
			{
				rowKey: 'P2',
				action: 'planned',
				state: 'inDoubt',
				begunAt: expect.any(String),
				advice: expect.stringContaining('30 minutes'),
			},
			{ rowKey: 'P3', action: 'alreadySent' },
		]);
		const early = await run('resendUnclear', { unclearRows: 'send' });
		expect(outcomesIn(early)[1]).toMatchObject({
			rowKey: 'P2',
			action: 'skipped',
			state: 'inDoubt',
			retryAt: expect.any(String),
		});
		expect(desk.sent()).toEqual(['cliente01@pec.beta.test', 'cliente03@pec.beta.test']);
	});

	it('forgets one mailing alone, when its name is typed twice; receipts still keep its rows from being sent', async () => {
		const desk = await openSendDesk();
		const send = async (mailingName: string) =>
			await desk.run(rows(clients(2)), desk.mailing('send', { ...LETTER, mailingName }));
		const forget = async (mailingNameAgain: string) =>
			await desk.run(
				desk.mailing('forget', { mailingName: 'Primo', mailingNameAgain, evenIfNotFinal: false }),
			);
		await send('Primo');
		await send('Secondo');
		await desk.sandbox.settled();

		const refused = await forget('primo');
		expect(refused.status).toBe('error');
		expect(failureOf(refused)).toMatch(/names differ; nothing was removed/);
		expect(outcomesIn(await forget('Primo'))).toMatchObject([
			{ mailing: 'Primo', forgotten: { rows: 2, open: 0 } },
		]);
		expect(actionsIn(await send('Primo'))).toEqual(['alreadySent', 'alreadySent']);

		const inbox = desk.sandbox.store.account(STUDIO)?.folder('INBOX');
		inbox?.expunge(inbox.messages.map(({ uid }) => uid));
		expect(actionsIn(await send('Secondo'))).toEqual(['alreadySent', 'alreadySent']);
		expect(desk.sent()).toHaveLength(4);
		expect(actionsIn(await send('Primo'))).toEqual(['sent', 'sent']);
	});

	it('goes on by itself when the first try of Retry On Fail could not send, and writes to nobody twice', async () => {
		const desk = await openSendDesk();
		const flow = await createFlow(desk.rest, [
			rows(clients(3)),
			desk.mailing('send', { mailingName: 'Riprova', ...LETTER }, { retryOnFail: true }),
		]);
		const refusal = { do: 'answer', reply: 535, text: '5.7.8 authentication failed' } as const;
		const refused = desk.sandbox.faults.add({
			at: 'smtp.command',
			command: 'AUTH',
			action: refusal,
		});
		expect(actionsIn(await flow.run())).toEqual(['sent', 'sent', 'sent']);
		expect(refused.fired).toBe(1);
		expect(desk.sent()).toEqual(clients(3).map(({ pec }) => pec));
	});
});
