import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { messageIdOf, planMailing } from '../../nodes/pec/batch.ts';
import { CertifiedMatching } from '../../nodes/pec/certifiedMatch.ts';
import { outcomeOf } from '../../nodes/pec/outcome.ts';
import { singleMessageName, singleMessageRow } from '../../nodes/pec/singleMessage.ts';
import type {
	ReceiptEvidence,
	RowRecord,
	SubmissionVerdict,
	UnnamedReceipt,
} from '../../nodes/pec/types.ts';

const account = 'ufficio@pec.comune.example';
const MAILING = 'Avvisi';
const ROSSI = 'rossi@pec.example';
const T = Date.parse('2026-02-01T10:00:00.000Z');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const at = (ms: number) => new Date(T + ms).toISOString();

interface Sent {
	readonly mailing?: string;
	readonly recipient?: string;
	readonly rowKey?: string;
	readonly attempt?: number;
	readonly subject?: string | null;
	/** Milliseconds. */
	readonly begun?: number;
	/** Without one, the process died. */
	readonly verdict?: SubmissionVerdict;
}

const sentOf = ({ mailing = MAILING, recipient = ROSSI, rowKey = '', attempt = 1 }: Sent) => {
	const row = { recipient, rowKey, attempt };
	return { row, messageId: messageIdOf({ account, mailing, row }) };
};

function submissionsOf(sent: Sent) {
	const { mailing = MAILING, subject = 'Avviso', begun = 0, verdict } = sent;
	const of = sentOf(sent);
	return {
		mailing,
		intents: [{ ...of, at: at(begun), ...(subject === null ? {} : { about: { subject } }) }],
		results: verdict ? [{ ...of, submission: { verdict, at: at(begun + 500) } }] : [],
	};
}

let receipts = 0;
function receiptOf(overrides: Partial<UnnamedReceipt> = {}): UnnamedReceipt {
	receipts += 1;
	return {
		type: 'acceptance',
		recipients: [{ address: ROSSI, type: 'certified' }],
		final: true,
		consistent: true,
		verified: false,
		at: at(2_000),
		providerId: 'opec1',
		sender: account,
		subject: 'Avviso',
		pecKey: `key-${receipts}`,
		...overrides,
	};
}

function match(
	sent: readonly Sent[],
	unnamed: readonly UnnamedReceipt[],
	named: readonly ReceiptEvidence[] = [],
) {
	const matching = new CertifiedMatching(account);
	for (const each of sent) matching.addSubmissions(submissionsOf(each));
	for (const receipt of named) matching.addNamed(receipt);
	for (const receipt of unnamed) matching.addUnnamed(receipt);
	const { receipts: matched, ambiguous } = matching.matches();
	return {
		of: matched.map(({ originalMessageId, matchedBy, type }) => [
			type,
			sent.findIndex((each) => sentOf(each).messageId === originalMessageId),
			matchedBy,
		]),
		ambiguous: sent.map((each) => ambiguous.get(sentOf(each).messageId) ?? 0),
	};
}

const TOLD = 'certification';

describe('a receipt that names no message', () => {
	it('is about the one sending with its sender, recipient and subject', () => {
		const others: Sent[] = [
			{ recipient: 'verdi@pec.example' },
			{ rowKey: 'p/2', subject: 'Sollecito' },
		];
		expect(match([{}, ...others], [receiptOf()])).toEqual({
			of: [['acceptance', 0, TOLD]],
			ambiguous: [0, 0, 0],
		});
	});

	it.each<[string, Partial<UnnamedReceipt>]>([
		['another subject', { subject: 'Altro avviso' }],
		['no subject', { subject: undefined as never }],
		['another sender', { sender: 'altro@pec.comune.example' }],
		['another recipient', { recipients: [{ address: 'verdi@pec.example', type: 'certified' }] }],
		[
			'one recipient more',
			{
				recipients: [ROSSI, 'verdi@pec.example'].map((address) => ({ address, type: 'certified' })),
			},
		],
		['a time before the sending', { at: at(-2 * MINUTE) }],
		['a time four days later', { at: at(4 * DAY) }],
		['no time', { at: undefined as never }],
		['no identifier', { providerId: undefined as never }],
	])('with %s is about none', (_, overrides) => {
		expect(match([{}], [receiptOf(overrides)])).toEqual({ of: [], ambiguous: [0] });
	});

	it.each<[string, Sent, Partial<UnnamedReceipt>]>([
		['a clock that is half a minute behind', {}, { at: at(-30_000) }],
		['an acceptance that is hours late', {}, { at: at(2 * DAY) }],
		[
			'a subject that was folded',
			{ subject: 'Avviso  di\r\n pagamento' },
			{ subject: 'Avviso di pagamento' },
		],
		['a subject in another form of Unicode', { subject: 'Perché' }, { subject: 'Perche\u0301' }],
		['addresses in other case', {}, { sender: account.toUpperCase() }],
	])('is told in spite of %s', (_, sent, overrides) => {
		expect(match([sent], [receiptOf(overrides)]).of).toEqual([['acceptance', 0, TOLD]]);
	});

	it.each<[SubmissionVerdict | undefined, boolean]>([
		['submitted', true],
		['unclear', true],
		[undefined, true],
		['rejected', false],
		['deferred', false],
	])('is about a sending that came to %s: %s', (verdict, expected) => {
		const sent: Sent = verdict ? { verdict } : {};
		expect(match([sent], [receiptOf()]).of).toHaveLength(expected ? 1 : 0);
	});

	it('is about nothing of which the record has no subject', () => {
		expect(match([{ subject: null }], [receiptOf()]).of).toEqual([]);
	});

	it('that fits two sendings is about neither, also of two mailings, and both are named', () => {
		for (const second of [{ rowKey: 'p/2' }, { mailing: 'Altro invio' }]) {
			expect(match([{}, second], [receiptOf()])).toEqual({ of: [], ambiguous: [1, 1] });
		}
	});

	it('is about neither of two that the provider wrote of one sending', () => {
		const byHand = receiptOf({ providerId: 'opec2', at: at(DAY) });
		expect(match([{}], [receiptOf(), byHand])).toEqual({ of: [], ambiguous: [2] });
	});

	it('goes where the others of its identifier go', () => {
		const delivery = receiptOf({ type: 'delivery', deliveredTo: ROSSI, at: at(MINUTE) });
		const late: Sent = { rowKey: 'p/2', begun: 30_000 + 2 * MINUTE };
		expect(match([{}, late], [delivery, receiptOf()]).of).toEqual([
			['delivery', 0, TOLD],
			['acceptance', 0, TOLD],
		]);
	});

	it('is told for certain, and unmarked, when another of its identifier names the message', () => {
		const first = sentOf({});
		const { sender: _, subject: __, ...acceptance } = receiptOf();
		const named = [{ ...acceptance, originalMessageId: first.messageId }];
		const delivery = receiptOf({ type: 'delivery', deliveredTo: ROSSI });
		expect(match([{}, { rowKey: 'p/2' }], [delivery], named).of).toEqual([
			['delivery', 0, undefined],
		]);
	});

	it('is about the later of two sendings when the earlier one has its own', () => {
		const later = receiptOf({ providerId: 'opec2', at: at(DAY + 2_000) });
		expect(match([{}, { rowKey: 'p/2', begun: DAY }], [later, receiptOf()]).of).toEqual([
			['acceptance', 1, TOLD],
			['acceptance', 0, TOLD],
		]);
	});

	it('is about a single message to all whom its record names, also with others in Cc', () => {
		const to = [ROSSI, 'verdi@pec.example'];
		const { recipient, rowKey } = singleMessageRow(to);
		const sent: Sent = { mailing: singleMessageName('e1'), recipient, rowKey };
		const certified = ['capo@pec.example', ...to];
		const addressed = (addresses: readonly string[]) =>
			receiptOf({ recipients: addresses.map((address) => ({ address, type: 'certified' })) });
		expect(match([sent], [addressed(certified)]).of).toEqual([['acceptance', 0, TOLD]]);
		expect(match([sent], [addressed([ROSSI])]).of).toEqual([]);
	});

	it('is told the same in whatever order all became known', () => {
		const sent: Sent[] = [{}, { rowKey: 'p/2', begun: DAY }, { recipient: 'verdi@pec.example' }];
		const unnamed = [
			receiptOf(),
			receiptOf({ type: 'delivery', deliveredTo: ROSSI, at: at(MINUTE) }),
			receiptOf({ providerId: 'opec2', at: at(DAY + 1_000) }),
			receiptOf({ providerId: 'opec3', at: at(DAY + 2_000), subject: 'Altro' }),
		];
		const told = (of: readonly Sent[], by: readonly UnnamedReceipt[]) => {
			const matching = new CertifiedMatching(account);
			for (const receipt of by) matching.addUnnamed(receipt);
			for (const each of of) matching.addSubmissions(submissionsOf(each));
			return new Set(
				matching
					.matches()
					.receipts.map(({ pecKey, originalMessageId }) => pecKey + originalMessageId),
			);
		};
		const expected = told(sent, unnamed);
		expect(expected.size).toBe(3);
		fc.assert(
			fc.property(
				fc.shuffledSubarray(sent, { minLength: 3 }),
				fc.shuffledSubarray(unnamed, { minLength: 4 }),
				(...shuffled) => {
					expect(told(...shuffled)).toEqual(expected);
				},
			),
		);
	});
});

describe('what such a receipt says', () => {
	const { row, messageId } = sentOf({});
	const record: RowRecord = { row, messageId, intents: [at(0)], results: [] };
	const evidence = (overrides: Partial<ReceiptEvidence>): ReceiptEvidence => {
		const { sender: _, subject: __, ...receipt } = receiptOf();
		return { ...receipt, originalMessageId: messageId, matchedBy: 'certification', ...overrides };
	};
	const full = { code: 'other', reason: 'mailboxFull' } as const;

	it('is marked in the outcome and its list, unless one that names the message says the same', () => {
		const now = new Date(T + DAY);
		const delivery = evidence({ type: 'delivery', deliveredTo: ROSSI });
		const outcome = outcomeOf({ row, messageId, record, receipts: [delivery], now });
		expect(outcome).toMatchObject({ state: 'delivered', matchedBy: 'certification' });
		expect(outcome.receipts).toMatchObject([{ type: 'delivery', matchedBy: 'certification' }]);
		const { matchedBy: _, ...named } = evidence({ type: 'delivery', pecKey: 'another' });
		const both = outcomeOf({ row, messageId, record, receipts: [delivery, named], now });
		expect(both).not.toHaveProperty('matchedBy');
	});

	it('keeps a row from being sent, and never has one sent again', () => {
		const decisionOf = (
			receipt: ReceiptEvidence,
			mode?: Parameters<typeof planMailing>[0]['mode'],
			records: readonly RowRecord[] = [record],
		) =>
			planMailing({
				...{ account, mailing: MAILING, rows: [row], records },
				receipts: [receipt],
				now: new Date(T + DAY),
				...(mode ? { mode } : {}),
			})[0]?.decision;
		const failure = evidence({ type: 'nonDelivery', deliveredTo: ROSSI, error: full });
		const retry = { kind: 'retryFailed', reasons: new Set(['mailboxFull'] as const) } as const;
		const { matchedBy: _, ...named } = failure;
		expect(decisionOf(named, retry)).toBe('send');
		expect(decisionOf(failure, retry)).toBe('alreadySent');
		const resend = { kind: 'resendUnclear', rows: 'send' } as const;
		for (const receipt of [failure, evidence({}), evidence({ type: 'delivery' })]) {
			expect(decisionOf(receipt, resend)).toBe('alreadySent');
			expect(decisionOf(receipt, undefined, [])).toBe('alreadySent');
		}
	});
});
