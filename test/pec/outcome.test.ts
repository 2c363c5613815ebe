import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evidenceOf } from '../../nodes/pec/evidence.ts';
import { readPecHeaders } from '../../nodes/pec/message.ts';
import { outcomeOf } from '../../nodes/pec/outcome.ts';
import type {
	FailureReason,
	ReceiptEvidence,
	ReceiptType,
	RowRecord,
	Submission,
} from '../../nodes/pec/types.ts';
import { ORIGINAL_ID, RECIPIENT, writeDaticert } from './pecWriter.ts';

const ROW = { recipient: RECIPIENT, rowKey: '', attempt: 1 };
const SENT = '2026-02-01T10:00:00.000Z';
const after = (hours: number) => new Date(Date.parse(SENT) + hours * 3_600_000);

let serial = 0;
function receipt(type: ReceiptType, more: Partial<ReceiptEvidence> = {}): ReceiptEvidence {
	serial += 1;
	return {
		type,
		originalMessageId: ORIGINAL_ID,
		...(type === 'acceptance' || type === 'nonAcceptance' ? {} : { deliveredTo: RECIPIENT }),
		recipients: [{ address: RECIPIENT, type: 'certified' }],
		final: type !== 'deliveryDelay' && type !== 'takenInCharge',
		consistent: true,
		verified: false,
		at: SENT,
		providerId: 'opec1',
		pecKey: `key-${serial}`,
		...more,
	};
}
const error = (reason: FailureReason) => ({ error: { code: 'other', reason } });
const record = (
	verdict?: Submission['verdict'],
	smtp = { code: 250, response: 'ok' },
): RowRecord => ({
	row: ROW,
	messageId: ORIGINAL_ID,
	intents: [SENT],
	results: verdict ? [{ verdict, at: SENT, smtp }] : [],
});
const outcome = (receipts: ReceiptEvidence[], given?: RowRecord, now = after(0.1)) =>
	outcomeOf({ row: ROW, messageId: ORIGINAL_ID, record: given, receipts, now });

const DELIVERY = receipt('delivery');
const ACCEPTANCE = receipt('acceptance');
const FIRST_NOTICE = receipt('deliveryDelay', error('timeout12h'));
const SECOND_NOTICE = receipt('deliveryDelay', { ...error('timeout24h'), final: true });
const FAILED = receipt('nonDelivery', error('mailboxFull'));
const REFUSED = receipt('nonAcceptance', error('refused'));
const VIRUS = receipt('nonDelivery', error('virus'));
const EXTERNAL = receipt('acceptance', { recipients: [{ address: RECIPIENT, type: 'external' }] });

describe('a recipient that the server refused while it took the message for others', () => {
	const partly: RowRecord = {
		...record(),
		results: [{ verdict: 'submitted', at: SENT, refused: [RECIPIENT], message: 'refused' }],
	};
	const other = 'altro@pec.beta.test';
	const ofBoth = receipt('acceptance', { recipients: [{ address: other, type: 'certified' }] });
	const outcomeFor = (recipient: string) =>
		outcomeOf({
			row: { ...ROW, recipient },
			messageId: ORIGINAL_ID,
			record: partly,
			receipts: [ofBoth],
			now: after(48),
		});

	it('is rejected, whatever the acceptance of the others says', () => {
		const refused = outcomeFor(RECIPIENT);
		expect(refused).toMatchObject({
			state: 'rejected',
			final: true,
			error: { reason: 'partlyRefused' },
			receipts: [],
		});
		expect(refused).not.toHaveProperty('submittedAt');
		expect(refused).not.toHaveProperty('acceptedAt');
		expect(refused).not.toHaveProperty('overdue');
		expect(outcomeFor(other)).toMatchObject({ state: 'accepted', submittedAt: SENT });
	});
});

describe('state of a recipient', () => {
	it.each<[string, string, boolean, ReceiptEvidence[], RowRecord | undefined]>([
		['nothing', 'queued', false, [], undefined],
		['deferred', 'queued', false, [], record('deferred')],
		['an intent', 'inDoubt', false, [], record()],
		['unclear', 'inDoubt', false, [], record('unclear')],
		['submitted', 'submitted', false, [], record('submitted')],
		['rejected', 'rejected', true, [], record('rejected')],
		['an acceptance', 'accepted', false, [ACCEPTANCE], record('submitted')],
		[
			'an acceptance after an unclear submission',
			'accepted',
			false,
			[ACCEPTANCE],
			record('unclear'),
		],
		['an acceptance although rejected', 'accepted', false, [ACCEPTANCE], record('rejected')],
		['the first notice', 'delayed', false, [ACCEPTANCE, FIRST_NOTICE], undefined],
		['the second notice', 'notDelivered', true, [FIRST_NOTICE, SECOND_NOTICE], undefined],
		['a failure', 'notDelivered', true, [ACCEPTANCE, FAILED], undefined],
		['a refusal', 'notAccepted', true, [REFUSED], record('submitted')],
		['a virus found by the recipient’s provider', 'infected', true, [ACCEPTANCE, VIRUS], undefined],
		[
			'a virus found by the own provider',
			'infected',
			true,
			[receipt('nonAcceptance', error('virus'))],
			undefined,
		],
		['a virus notice', 'infected', true, [receipt('virusDetected')], undefined],
		['ordinary e-mail', 'notCertified', true, [EXTERNAL], undefined],
		['a delivery', 'delivered', true, [ACCEPTANCE, DELIVERY], undefined],
		['a delivery after the second notice', 'delivered', true, [SECOND_NOTICE, DELIVERY], undefined],
		['a delivery and a failure', 'delivered', true, [FAILED, DELIVERY], undefined],
		['a delivery although external', 'delivered', true, [EXTERNAL, DELIVERY], undefined],
		['a failure and a virus', 'notDelivered', true, [VIRUS, FAILED], undefined],
		['taken in charge alone', 'submitted', false, [receipt('takenInCharge')], record('submitted')],
		['a receipt of no known type', 'submitted', false, [receipt('unknown')], record('submitted')],
	])('after %s is %s', (_, state, final, receipts, given) => {
		expect(outcome(receipts, given)).toMatchObject({ state, final, verified: false });
	});

	it.each<[string, Partial<ReceiptEvidence>]>([
		['of another message', { originalMessageId: '<other@x>' }],
		['of another recipient', { deliveredTo: 'bianchi@pec.example' }],
		[
			'of somebody among several',
			{
				deliveredTo: undefined,
				recipients: [
					{ address: RECIPIENT, type: 'certified' },
					{ address: 'b@x.it', type: 'certified' },
				],
			},
		],
		[
			'of one other, unnamed',
			{ deliveredTo: undefined, recipients: [{ address: 'b@x.it', type: 'certified' }] },
		],
	])('is not moved by a receipt %s', (_, more) => {
		const told = outcome([ACCEPTANCE, receipt('delivery', more)]);
		expect(told.state).toBe('accepted');
		expect(told.receipts).toHaveLength(1);
	});

	it.each<[string, Partial<ReceiptEvidence>]>([
		['names the recipient in capitals', { deliveredTo: RECIPIENT.toUpperCase() }],
		['names nobody, where one alone was addressed', { deliveredTo: undefined }],
		['names nobody at all', { deliveredTo: undefined, recipients: [] }],
		['writes the Message-ID without brackets', { originalMessageId: ORIGINAL_ID.slice(1, -1) }],
	])('is moved by a receipt that %s', (_, more) => {
		expect(outcome([receipt('delivery', more)]).state).toBe('delivered');
	});

	it('is not moved by a receipt that contradicts itself, which is listed all the same', () => {
		const told = outcome([ACCEPTANCE, receipt('delivery', { consistent: false })]);
		expect(told.state).toBe('accepted');
		expect(told).not.toHaveProperty('deliveredAt');
		expect(told.receipts.map(({ type }) => type).sort()).toEqual(['acceptance', 'delivery']);
	});

	it('is verified by the receipt that proves it, not by another', () => {
		const acceptance = receipt('acceptance', { verified: true });
		expect(outcome([acceptance]).verified).toBe(true);
		expect(outcome([acceptance, DELIVERY]).verified).toBe(false);
		expect(outcome([acceptance, receipt('delivery', { verified: true })]).verified).toBe(true);
	});

	it('tells its times, its SMTP reply and where its receipts are', () => {
		const delivery = receipt('delivery', {
			at: '2026-02-01T10:01:00.000Z',
			folder: 'INBOX',
			uid: 9,
		});
		expect(outcome([delivery, ACCEPTANCE], record('submitted'))).toEqual({
			recipient: RECIPIENT,
			attempt: 1,
			messageId: ORIGINAL_ID,
			state: 'delivered',
			final: true,
			verified: false,
			submittedAt: SENT,
			acceptedAt: SENT,
			deliveredAt: '2026-02-01T10:01:00.000Z',
			smtp: { code: 250, response: 'ok' },
			receipts: [
				{ type: 'acceptance', at: SENT, providerId: 'opec1', verified: false },
				{
					type: 'delivery',
					at: '2026-02-01T10:01:00.000Z',
					providerId: 'opec1',
					folder: 'INBOX',
					uid: 9,
					verified: false,
				},
			],
		});
	});
});

describe('what to do', () => {
	it.each<[string, ReceiptEvidence[], RowRecord | undefined, string, string]>([
		[
			'addressUnknown',
			[receipt('nonDelivery', error('addressUnknown'))],
			undefined,
			'never',
			'INI-PEC',
		],
		['mailboxFull', [FAILED], undefined, 'later', 'full'],
		['timeout12h', [FIRST_NOTICE], undefined, 'later', 'Wait'],
		['timeout24h', [SECOND_NOTICE], undefined, 'now', 'Send again'],
		['virus', [VIRUS], undefined, 'never', 'attachments'],
		['refused', [REFUSED], undefined, 'never', 'notice'],
		['other', [receipt('deliveryDelay', error('other'))], undefined, 'later', 'Read the notice'],
		['other', [receipt('nonDelivery')], undefined, 'never', 'Read the notice'],
		['notCertified', [EXTERNAL], undefined, 'never', 'ordinary e-mail'],
		['rejected', [], record('rejected'), 'never', 'nothing was sent'],
		['inDoubt', [], record('unclear'), 'never', 'before resending'],
		['deferred', [], record('deferred'), 'later', 'Not sent yet'],
	])('after %s is said in words', (reason, receipts, given, retry, words) => {
		const told = outcome(receipts, given);
		expect(told.error).toMatchObject({ reason, retry });
		expect(told.error?.message).toContain(words);
	});

	it.each([
		['delivered', [DELIVERY]],
		['accepted', [ACCEPTANCE]],
	])('is nothing when %s', (_, receipts) => {
		expect(outcome(receipts)).not.toHaveProperty('error');
	});
});

describe('overdue', () => {
	const late = receipt('acceptance', { at: after(1).toISOString() });
	it.each<[string, ReceiptEvidence[], RowRecord | undefined, number, string | undefined]>([
		['just submitted', [], record('submitted'), 0.49, undefined],
		['no acceptance after half an hour', [], record('submitted'), 0.5, 'acceptance'],
		['accepted', [ACCEPTANCE], record('submitted'), 11.9, undefined],
		['accepted 12 hours ago', [ACCEPTANCE], record('submitted'), 12, 'delivery12h'],
		['accepted later than submitted', [late], record('submitted'), 12, undefined],
		['accepted 24 hours ago', [ACCEPTANCE], undefined, 24, 'delivery24h'],
		['delayed', [ACCEPTANCE, FIRST_NOTICE], undefined, 13, 'delivery12h'],
		['delayed and given up silently', [ACCEPTANCE, FIRST_NOTICE], undefined, 25, 'delivery24h'],
		['delayed, acceptance missing', [FIRST_NOTICE], record('submitted'), 25, 'delivery24h'],
		['delivered', [ACCEPTANCE, DELIVERY], undefined, 100, undefined],
		['failed', [ACCEPTANCE, FAILED], undefined, 100, undefined],
		['unclear, and no acceptance after half an hour', [], record('unclear'), 0.5, 'acceptance'],
		['begun, and nobody knows what came of it', [], record(), 0.5, 'acceptance'],
		['refused', [], record('rejected'), 100, undefined],
		['queued', [], undefined, 100, undefined],
	])('%s', (_, receipts, given, hours, overdue) => {
		expect(outcome(receipts, given, after(hours)).overdue).toBe(overdue);
	});
});

describe('receipts', () => {
	it('repeated by a provider count once', () => {
		const again = { ...DELIVERY, pecKey: 'another', folder: 'INBOX', uid: 3 };
		expect(outcome([DELIVERY, again]).receipts).toEqual([
			{ type: 'delivery', at: SENT, providerId: 'opec1', folder: 'INBOX', uid: 3, verified: false },
		]);
	});

	it('in the mailbox and in a copy are one, with both places', () => {
		const copy = { ...DELIVERY, location: 'file:1' };
		const inbox = { ...DELIVERY, folder: 'INBOX', uid: 3 };
		expect(outcome([copy, inbox]).receipts).toMatchObject([
			{ folder: 'INBOX', uid: 3, location: 'file:1' },
		]);
	});

	it('of 12 and of 24 hours are two, even when no time tells them apart', () => {
		const told = outcome(
			[FIRST_NOTICE, SECOND_NOTICE].map((notice) => ({ ...notice, at: undefined })),
		);
		expect(told.state).toBe('notDelivered');
		expect(told.receipts).toHaveLength(2);
	});

	it('in any order and number give the same outcome', () => {
		const one = fc
			.record({
				type: fc.constantFrom<ReceiptType>(
					'acceptance',
					'nonAcceptance',
					'takenInCharge',
					'delivery',
					'nonDelivery',
					'deliveryDelay',
					'virusDetected',
					'unknown',
				),
				reason: fc.constantFrom<FailureReason>(
					'timeout12h',
					'timeout24h',
					'virus',
					'mailboxFull',
					'other',
				),
				deliveredTo: fc.constantFrom(undefined, RECIPIENT, 'b@x.it'),
				external: fc.boolean(),
				final: fc.boolean(),
				consistent: fc.boolean(),
				verified: fc.boolean(),
				at: fc.constantFrom(undefined, SENT, after(1).toISOString()),
				providerId: fc.constantFrom(undefined, 'opec1', 'opec2'),
				pecKey: fc.constantFrom('k1', 'k2', 'k3'),
				uid: fc.constantFrom(undefined, 1, 2),
				location: fc.constantFrom(undefined, 'l1', 'l2'),
			})
			.map(({ reason, external, uid, ...rest }): ReceiptEvidence => ({
				...rest,
				originalMessageId: ORIGINAL_ID,
				recipients: [{ address: RECIPIENT, type: external ? 'external' : 'certified' }],
				error: { code: 'other', reason },
				...(uid === undefined ? {} : { folder: 'INBOX', uid }),
			}));
		const lists = fc.array(one, { maxLength: 8 }).chain((receipts) =>
			fc.tuple(
				fc.constant(receipts),
				fc.shuffledSubarray([...receipts, ...receipts], {
					minLength: receipts.length * 2,
					maxLength: receipts.length * 2,
				}),
				fc.constantFrom(undefined, record(), record('submitted'), record('rejected')),
			),
		);
		fc.assert(
			fc.property(lists, ([receipts, shuffled, given]) => {
				expect(outcome(shuffled, given, after(13))).toEqual(outcome(receipts, given, after(13)));
			}),
			{ numRuns: 500 },
		);
	});
});

describe('evidenceOf', () => {
	const place = { pecKey: 'k', folder: 'INBOX', uid: 4 };
	const told = (header: string, tipo: string) =>
		readPecHeaders(
			Buffer.from(`${header}\r\n\r\n`),
			Buffer.from(writeDaticert({ tipo, consegna: RECIPIENT })),
		);

	it('keeps what a receipt proves and where it lies', () => {
		expect(evidenceOf(told('X-Ricevuta: avvenuta-consegna', 'avvenuta-consegna'), place)).toEqual({
			type: 'delivery',
			originalMessageId: ORIGINAL_ID,
			deliveredTo: RECIPIENT,
			recipients: [{ address: RECIPIENT, type: 'certified' }],
			final: true,
			consistent: true,
			verified: false,
			at: '2026-01-31T23:30:12.000Z',
			providerId: 'opec1.1@pec.provider.example',
			...place,
		});
	});

	it('of an envelope, or of a receipt for nothing, is none', () => {
		expect(
			evidenceOf(told('X-Trasporto: posta-certificata', 'posta-certificata'), place),
		).toBeUndefined();
		expect(
			evidenceOf(readPecHeaders(Buffer.from('X-Ricevuta: accettazione\r\n\r\n')), place),
		).toBeUndefined();
	});
});
