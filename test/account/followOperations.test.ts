import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import { PecSend } from '../../nodes/PecSend/PecSend.node.ts';
import { openRecords } from '../../nodes/account/records.ts';
import { messageIdOf } from '../../nodes/pec/batch.ts';
import { executeFunctions, type FakeExecution } from '../nodes/executeFunctions.ts';
import { pecCredential } from '../servers/sandboxAccount.ts';
import { MAILBOXES, type MailboxesUnderTest } from '../sandbox/pecMailboxes.ts';
import { SendingDesk, STUDIO } from './sendingDesk.ts';

const OWN = MAILBOXES[0] as MailboxesUnderTest;
const FULL = 'pieno@pec.beta.test';
const CLIENTE = 'cliente01@pec.beta.test';
const OTHER = 'cliente02@pec.beta.test';
const MAILING = 'Avvisi';

type Run = (
	operation: string,
	parameters?: IDataObject,
	more?: Partial<FakeExecution>,
) => Promise<INodeExecutionData[]>;

async function setUp(): Promise<{ desk: SendingDesk; run: Run }> {
	const desk = await SendingDesk.open(OWN);
	const credential = pecCredential(desk.sandbox, STUDIO).data as IDataObject;
	const run: Run = async (operation, parameters = {}, more = {}) => {
		const execution = {
			credential,
			parameters: {
				resource: 'mailing',
				operation,
				mailingName: MAILING,
				subject: 'Avviso',
				text: 'Testo',
				waitMinutes: 0,
				...parameters,
			},
			...more,
		};
		const [output] = await new PecSend().execute.call(executeFunctions(execution));
		return output ?? [];
	};
	return { desk, run };
}

const rowsOf = (...recipients: string[]) => ({
	parameters: { recipient: recipients, rowKey: recipients.map((_, at) => `p/${at + 1}`) },
	more: { items: recipients.map(() => ({ json: {} })) },
});

describe('retrying what failed', () => {
	it('reaches the recipient whose mailbox has room again, and nobody else', async () => {
		const { desk, run } = await setUp();
		const { parameters, more } = rowsOf(CLIENTE, FULL, 'nessuno@pec.beta.test');
		await run('send', parameters, more);
		await desk.sandbox.settled();
		const reasons = [['mailboxFull', 'timeout24h']];
		const again = await run('retryFailed', { ...parameters, reasons }, more);
		await desk.sandbox.settled();
		const row = (attempt: number) => ({ recipient: FULL, rowKey: 'p/2', attempt });
		const id = (attempt: number) =>
			messageIdOf({ account: STUDIO, mailing: MAILING, row: row(attempt) });
		expect(again.map(({ json }) => json)).toMatchObject([
			{ action: 'alreadySent', state: 'delivered' },
			{ action: 'sent', attempt: 2, messageId: id(2), retryOf: id(1) },
			{ action: 'skipped', state: 'notDelivered', error: { reason: 'addressUnknown' } },
		]);
		expect(desk.sandbox.log.submissions().map(({ recipients }) => recipients)).toEqual([
			[CLIENTE],
			[FULL],
			['nessuno@pec.beta.test'],
			[FULL],
		]);
		const tracked = await run('track');
		expect(tracked.map(({ json }) => [json.recipient, json.attempt, json.state])).toEqual([
			[CLIENTE, 1, 'delivered'],
			[FULL, 2, 'notDelivered'],
			['nessuno@pec.beta.test', 1, 'notDelivered'],
		]);
	});

	it('does not believe a failure notice that its provider did not sign so', async () => {
		const { desk, run } = await setUp();
		const { parameters, more } = rowsOf(FULL);
		await run('send', parameters, more);
		await desk.sandbox.settled();
		const inbox = desk.sandbox.store.account(STUDIO)?.folder('INBOX');
		const notice = inbox?.messages.find(({ raw }) => raw.includes('X-Ricevuta: errore-consegna'));
		if (!inbox || !notice) throw new Error('there is no notice');
		inbox.expunge([notice.uid]);
		const changed = notice.raw.toString('latin1').replace('errore', 'errori');
		desk.sandbox.deliverRaw(Buffer.from(changed, 'latin1'), STUDIO);
		const reasons = [['mailboxFull']];
		const again = await run('retryFailed', { ...parameters, reasons }, more);
		expect(again.map(({ json }) => json.action)).toEqual(['alreadySent']);
		expect(desk.sandbox.log.submissions()).toHaveLength(1);
	});

	it('refuses reasons that are none before anything is sent', async () => {
		const { run } = await setUp();
		const { parameters, more } = rowsOf(CLIENTE);
		await expect(run('retryFailed', { ...parameters, reasons: [['virus']] }, more)).rejects.toThrow(
			/Reasons/,
		);
		await expect(run('retryFailed', { ...parameters, reasons: [[]] }, more)).rejects.toThrow(
			'Reasons is empty',
		);
	});
});

describe('what is unclear', () => {
	/** As a process leaves it that ended within DATA. */
	async function leftUnclear(desk: SendingDesk, minutesAgo: number): Promise<string> {
		const row = { recipient: CLIENTE, rowKey: 'p/1', attempt: 1 };
		const messageId = messageIdOf({ account: STUDIO, mailing: MAILING, row });
		const at = new Date(Date.now() - minutesAgo * 60_000).toISOString();
		const records = await openRecords(await desk.connect(), { account: STUDIO, now: desk.now });
		await records.writeSubmissions(MAILING, { intents: [{ row, messageId, at }], results: [] });
		return messageId;
	}

	it('is shown with what is known and with advice, and nothing is sent', async () => {
		const { desk, run } = await setUp();
		const messageId = await leftUnclear(desk, 60);
		const { parameters, more } = rowsOf(CLIENTE, OTHER);
		const shown = await run('resendUnclear', parameters, more);
		expect(shown.map(({ json }) => json)).toMatchObject([
			{
				action: 'planned',
				state: 'inDoubt',
				messageId,
				begunAt: expect.any(String),
				receipts: [],
				advice: expect.stringContaining('probably not sent'),
			},
			{ action: 'skipped', state: 'queued' },
		]);
		expect(desk.sandbox.log.submissions()).toEqual([]);
	});

	it('is sent again when a person says so, once', async () => {
		const { desk, run } = await setUp();
		const messageId = await leftUnclear(desk, 60);
		const { parameters, more } = rowsOf(CLIENTE, OTHER);
		for (const action of ['sent', 'alreadySent']) {
			const sent = await run('resendUnclear', { ...parameters, unclearRows: 'send' }, more);
			expect(sent.map(({ json }) => json)).toMatchObject([
				{ action, attempt: 2, retryOf: messageId },
				{ action: 'skipped', state: 'queued' },
			]);
		}
		expect(desk.sandbox.log.submissions().map(({ recipients }) => recipients)).toEqual([[CLIENTE]]);
	});

	it('is not sent again while its acceptance may still come', async () => {
		const { desk, run } = await setUp();
		await leftUnclear(desk, 1);
		const { parameters, more } = rowsOf(CLIENTE);
		const sent = await run('resendUnclear', { ...parameters, unclearRows: 'send' }, more);
		expect(sent.map(({ json }) => json)).toMatchObject([
			{
				action: 'skipped',
				state: 'inDoubt',
				retryAt: expect.any(String),
				advice: expect.any(String),
			},
		]);
		expect(desk.sandbox.log.submissions()).toEqual([]);
	});
});

describe('tracking', () => {
	it('knows each recipient of items that came out of Send, and of a single message', async () => {
		const { desk, run } = await setUp();
		const { parameters, more } = rowsOf(CLIENTE, OTHER);
		const sent = await run('send', parameters, more);
		const single = await run('send', {
			resource: 'message',
			to: `${CLIENTE}, nessuno@pec.beta.test`,
		});
		await desk.sandbox.settled();
		const items = [...sent.slice(1), ...single, ...single];
		const tracked = await run('track', { trackBy: 'items' }, { items });
		expect(
			tracked.map(({ json, pairedItem }) => [
				json.recipient,
				json.state,
				json.verified,
				json.mailing,
				pairedItem,
			]),
		).toEqual([
			[OTHER, 'delivered', true, MAILING, { item: 0 }],
			[CLIENTE, 'delivered', true, undefined, { item: 1 }],
			['nessuno@pec.beta.test', 'notDelivered', true, undefined, { item: 1 }],
		]);
	});

	it('knows Message-IDs, also without their brackets, and each row once', async () => {
		const { desk, run } = await setUp();
		const { parameters, more } = rowsOf(CLIENTE, OTHER);
		const sent = await run('send', parameters, more);
		await desk.sandbox.settled();
		const [first] = sent.map(({ json }) => String(json.messageId).slice(1, -1));
		const tracked = await run('track', {
			trackBy: 'messageIds',
			messageIds: `${first}, <${first}>`,
		});
		expect(tracked.map(({ json }) => [json.recipient, json.state])).toEqual([
			[CLIENTE, 'delivered'],
		]);
	});

	it('says of which item nothing is known, and goes on with the others', async () => {
		const { desk, run } = await setUp();
		const { parameters, more } = rowsOf(CLIENTE);
		const sent = await run('send', parameters, more);
		await desk.sandbox.settled();
		const row = { recipient: OTHER, rowKey: '', attempt: 1 };
		const unknown = messageIdOf({ account: STUDIO, mailing: 'Mai', row });
		const items = [{ json: { messageId: unknown } }, { json: {} }, ...sent];
		const tracked = await run('track', { trackBy: 'items' }, { items, continueOnFail: true });
		expect(tracked.map(({ json }) => json)).toMatchObject([
			{ error: expect.stringContaining('no record of this message') },
			{ error: expect.stringContaining('no messageId') },
			{ recipient: CLIENTE, state: 'delivered' },
		]);
	});

	it('of a name under which nothing was sent fails at once, and does not wait', async () => {
		const { run } = await setUp();
		await expect(run('track', { mailingName: 'Mai', waitMinutes: 60 })).rejects.toThrow(
			'Nothing was ever sent',
		);
	});
});

describe('the report', () => {
	it('holds page and table of a mailing, with the replies', async () => {
		const { desk, run } = await setUp();
		const { parameters, more } = rowsOf(CLIENTE, FULL);
		const [sent] = await run('send', parameters, more);
		await desk.sandbox.settled();
		const messageId = String(sent?.json.messageId);
		const reply = { to: STUDIO, subject: 'R: Avviso', text: 'Va bene' };
		await desk.write(CLIENTE, { ...reply, inReplyTo: messageId });
		await desk.write(CLIENTE, { ...reply, subject: 'Altro' });
		const [report] = await run('report', { language: 'it' });
		expect(report?.json).toEqual({
			mailing: MAILING,
			total: 2,
			counts: { delivered: 1, notDelivered: 1 },
			final: true,
			verified: 2,
			generatedAt: expect.any(String),
		});
		const text = (field: string) =>
			Buffer.from(report?.binary?.[field]?.data ?? '', 'base64').toString('utf8');
		expect(text('report')).toContain('R: Avviso');
		expect(text('report')).not.toContain('Altro</bdi>');
		expect(text('csv').split('\r\n')).toHaveLength(4);
		expect(report?.binary?.report?.mimeType).toBe('text/html');
	});
});

describe('forgetting a mailing', () => {
	const names = { mailingNameAgain: MAILING, evenIfNotFinal: false };

	async function recordsLeft(desk: SendingDesk): Promise<number[]> {
		const records = await openRecords(await desk.connect(), { account: STUDIO, now: desk.now });
		return [
			(await records.readMailing(MAILING)).length,
			(await records.readMailing('Altro')).length,
		];
	}

	it('removes its records alone, and no receipt', async () => {
		const { desk, run } = await setUp();
		await desk.send('Altro', [OTHER]);
		await desk.send(MAILING, [CLIENTE]);
		const inbox = desk.sandbox.store.account(STUDIO)?.folder('INBOX');
		const before = inbox?.messages.length;
		const hints: unknown[] = [];
		const [done] = await run('forget', names, { hints });
		expect(done?.json).toEqual({
			mailing: MAILING,
			forgotten: { rows: 1, open: 0, records: expect.any(Number) },
		});
		expect(JSON.stringify(hints)).toContain('forgotten');
		expect(await recordsLeft(desk)).toEqual([0, 1]);
		expect(inbox?.messages.length).toBe(before);
		// Receipts still tell that it was sent.
		const { parameters, more } = rowsOf(CLIENTE);
		const again = await run('send', parameters, more);
		expect(again.map(({ json }) => json.action)).toEqual(['alreadySent']);
	});

	it.each([
		[
			'when the second name differs',
			{ ...names, mailingNameAgain: 'avvisi' },
			'The two names differ',
		],
		['while recipients have no final state', names, 'have no final state yet'],
		[
			'when there are no records',
			{ ...names, mailingName: 'Mai', mailingNameAgain: 'Mai' },
			'no records',
		],
	])('removes nothing %s', async (_, parameters, message) => {
		const { desk, run } = await setUp();
		desk.sandbox.holdDeliveries();
		await desk.send(MAILING, [CLIENTE]);
		await expect(run('forget', parameters)).rejects.toThrow(message);
		expect(await recordsLeft(desk)).toEqual([1, 0]);
		await run('forget', { ...names, evenIfNotFinal: true });
		expect(await recordsLeft(desk)).toEqual([0, 0]);
	});

	it('removes nothing on a server that cannot remove single messages', async () => {
		const { desk, run } = await setUp();
		await desk.send(MAILING, [CLIENTE]);
		desk.sandbox.withoutCapabilities(['UIDPLUS']);
		await expect(run('forget', names)).rejects.toThrow('nothing was removed');
		expect(await recordsLeft(desk)).toEqual([1, 0]);
	});
});
