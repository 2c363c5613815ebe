import { expect, it } from 'vitest';
import { MailingDesk, ONE, STUDIO, TWO, item } from './mailingDesk.ts';

const NOBODY = 'nessuno@pec.beta.test';
const ORDINARY = 'mario@posta.test';

/** What a preview must leave as it is. */
function mailboxOf({ sandbox }: MailingDesk): unknown {
	const account = sandbox.store.account(STUDIO);
	return account?.folders().map(({ path, messages }) => [path, messages.map(({ uid }) => uid)]);
}

it('shows each letter and what a run would do with it, and changes nothing', async () => {
	const desk = await MailingDesk.open();
	const parameters = {
		subject: '=Pratica {{ $json.k }}',
		text: 'Buongiorno',
		rowKey: '={{ $json.k }}',
		personalAttachments: 'f',
		options: { html: '<p>Buongiorno</p>' },
	};
	const row = (pec: string, k: string) => item({ pec, k }, { f: Buffer.alloc(3000) });
	await desk.run({ parameters, items: [row(ONE, 'A')] });
	const before = mailboxOf(desk);
	const items = [row(ONE, 'A'), row(TWO, 'B'), row('nessuno', 'C')];
	const shown = await desk.run({ operation: 'preview', parameters, items });
	expect(shown.error).toBeUndefined();
	expect(shown.sent).toEqual([]);
	expect(mailboxOf(desk)).toEqual(before);
	expect(shown.json).toEqual([
		expect.objectContaining({ recipient: ONE, rowKey: 'A', action: 'alreadySent' }),
		expect.objectContaining({
			recipient: TWO,
			rowKey: 'B',
			mailing: 'Invio',
			attempt: 1,
			messageId: expect.stringMatching(/^<pec1\./),
			state: 'queued',
			action: 'planned',
			preview: {
				subject: 'Pratica B',
				text: 'Buongiorno',
				html: '<p>Buongiorno</p>',
				attachments: [{ fileName: 'f.pdf' }],
				messageSize: expect.any(Number),
				problems: [],
			},
		}),
		{
			recipient: 'nessuno',
			rowKey: 'C',
			mailing: 'Invio',
			action: 'skipped',
			preview: { problems: [expect.objectContaining({ code: 'notSendable' })] },
		},
	]);
	expect(shown.hints.join('\n')).toMatch(/1 of 3 to send, 1 sent already, 1 will not be sent/);
	expect(shown.hints.join('\n')).toMatch(/receipts of this mailing take about 0\.1 MB.*are free/);
});

it('tells the size of a message to the byte, as it is then sent', async () => {
	const desk = await MailingDesk.open();
	const given = {
		parameters: { personalAttachments: 'f' },
		items: [item({ pec: ONE }, { f: Buffer.alloc(100_000, 7) })],
	};
	const [shown] = (await desk.run({ ...given, operation: 'preview' })).json;
	await desk.run(given);
	const [sent] = desk.sandbox.log.submissions();
	const { messageSize } = shown?.preview as { messageSize: number };
	expect(Math.abs(messageSize - (sent?.size ?? 0))).toBeLessThan(5);
});

it('counts the header that asks for brief receipts', async () => {
	const desk = await MailingDesk.open();
	const given = {
		parameters: { options: { receiptContent: 'brief' } },
		items: [item({ pec: ONE })],
	};
	const [shown] = (await desk.run({ ...given, operation: 'preview' })).json;
	await desk.run(given);
	const [sent] = desk.sandbox.log.submissions();
	const { messageSize } = shown?.preview as { messageSize: number };
	expect(Math.abs(messageSize - (sent?.size ?? 0))).toBeLessThan(5);
});

it('says what happened to an address before, and Send warns, skips or stops', async () => {
	const desk = await MailingDesk.open();
	const to = (...addresses: string[]) => addresses.map((pec) => item({ pec }));
	await desk.run({
		parameters: { mailingName: 'Prima' },
		items: to(NOBODY, ORDINARY, ONE, 'pieno@pec.beta.test'),
	});
	const items = to(ONE, NOBODY, ORDINARY, 'pieno@pec.beta.test');
	const run = async (failedBefore: string, operation: 'send' | 'preview' = 'send') =>
		await desk.run({ operation, parameters: { options: { failedBefore } }, items });
	const shown = await run('warn', 'preview');
	expect(
		shown.json.map(({ preview }) => (preview as { lastOutcome?: object }).lastOutcome),
	).toEqual([
		undefined,
		{ state: 'notDelivered', at: expect.stringMatching(/Z$/), mailing: 'Prima' },
		{ state: 'notCertified', at: expect.stringMatching(/Z$/), mailing: 'Prima' },
		{ state: 'notDelivered', at: expect.stringMatching(/Z$/), mailing: 'Prima' },
	]);
	expect((await run('skip', 'preview')).json.map(({ action }) => action)).toEqual([
		...['planned', 'skipped', 'skipped', 'planned'],
	]);
	const stopped = await run('stop');
	expect(stopped.error?.message).toMatch(/failed before \(items 1 and 2\); nothing was sent/);
	expect(stopped.sent).toEqual([]);
	const skipped = await run('skip');
	expect(skipped.json.map(({ action }) => action)).toEqual(['sent', 'skipped', 'skipped', 'sent']);
	expect(skipped.json[1]).toMatchObject({ error: { reason: 'failedBefore' }, state: 'queued' });
	expect(skipped.sent).toEqual([ONE, 'pieno@pec.beta.test']);
	const warned = await run('warn');
	expect(warned.hints.join()).toMatch(/no such mailbox.*\(items 1 and 2\)/);
	expect(warned.sent).toEqual([NOBODY, ORDINARY]);
});

it('says that space is short, and Send warns or stops', async () => {
	const desk = await MailingDesk.open();
	const account = desk.sandbox.store.account(STUDIO);
	if (!account) throw new Error('no account');
	account.quotaLimit = account.usedBytes + 200_000;
	const run = async (spaceShort: string, operation: 'send' | 'preview' = 'send') =>
		await desk.run({
			operation,
			parameters: { personalAttachments: 'f', options: { spaceShort } },
			items: [item({ pec: ONE }, { f: Buffer.alloc(150_000) })],
		});
	expect((await run('stop', 'preview')).hints.join()).toMatch(/0\.3 MB.*but only 0\.2 MB are free/);
	const stopped = await run('stop');
	expect(stopped.error?.message).toMatch(/not enough space/);
	expect(stopped.sent).toEqual([]);
	const warned = await run('warn');
	expect(warned.hints.join()).toMatch(/but only 0\.2 MB are free/);
	expect(warned.sent).toEqual([ONE]);
});

it('shows a message that is too large for the provider, which Send refuses before the first byte', async () => {
	const desk = await MailingDesk.open({ sizeLimit: 100_000 });
	const given = {
		parameters: { personalAttachments: 'f' },
		items: [
			item({ pec: TWO }, { f: Buffer.alloc(10) }),
			item({ pec: ONE }, { f: Buffer.alloc(100_000) }),
		],
	};
	const shown = await desk.run({ ...given, operation: 'preview' });
	expect(shown.json).toMatchObject([
		{ action: 'planned' },
		{ action: 'skipped', preview: { problems: [{ code: 'tooLarge' }] } },
	]);
	const stopped = await desk.run(given);
	expect(stopped.error?.message).toMatch(/takes 0\.1 MB at most.*\[item 1\]/);
	expect(stopped.sent).toEqual([]);
	expect((await desk.run({ ...given, continueOnFail: true })).sent).toEqual([TWO]);
});

it('sends the first letter to the account itself when asked, as no part of the mailing', async () => {
	const desk = await MailingDesk.open();
	const given = { parameters: { options: { sendOneToMe: true } }, items: [item({ pec: ONE })] };
	const shown = await desk.run({ ...given, operation: 'preview' });
	expect(shown.sent).toEqual([STUDIO]);
	expect(shown.json).toMatchObject([{ recipient: ONE, action: 'planned' }]);
	expect(shown.hints.join()).toMatch(/sent to this account’s own address/);
	expect(desk.received(STUDIO).join()).toContain('[Anteprima] Avviso');
	expect((await desk.run(given)).sent).toEqual([ONE]);
});

it('shows letters also while the sending server lets nobody in', async () => {
	const desk = await MailingDesk.open({
		faults: [
			{
				at: 'smtp.command',
				command: 'AUTH',
				times: 'always',
				action: { do: 'answer', reply: 535, text: '5.7.8 no' },
			},
		],
	});
	const shown = await desk.run({
		operation: 'preview',
		parameters: {},
		items: [item({ pec: ONE })],
	});
	expect(shown.json).toMatchObject([{ action: 'planned' }]);
	expect(shown.hints.join()).toMatch(/Sending would fail now/);
});
