import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageIdOf } from '../../nodes/pec/batch.ts';
import { SendingLedger } from '../../nodes/pec/sendingLedger.ts';
import { singleMessageName } from '../../nodes/pec/singleMessage.ts';
import type { SendingEvent } from '../../nodes/pec/sendingEvent.ts';
import type { FailureReason, ReceiptEvidence, ReceiptType } from '../../nodes/pec/types.ts';

const account = 'studio@pec.alfa.test';
const MAILING = 'Solleciti';
const ROSSI = 'rossi@pec.beta.test';
const BIANCHI = 'bianchi@pec.beta.test';
const SENT = '2026-02-01T10:00:00.000Z';
const after = (hours: number) => new Date(Date.parse(SENT) + hours * 3_600_000);

const row = { recipient: ROSSI, rowKey: 'p/1', attempt: 1 };
const messageId = messageIdOf({ account, mailing: MAILING, row });
const begun = { mailing: MAILING, intents: [{ row, messageId, at: SENT }], results: [] };
const result = (verdict: 'submitted' | 'rejected' | 'deferred', at = SENT) => ({
	mailing: MAILING,
	intents: [],
	results: [{ row, messageId, submission: { verdict, at } }],
});

let serial = 0;
function receipt(type: ReceiptType, more: Partial<ReceiptEvidence> = {}): ReceiptEvidence {
	serial += 1;
	return {
		type,
		originalMessageId: messageId,
		...(type === 'acceptance' || type === 'nonAcceptance' ? {} : { deliveredTo: ROSSI }),
		recipients: [{ address: ROSSI, type: 'certified' }],
		final: type !== 'deliveryDelay',
		consistent: true,
		verified: false,
		at: SENT,
		pecKey: `key-${serial}`,
		folder: 'INBOX',
		uid: serial,
		...more,
	};
}
const error = (reason: FailureReason) => ({ error: { code: 'other', reason } });
const ACCEPTANCE = receipt('acceptance');
const DELIVERY = receipt('delivery');
const FIRST_NOTICE = receipt('deliveryDelay', error('timeout12h'));
const SECOND_NOTICE = receipt('deliveryDelay', { ...error('timeout24h'), final: true });
const REFUSED = receipt('nonAcceptance', error('refused'));

/** A ledger, and somebody who settles each event that he is told. */
function follow(since?: Date) {
	const settled = new Set<string>();
	const isSettled = (key: string) => settled.has(key);
	const ledger = new SendingLedger({ settled: isSettled, ...(since ? { since } : {}) });
	const take = (hours: number): SendingEvent[] => {
		const taken: SendingEvent[] = [];
		for (const event of ledger.events(after(hours))) {
			taken.push(event);
			settled.add(event.key);
		}
		return taken;
	};
	const told = (hours: number) =>
		take(hours).map(({ type, outcome }) => [type, outcome.overdue ?? outcome.state]);
	return { ledger, settled, isSettled, take, told };
}

function sent(since?: Date) {
	const followed = follow(since);
	followed.ledger.addSubmissions(begun);
	followed.ledger.addSubmissions(result('submitted'));
	return followed;
}

describe('the outcome of a recipient', () => {
	it.each<[string, ReceiptEvidence[], string]>([
		['delivered', [ACCEPTANCE, DELIVERY], 'delivered'],
		['refused by its provider', [REFUSED], 'notAccepted'],
		['given up after 24 hours', [ACCEPTANCE, FIRST_NOTICE, SECOND_NOTICE], 'notDelivered'],
		['infected', [receipt('nonDelivery', error('virus'))], 'infected'],
		[
			'ordinary mail',
			[receipt('acceptance', { recipients: [{ address: ROSSI, type: 'external' }] })],
			'notCertified',
		],
	])('is told once when %s', (_, receipts, state) => {
		const { ledger, take } = sent();
		for (const each of receipts) ledger.addReceipt(each);
		const [event, ...others] = take(0.1);
		expect(others).toEqual([]);
		expect(event).toMatchObject({
			key: `outcome:${messageId}:${ROSSI}:${state}`,
			type: 'sendingOutcome',
			outcome: { recipient: ROSSI, rowKey: 'p/1', mailing: MAILING, messageId, state, final: true },
		});
		expect(event?.outcome).not.toHaveProperty('corrects');
		for (const each of receipts) ledger.addReceipt({ ...each, pecKey: `again-${each.pecKey}` });
		expect(take(1_000)).toEqual([]);
	});

	it('is told when the mail server refused the message', () => {
		const { ledger, told } = follow();
		ledger.addSubmissions(begun);
		ledger.addSubmissions(result('rejected'));
		expect(told(0)).toEqual([['sendingOutcome', 'rejected']]);
		expect(told(100)).toEqual([]);
	});

	it('is not told as refused when two runs began it in the same millisecond and one was refused', () => {
		const { ledger, told } = follow();
		for (const run of ['one', 'other']) {
			ledger.addSubmissions({ ...begun, intents: [{ row, messageId, at: SENT, run }] });
		}
		ledger.addSubmissions(result('rejected'));
		expect(told(0.1)).toEqual([]);
		ledger.addReceipt(DELIVERY);
		expect(told(0.2)).toEqual([['sendingOutcome', 'delivered']]);
	});

	it('is not told before there is one, nor for a receipt that contradicts itself', () => {
		const { ledger, told } = sent();
		ledger.addReceipt(ACCEPTANCE);
		ledger.addReceipt({ ...DELIVERY, consistent: false });
		expect(told(0.1)).toEqual([]);
	});

	it('stays until it is settled, whoever asks how often', () => {
		const { ledger } = sent();
		ledger.addReceipt(DELIVERY);
		expect([...ledger.events(after(0))]).toHaveLength(1);
		expect([...ledger.events(after(0))]).toHaveLength(1);
	});

	it('that changes is told again, and says what it corrects', () => {
		const { ledger, take } = sent();
		ledger.addReceipt(SECOND_NOTICE);
		expect(take(24)).toMatchObject([{ outcome: { state: 'notDelivered' } }]);
		ledger.addReceipt(DELIVERY);
		expect(take(25)).toMatchObject([
			{
				key: `outcome:${messageId}:${ROSSI}:delivered`,
				outcome: { state: 'delivered', corrects: 'notDelivered' },
			},
		]);
	});

	it('that was told is not taken back when somebody removes the receipt', () => {
		const { settled, ledger, told } = sent();
		settled.add(`outcome:${messageId}:${ROSSI}:delivered`);
		expect(told(100)).toEqual([]);
		ledger.addReceipt(ACCEPTANCE);
		expect(told(100)).toEqual([]);
		ledger.addReceipt(SECOND_NOTICE);
		expect(told(100)).toEqual([]);
	});

	it('is still awaited when the refusal that was told proves wrong', () => {
		const { settled, ledger, told } = follow();
		settled.add(`outcome:${messageId}:${ROSSI}:rejected`);
		ledger.addSubmissions(begun);
		ledger.addSubmissions(result('rejected'));
		ledger.addReceipt(ACCEPTANCE);
		expect(told(12)).toEqual([['overdue', 'delivery12h']]);
	});

	it('counts what only a checked copy keeps, and keeps both places of what is in both', () => {
		const { ledger, take } = sent();
		const { folder: _, uid: __, ...copied } = DELIVERY;
		ledger.addReceipt(DELIVERY);
		ledger.addReceipt({ ...copied, location: 'archivio/1.eml', verified: true });
		const [event] = take(0);
		expect(event?.outcome).toMatchObject({
			verified: true,
			receipts: [{ folder: 'INBOX', location: 'archivio/1.eml', verified: true }],
		});
	});

	it('of a receipt that the whole message proves false is not told', () => {
		const { ledger, told } = sent();
		ledger.addReceipt({ ...DELIVERY, consistent: false });
		ledger.addReceipt(DELIVERY);
		expect(told(0)).toEqual([]);
	});
});

describe('silence', () => {
	it.each<[string, ReceiptEvidence[], number, string | undefined]>([
		['just submitted', [], 0.49, undefined],
		['no acceptance', [], 0.5, 'acceptance'],
		['no acceptance for a week', [], 168, 'acceptance'],
		['accepted', [ACCEPTANCE], 11.9, undefined],
		['no outcome for 12 hours', [ACCEPTANCE], 12, 'delivery12h'],
		['no outcome for 24 hours', [ACCEPTANCE, FIRST_NOTICE], 24, 'delivery24h'],
		['no outcome for a week that nobody watched', [ACCEPTANCE], 168, 'delivery24h'],
	])('%s', (_, receipts, hours, stage) => {
		const { ledger, told } = sent();
		for (const each of receipts) ledger.addReceipt(each);
		expect(told(hours)).toEqual(stage ? [['overdue', stage]] : []);
		expect(told(hours)).toEqual([]);
	});

	it('is told at each stage that is watched, and ends with the outcome', () => {
		const { ledger, told } = sent();
		expect(told(0.5)).toEqual([['overdue', 'acceptance']]);
		ledger.addReceipt(ACCEPTANCE);
		expect(told(11)).toEqual([]);
		expect(told(12)).toEqual([['overdue', 'delivery12h']]);
		expect(told(24)).toEqual([['overdue', 'delivery24h']]);
		ledger.addReceipt(DELIVERY);
		expect(told(25)).toEqual([['sendingOutcome', 'delivered']]);
		expect(told(1_000)).toEqual([]);
	});

	it('after a submission of which nobody knows what came is news too', () => {
		const { ledger, take } = follow();
		ledger.addSubmissions(begun);
		expect(ledger.nextDueAt(after(0))).toEqual(after(0.5));
		expect(take(0.5)).toMatchObject([
			{ type: 'overdue', outcome: { state: 'inDoubt', overdue: 'acceptance' } },
		]);
	});

	it('after a submission that was put off is none', () => {
		const { ledger, told } = follow();
		ledger.addSubmissions(begun);
		ledger.addSubmissions(result('deferred'));
		expect(ledger.nextDueAt(after(0))).toBeUndefined();
		expect(told(100)).toEqual([]);
	});

	it('has one time at which it would next be news', () => {
		const { ledger } = sent();
		expect(ledger.nextDueAt(after(0))).toEqual(after(0.5));
		expect(ledger.nextDueAt(after(0.5))).toBeUndefined();
		ledger.addReceipt(ACCEPTANCE);
		expect(ledger.nextDueAt(after(1))).toEqual(after(12));
		expect(ledger.nextDueAt(after(12))).toEqual(after(24));
		expect(ledger.nextDueAt(after(24))).toBeUndefined();
		ledger.addReceipt(DELIVERY);
		expect(ledger.nextDueAt(after(1))).toBeUndefined();
	});
});

describe('what is followed', () => {
	it('are the sendings submitted since the watch began', () => {
		expect(sent(after(0)).told(1)).toEqual([['overdue', 'acceptance']]);
		const before = sent(after(0.01));
		before.ledger.addReceipt(DELIVERY);
		expect(before.told(100)).toEqual([]);
		expect(before.ledger.nextDueAt(after(0))).toBeUndefined();
	});

	it('is a sending put off before the watch began and submitted after', () => {
		const { ledger, told } = follow(after(1));
		ledger.addSubmissions(begun);
		ledger.addSubmissions(result('deferred'));
		ledger.addSubmissions({
			...begun,
			intents: [{ row, messageId, at: after(2).toISOString() }],
		});
		ledger.addSubmissions(result('submitted', after(2).toISOString()));
		expect(told(2.5)).toEqual([['overdue', 'acceptance']]);
	});

	it('are no sendings that are not recorded, nor those of another program', () => {
		const { ledger, told } = follow();
		ledger.addReceipt(DELIVERY);
		ledger.addReceipt(receipt('delivery', { originalMessageId: '<opec1@webmail>' }));
		expect(told(100)).toEqual([]);
		expect(ledger.size).toBe(1);
	});

	it('is forgotten when it was delivered and told, and does not come back', () => {
		const { ledger, told } = sent();
		ledger.addReceipt(DELIVERY);
		told(0);
		expect(ledger.size).toBe(0);
		ledger.addReceipt(ACCEPTANCE);
		ledger.addSubmissions(begun);
		expect(ledger.size).toBe(0);
		expect(told(100)).toEqual([]);
	});

	it('is known as before when its records are read once more, or half of them', () => {
		const { ledger, told } = follow();
		ledger.addSubmissions(begun);
		ledger.addSubmissions(result('deferred'));
		ledger.addSubmissions(begun);
		expect(told(100)).toEqual([]);
		ledger.addSubmissions(result('deferred'));
		expect(told(100)).toEqual([]);
	});
});

describe('a single message to several', () => {
	const single = {
		recipient: ROSSI,
		rowKey: BIANCHI,
		attempt: 1,
	};
	const mailing = singleMessageName('run:0');
	const id = messageIdOf({ account, mailing, row: single });
	const CC = 'copia@pec.beta.test';

	function sentToSeveral() {
		const followed = follow();
		followed.ledger.addSubmissions({
			mailing,
			intents: [{ row: single, messageId: id, at: SENT }],
			results: [{ row: single, messageId: id, submission: { verdict: 'submitted', at: SENT } }],
		});
		return followed;
	}

	it('has an event for each, without the name and key that are not the user’s', () => {
		const { ledger, take } = sentToSeveral();
		ledger.addReceipt(receipt('nonAcceptance', { ...error('refused'), originalMessageId: id }));
		const events = take(0);
		expect(events.map(({ key }) => key)).toEqual([
			`outcome:${id}:${ROSSI}:notAccepted`,
			`outcome:${id}:${BIANCHI}:notAccepted`,
		]);
		for (const { outcome } of events) {
			expect(outcome).not.toHaveProperty('mailing');
			expect(outcome).not.toHaveProperty('rowKey');
		}
	});

	it('has one for those in copy too, whom only the acceptance names', () => {
		const { ledger, told, take } = sentToSeveral();
		const recipients = [ROSSI, BIANCHI, CC].map((address) => ({
			address,
			type: 'certified' as const,
		}));
		ledger.addReceipt(receipt('acceptance', { originalMessageId: id, recipients }));
		for (const deliveredTo of [ROSSI, CC]) {
			ledger.addReceipt(receipt('delivery', { originalMessageId: id, recipients, deliveredTo }));
		}
		expect(take(0).map(({ outcome }) => outcome.recipient)).toEqual([ROSSI, CC]);
		expect(ledger.size).toBe(1);
		expect(told(12)).toEqual([['overdue', 'delivery12h']]);
	});
});

it('tells the same in the end, each event once, in whatever order and however often receipts come', () => {
	const all = [ACCEPTANCE, FIRST_NOTICE, SECOND_NOTICE, DELIVERY, REFUSED];
	type Step = { receipt: ReceiptEvidence } | { hours: number };
	const step = fc.oneof(
		fc.constantFrom(...all).map((each): Step => ({ receipt: each })),
		fc.integer({ min: 0, max: 48 }).map((hours): Step => ({ hours })),
	);
	fc.assert(
		fc.property(
			fc.array(step, { maxLength: 30 }),
			fc.shuffledSubarray(all, { minLength: all.length }),
			(steps, rest) => {
				const { ledger, take } = sent();
				const keys: string[] = [];
				const outcomes: SendingEvent[] = [];
				let hours = 0;
				for (const each of [...steps, ...rest.map((last): Step => ({ receipt: last }))]) {
					if ('receipt' in each) ledger.addReceipt(each.receipt);
					else hours = Math.max(hours, each.hours);
					for (const event of take(hours)) {
						keys.push(event.key);
						if (event.type === 'sendingOutcome') outcomes.push(event);
					}
				}
				expect(new Set(keys).size).toBe(keys.length);
				expect(outcomes.at(-1)?.outcome.state).toBe('delivered');
				expect(outcomes.slice(1).map(({ outcome }) => outcome.corrects)).toEqual(
					outcomes.slice(0, -1).map(({ outcome }) => outcome.state),
				);
				expect(ledger.size).toBe(0);
			},
		),
	);
});
