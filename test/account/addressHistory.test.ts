import { describe, expect, it } from 'vitest';
import { addressHistory } from '../../nodes/account/addressHistory.ts';
import { receiptsOfMailing } from '../../nodes/account/evidence.ts';
import { openRecords } from '../../nodes/account/records.ts';
import { asOwner } from '../servers/sandboxAccount.ts';
import { MAILBOXES, OWN_MAILBOXES } from '../sandbox/pecMailboxes.ts';
import { SendingDesk, STUDIO } from './sendingDesk.ts';

const OWN = { name: 'own', missing: undefined, start: async () => OWN_MAILBOXES };
const ONE = 'cliente01@pec.beta.test';
const NOBODY = 'nessuno@pec.beta.test';
const FULL = 'pieno@pec.beta.test';
const ORDINARY = 'mario@posta.test';

async function historyOf(desk: SendingDesk, recipients: readonly string[], rowKey = '') {
	const imap = await desk.connect();
	const records = await openRecords(imap, { account: STUDIO, now: desk.now });
	const rows = recipients.map((recipient) => ({ recipient, rowKey }));
	return await addressHistory(imap, { account: STUDIO, rows, records, now: desk.now() });
}

describe.each(MAILBOXES)('addresses that failed before, in $name', (where) => {
	it.skipIf(where.missing)('are told with what happened, when and in which mailing', async () => {
		const desk = await SendingDesk.open(where);
		await desk.send('Prima', [ONE, NOBODY, FULL, ORDINARY]);
		const history = await historyOf(desk, [ONE, NOBODY, FULL, ORDINARY]);
		const at = expect.stringMatching(/^\d{4}-.*Z$/);
		expect(Object.fromEntries(history)).toEqual({
			[NOBODY]: {
				state: 'notDelivered',
				mailing: 'Prima',
				at,
				error: expect.objectContaining({ reason: 'addressUnknown' }),
				isAddressAtFault: true,
			},
			[FULL]: {
				state: 'notDelivered',
				mailing: 'Prima',
				at,
				error: expect.objectContaining({ reason: 'mailboxFull' }),
				isAddressAtFault: false,
			},
			[ORDINARY]: {
				state: 'notCertified',
				mailing: 'Prima',
				at,
				error: expect.objectContaining({ reason: 'notCertified' }),
				isAddressAtFault: true,
			},
		});
	});
});

describe('addresses that failed before', () => {
	it('are none of those to which something was delivered since, under the same row key', async () => {
		const desk = await SendingDesk.open(OWN);
		const full = desk.sandbox.store.account(FULL);
		if (!full) throw new Error('no account');
		await desk.send('Prima', [FULL]);
		expect((await historyOf(desk, [FULL], 'p/1')).get(FULL)).toMatchObject({ mailing: 'Prima' });
		await desk.advance(60_000);
		full.quotaLimit = 1_000_000_000;
		await desk.send('Seconda', [FULL]);
		expect(await historyOf(desk, [FULL], 'p/1')).toEqual(new Map());
	});

	it('are told by the latest failure', async () => {
		const desk = await SendingDesk.open(OWN);
		await desk.send('Prima', [NOBODY]);
		await desk.advance(60_000);
		await desk.send('Seconda', [NOBODY]);
		expect((await historyOf(desk, [NOBODY])).get(NOBODY)).toMatchObject({ mailing: 'Seconda' });
	});

	it('are told also by the checked copy of a notice that left the mailbox', async () => {
		const desk = await SendingDesk.open(OWN);
		await desk.send('Prima', [NOBODY]);
		const imap = await desk.connect();
		const records = await openRecords(imap, { account: STUDIO, now: desk.now });
		const receipts = await receiptsOfMailing(imap, { account: STUDIO, mailing: 'Prima', records });
		await records.writeCopies(
			receipts.map((receipt) => ({
				pecKey: receipt.pecKey,
				sha256: '0',
				size: 1,
				location: 'x',
				checkedAt: desk.now().toISOString(),
				method: 'readBack' as const,
				level: 'checked' as const,
				kind: 'receipt' as const,
				receipt,
			})),
		);
		await OWN_MAILBOXES.empty(desk.sandbox, STUDIO, 'INBOX');
		expect((await historyOf(desk, [NOBODY])).get(NOBODY)).toMatchObject({ state: 'notDelivered' });
	});

	it('are asked of our own sendings alone: what a person sent by a mail program is not counted', async () => {
		const desk = await SendingDesk.open(OWN);
		await desk.write(STUDIO, { to: NOBODY, subject: 'A mano', text: 'x' });
		expect(await historyOf(desk, [NOBODY])).toEqual(new Map());
	});

	it('change nothing in the mailbox', async () => {
		const desk = await SendingDesk.open(OWN);
		await desk.send('Prima', [NOBODY]);
		const state = async () =>
			await asOwner(desk.sandbox, STUDIO, async (client) =>
				(await client.list({ statusQuery: { messages: true, unseen: true } })).map(
					({ path, status }) => [path, status?.messages, status?.unseen],
				),
			);
		const before = await state();
		await historyOf(desk, [NOBODY]);
		expect(await state()).toEqual(before);
	});
});
