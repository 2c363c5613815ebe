import { describe, expect, it } from 'vitest';

import { correlationSeen } from '../../nodes/account/correlation.ts';
import { receiptsOf, receiptsOfMailing } from '../../nodes/account/evidence.ts';
import { Following } from '../../nodes/account/following.ts';
import { openRecords } from '../../nodes/account/records.ts';
import { SendingWatch } from '../../nodes/account/sendingEvents.ts';
import type { ImapSession } from '../../nodes/mail/types.ts';
import { mailingTag } from '../../nodes/pec/batch.ts';
import { rowOutcomes } from '../../nodes/pec/mailingOutcomes.ts';
import type { Dialects } from '../../sandbox/pec/dialect.ts';
import { MAILBOXES, type MailboxesUnderTest } from '../sandbox/pecMailboxes.ts';
import { SendingDesk, STUDIO } from './sendingDesk.ts';

const OWN = MAILBOXES[0] as MailboxesUnderTest;
const HIDDEN: Dialects = { reference: false };
const UNNAMED: Dialects = { reference: false, msgid: false };
const CLIENTE = 'cliente01@pec.beta.test';

const recordsOf = async (desk: SendingDesk, imap: ImapSession) =>
	await openRecords(imap, { account: STUDIO, now: desk.now });

/** What a run that waits for its first acceptance asks. */
async function askedAt(desk: SendingDesk, imap: ImapSession) {
	const records = await recordsOf(desk, imap);
	const session = { imap: async () => imap, records: async () => records };
	return await correlationSeen(session, STUDIO);
}

async function followed(desk: SendingDesk, imap: ImapSession, mailing: string) {
	const tag = mailingTag({ account: STUDIO, mailing });
	const following = new Following({
		account: STUDIO,
		tags: new Set([tag]),
		trust: { issuers: [desk.sandbox.pecCa] },
		now: desk.now,
	});
	await following.look(imap);
	const known = following.known(tag);
	const rows = known ? rowOutcomes(known, desk.now()) : [];
	return { following, outcomes: rows.flatMap(({ outcomes }) => outcomes) };
}

describe.each<[string, Dialects, string, 'certification' | undefined]>([
	['names our messages', {}, 'messageId', undefined],
	['names them in certification data alone', HIDDEN, 'certification', undefined],
	['names them nowhere', UNNAMED, 'certification', 'certification'],
])('a provider that %s', (_, dialects, correlation, matchedBy) => {
	it('is known by the first acceptance, and each recipient has a state, marked where it was matched', async () => {
		const desk = await SendingDesk.open(OWN, { dialects });
		const imap = await desk.connect();
		expect(await askedAt(desk, imap)).toBeUndefined();
		await desk.send('Avvisi di pagamento: è dovuto', [CLIENTE, 'nessuno@pec.beta.test']);
		await desk.send('Altro', [CLIENTE]);
		expect(await askedAt(desk, imap)).toBe(correlation);
		expect(await (await recordsOf(desk, imap)).readCorrelation()).toBe(correlation);
		const mailing = 'Avvisi di pagamento: è dovuto';
		const { outcomes } = await followed(desk, imap, mailing);
		const mark = matchedBy ? { matchedBy } : {};
		expect(outcomes).toMatchObject([
			{ recipient: CLIENTE, state: 'delivered', verified: true, ...mark },
			{ state: 'notDelivered', verified: true, error: { reason: 'addressUnknown' }, ...mark },
		]);
		expect(outcomes.some((outcome) => 'matchedBy' in outcome)).toBe(matchedBy !== undefined);
		const receipts = await receiptsOfMailing(imap, { account: STUDIO, mailing });
		const expected = ['acceptance', 'acceptance', 'delivery', 'nonDelivery'];
		expect(receipts.map(({ type }) => type).sort()).toEqual(expected);
		expect(new Set(receipts.map((receipt) => receipt.matchedBy))).toEqual(new Set([matchedBy]));
		const ids = outcomes.map(({ messageId }) => messageId);
		expect(await receiptsOf(imap, ids, { account: STUDIO })).toHaveLength(4);
	});
});

describe('where receipts name no message', () => {
	it('two messages to one recipient with one subject stay open, and both are told to be unclear', async () => {
		const desk = await SendingDesk.open(OWN, { dialects: UNNAMED });
		const imap = await desk.connect();
		await desk.send('Prova', ['cliente02@pec.beta.test']);
		await askedAt(desk, imap);
		const ids = await desk.send('Avvisi', [CLIENTE, CLIENTE, 'cliente02@pec.beta.test']);
		const { outcomes, following } = await followed(desk, imap, 'Avvisi');
		expect(outcomes.map(({ state }) => state)).toEqual(['submitted', 'submitted', 'delivered']);
		expect([...following.ambiguous]).toEqual(ids.slice(0, 2).map((id) => [id, 2]));
	});

	it('a message that a person writes by hand is taken for none of ours', async () => {
		const desk = await SendingDesk.open(OWN, { dialects: UNNAMED });
		const imap = await desk.connect();
		await desk.write(STUDIO, { to: CLIENTE, subject: 'Avvisi', text: 'A mano' });
		expect(await askedAt(desk, imap)).toBeUndefined();
		await desk.advance(10 * 60_000);
		await desk.send('Avvisi', [CLIENTE]);
		expect(await askedAt(desk, imap)).toBe('certification');
		const receipts = await receiptsOfMailing(imap, { account: STUDIO, mailing: 'Avvisi' });
		expect(receipts.map(({ type }) => type).sort()).toEqual(['acceptance', 'delivery']);
	});

	it('a trigger that stands before the first mailing has its outcomes', async () => {
		const desk = await SendingDesk.open(OWN, { dialects: UNNAMED });
		const imap = await desk.connect();
		const watch = new SendingWatch({ account: STUDIO, settled: () => false, now: desk.now });
		await watch.refresh(imap);
		await desk.send('Avvisi', [CLIENTE]);
		await watch.refresh(imap);
		expect([...watch.events()]).toEqual([]);
		await askedAt(desk, imap);
		await watch.refresh(imap);
		expect([...watch.events()]).toMatchObject([
			{ type: 'sendingOutcome', outcome: { state: 'delivered', matchedBy: 'certification' } },
		]);
	});
});
