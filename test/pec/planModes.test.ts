import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { messageIdOf, planMailing, type PlanMode } from '../../nodes/pec/batch.ts';
import type { RetryReason } from '../../nodes/pec/planModes.ts';
import type {
	FailureReason,
	ReceiptEvidence,
	ReceiptType,
	RowRecord,
	Submission,
} from '../../nodes/pec/types.ts';

const MAILING = { account: 'ufficio@pec.comune.example', mailing: 'TARI 2026' };
const ROW = { recipient: 'rossi@pec.example', rowKey: 'p/1', attempt: 1 };
const T = Date.parse('2026-02-01T10:00:00.000Z');
const HOUR = 3_600_000;
const at = (ms: number) => new Date(T + ms).toISOString();
const id = (attempt: number) => messageIdOf({ ...MAILING, row: { ...ROW, attempt } });

const SEND: PlanMode = { kind: 'send' };
const SHOW: PlanMode = { kind: 'resendUnclear', rows: 'show' };
const RESEND: PlanMode = { kind: 'resendUnclear', rows: 'send' };
const retry = (...reasons: RetryReason[]): PlanMode => ({
	kind: 'retryFailed',
	reasons: new Set(reasons),
});

/** Its intent alone when there is no verdict: the process died. */
function recordOf(attempt: number, verdict?: Submission['verdict'], begun = 0): RowRecord {
	const results = verdict ? [{ verdict, at: at(begun + 1_000) }] : [];
	return { row: { ...ROW, attempt }, messageId: id(attempt), intents: [at(begun)], results };
}

function receiptOf(
	attempt: number,
	type: ReceiptType,
	options: { reason?: FailureReason; consistent?: boolean; external?: boolean } = {},
): ReceiptEvidence {
	const { reason, consistent = true, external = false } = options;
	return {
		type,
		originalMessageId: id(attempt),
		recipients: [{ address: ROW.recipient, type: external ? 'external' : 'certified' }],
		...(reason ? { error: { code: 'other', reason } } : {}),
		final: reason !== 'timeout12h',
		consistent,
		verified: false,
		at: at(60_000),
		pecKey: `${type}-${attempt}-${String(consistent)}`,
	};
}

function planOne(
	mode: PlanMode,
	records: readonly RowRecord[],
	receipts: readonly ReceiptEvidence[] = [],
	now = new Date(T + HOUR),
) {
	const [planned] = planMailing({ ...MAILING, rows: [ROW], records, receipts, now, mode });
	if (!planned) throw new Error('the plan is empty');
	return planned;
}

const full = receiptOf(1, 'nonDelivery', { reason: 'mailboxFull' });
const SENT = [recordOf(1, 'submitted')];

describe('retrying what failed', () => {
	it('sends a further attempt for a chosen reason, which names the one before', () => {
		expect(planOne(retry('mailboxFull'), SENT, [full])).toMatchObject({
			decision: 'send',
			why: 'retried',
			row: { attempt: 2 },
			messageId: id(2),
			outcome: { attempt: 2, state: 'queued', retryOf: id(1), receipts: [] },
		});
	});

	it('takes the attempt of which the mail server refused everything', () => {
		expect(planOne(retry('rejected'), [recordOf(1, 'rejected')])).toMatchObject({
			decision: 'send',
			messageId: id(2),
		});
	});

	it('goes on with a retry that was put off, under its own number', () => {
		const records = [...SENT, recordOf(2, 'deferred')];
		expect(planOne(retry('mailboxFull'), records, [full])).toMatchObject({
			decision: 'send',
			messageId: id(2),
		});
	});

	it.each<[string, RowRecord[], ReceiptEvidence[], string, string, string]>([
		['was never sent', [], [], 'skipped', 'notSent', 'queued'],
		['was put off', [recordOf(1, 'deferred')], [], 'skipped', 'notSent', 'queued'],
		[
			'failed for another reason',
			SENT,
			[receiptOf(1, 'nonDelivery', { reason: 'addressUnknown' })],
			'skipped',
			'notChosen',
			'notDelivered',
		],
		[
			'carried a virus',
			SENT,
			[receiptOf(1, 'nonDelivery', { reason: 'virus' })],
			'skipped',
			'notChosen',
			'infected',
		],
		['was delivered', SENT, [receiptOf(1, 'delivery')], 'alreadySent', 'receiptFound', 'delivered'],
		[
			'was delivered after a failure notice',
			SENT,
			[full, receiptOf(1, 'delivery')],
			'alreadySent',
			'receiptFound',
			'delivered',
		],
		[
			'failed, with a contradictory delivery receipt',
			SENT,
			[full, receiptOf(1, 'delivery', { consistent: false })],
			'alreadySent',
			'receiptFound',
			'notDelivered',
		],
		[
			'was only delayed',
			SENT,
			[receiptOf(1, 'deliveryDelay', { reason: 'timeout12h' })],
			'alreadySent',
			'receiptFound',
			'delayed',
		],
		['was accepted', SENT, [receiptOf(1, 'acceptance')], 'alreadySent', 'receiptFound', 'accepted'],
		[
			'was accepted for ordinary e-mail',
			SENT,
			[receiptOf(1, 'acceptance', { external: true })],
			'alreadySent',
			'receiptFound',
			'notCertified',
		],
		['was handed over', SENT, [], 'alreadySent', 'submitted', 'submitted'],
		['is in doubt', [recordOf(1)], [], 'skipped', 'inDoubt', 'inDoubt'],
		[
			'is under way again',
			[...SENT, recordOf(2, 'submitted')],
			[full],
			'alreadySent',
			'submitted',
			'submitted',
		],
		[
			'was delivered at first after all',
			[...SENT, recordOf(2, 'submitted')],
			[full, receiptOf(1, 'delivery'), receiptOf(2, 'nonDelivery', { reason: 'mailboxFull' })],
			'alreadySent',
			'receiptFound',
			'delivered',
		],
		[
			'failed after one in doubt',
			[recordOf(1), recordOf(2, 'submitted')],
			[receiptOf(2, 'nonDelivery', { reason: 'mailboxFull' })],
			'skipped',
			'inDoubt',
			'inDoubt',
		],
		[
			'failed after one that is still open',
			[recordOf(1), recordOf(2, 'submitted')],
			[receiptOf(1, 'acceptance'), receiptOf(2, 'nonDelivery', { reason: 'mailboxFull' })],
			'alreadySent',
			'receiptFound',
			'accepted',
		],
	])('leaves alone what %s', (_, records, receipts, decision, why, state) => {
		const chosen = retry('mailboxFull', 'timeout12h', 'timeout24h', 'virus', 'rejected');
		expect(planOne(chosen, records, receipts)).toMatchObject({ decision, why, outcome: { state } });
	});
});

describe('resending what is unclear', () => {
	it('only shows it first, with what is known', () => {
		expect(planOne(SHOW, [recordOf(1, 'unclear')])).toMatchObject({
			decision: 'planned',
			why: 'inDoubt',
			messageId: id(1),
			outcome: { state: 'inDoubt', receipts: [] },
		});
	});

	it('sends it as a further attempt when that is asked for', () => {
		expect(planOne(RESEND, [recordOf(1)])).toMatchObject({
			decision: 'send',
			why: 'resent',
			messageId: id(2),
			outcome: { retryOf: id(1) },
		});
	});

	it('does not send while an acceptance may still come, and says until when', () => {
		const minute = new Date(T + 60_000);
		expect(planOne(RESEND, [recordOf(1)], [], minute)).toMatchObject({
			decision: 'skipped',
			why: 'tooEarly',
			messageId: id(1),
			outcome: { state: 'inDoubt', retryAt: at(30 * 60_000) },
		});
	});

	it('sends what failed after an attempt in doubt: nothing else leads out of it', () => {
		const records = [recordOf(1), recordOf(2, 'submitted')];
		const receipts = [receiptOf(2, 'nonDelivery', { reason: 'mailboxFull' })];
		expect(planOne(RESEND, records, receipts)).toMatchObject({
			decision: 'send',
			messageId: id(3),
		});
	});

	it.each<[string, RowRecord[], ReceiptEvidence[], string, string]>([
		['was never sent', [], [], 'skipped', 'notSent'],
		['was put off', [recordOf(1, 'deferred')], [], 'skipped', 'notSent'],
		['was handed over', SENT, [], 'alreadySent', 'submitted'],
		['failed', SENT, [full], 'skipped', 'notUnclear'],
		['was refused', [recordOf(1, 'rejected')], [], 'skipped', 'notUnclear'],
		[
			'a receipt cleared up',
			[recordOf(1)],
			[receiptOf(1, 'acceptance')],
			'alreadySent',
			'receiptFound',
		],
		[
			'has a receipt that contradicts itself',
			[recordOf(1)],
			[receiptOf(1, 'acceptance', { consistent: false })],
			'alreadySent',
			'receiptFound',
		],
		['was sent again', [recordOf(1), recordOf(2, 'submitted')], [], 'alreadySent', 'submitted'],
	])('leaves alone what %s', (_, records, receipts, decision, why) => {
		expect(planOne(RESEND, records, receipts)).toMatchObject({ decision, why });
		expect(planOne(SHOW, records, receipts)).toMatchObject({ decision, why });
	});
});

describe('sending after further attempts', () => {
	it.each<[string, RowRecord[], ReceiptEvidence[], string, number]>([
		['a retry that was put off', [...SENT, recordOf(2, 'deferred')], [full], 'send', 2],
		[
			'a retry put off, the first delivered after all',
			[...SENT, recordOf(2, 'deferred')],
			[full, receiptOf(1, 'delivery')],
			'alreadySent',
			1,
		],
		[
			'a resending put off, the first in doubt',
			[recordOf(1), recordOf(2, 'deferred')],
			[],
			'skipped',
			1,
		],
		[
			'a resending put off, the first accepted',
			[recordOf(1), recordOf(2, 'deferred')],
			[receiptOf(1, 'acceptance')],
			'alreadySent',
			1,
		],
		['a retry that failed too', [...SENT, recordOf(2, 'rejected')], [full], 'skipped', 2],
	])('%s', (_, records, receipts, decision, attempt) => {
		expect(planOne(SEND, records, receipts)).toMatchObject({ decision, row: { attempt } });
	});
});

/** What may happen to one row, in any order. */
type Step =
	| { readonly run: PlanMode; readonly comesTo: Submission['verdict'] | 'died' }
	| {
			readonly receipt: ReceiptType;
			readonly of: number;
			readonly consistent: boolean;
			readonly reason: FailureReason;
	  }
	| { readonly hours: number };

const ALL_REASONS: RetryReason[] = [
	'mailboxFull',
	'timeout24h',
	'addressUnknown',
	'refused',
	'other',
	'rejected',
];

const modes = fc.oneof(
	fc.constantFrom(SEND, SHOW, RESEND, retry(...ALL_REASONS)),
	fc.subarray(ALL_REASONS).map((reasons) => retry(...reasons)),
);
const ends = fc.constantFrom<Array<Submission['verdict'] | 'died'>>(
	'submitted',
	'rejected',
	'deferred',
	'unclear',
	'died',
);
const steps: fc.Arbitrary<Step[]> = fc.array(
	fc.oneof(
		{
			weight: 4,
			arbitrary: fc.record({
				run: modes,
				comesTo: ends,
			}),
		},
		{
			weight: 3,
			arbitrary: fc.record({
				receipt: fc.constantFrom<ReceiptType[]>(
					'acceptance',
					'nonAcceptance',
					'nonDelivery',
					'nonDelivery',
					'deliveryDelay',
					'delivery',
				),
				of: fc.integer({ min: 0, max: 2 }),
				consistent: fc.boolean(),
				reason: fc.constantFrom<FailureReason[]>(
					'mailboxFull',
					'timeout24h',
					'addressUnknown',
					'other',
				),
			}),
		},
		{ weight: 2, arbitrary: fc.record({ hours: fc.constantFrom(0, 1, 12) }) },
	),
	{ minLength: 1, maxLength: 14 },
);

/** The row's mailbox as it grows; what its recipient got is what a test may hold against the plans. */
class RowUnderTest {
	readonly records = new Map<number, { intents: string[]; results: Submission[] }>();
	readonly receipts: ReceiptEvidence[] = [];
	/** Of each attempt that a server may have had: whether its end without delivery is proved. */
	readonly handedOver = new Map<number, { failed: boolean; inDoubt: boolean }>();
	readonly sent: string[] = [];
	clock = 0;

	step(step: Step): void {
		if ('hours' in step) this.clock += step.hours * HOUR;
		else if ('run' in step) this.#run(step.run, step.comesTo);
		else this.#receive(step);
	}

	#run(mode: PlanMode, comesTo: Submission['verdict'] | 'died'): void {
		this.clock += 2_000;
		const records = [...this.records].map(([attempt, record]) => ({
			row: { ...ROW, attempt },
			messageId: id(attempt),
			...record,
		}));
		const planned = planOne(mode, records, this.receipts, new Date(T + this.clock));
		if (planned.decision !== 'send') return;
		const { attempt } = planned.row;
		this.#judge(mode, attempt);
		this.sent.push(`${mode.kind} ${attempt}`);
		const record = this.records.get(attempt) ?? { intents: [], results: [] };
		this.records.set(attempt, record);
		record.intents.push(at(this.clock));
		if (comesTo !== 'died') record.results.push({ verdict: comesTo, at: at(this.clock + 1_000) });
		const inDoubt = comesTo === 'died' || comesTo === 'unclear';
		if (comesTo === 'submitted' || inDoubt)
			this.handedOver.set(attempt, { failed: false, inDoubt });
	}

	#judge(mode: PlanMode, attempt: number): void {
		expect(this.receipts.filter(({ type }) => type === 'delivery')).toEqual([]);
		expect([...this.handedOver.keys()]).not.toContain(attempt);
		const mayArrive = [...this.handedOver.values()].filter(({ failed }) => !failed);
		if (mode.kind === 'resendUnclear') {
			expect(mode.rows).toBe('send');
			expect(mayArrive.every(({ inDoubt }) => inDoubt)).toBe(true);
		} else {
			expect(mayArrive).toEqual([]);
		}
	}

	#receive({
		receipt: type,
		of,
		consistent,
		reason,
	}: Exclude<Step, { run: PlanMode } | { hours: number }>): void {
		const known = [...this.handedOver.keys()];
		const attempt = known[of % Math.max(known.length, 1)];
		if (attempt === undefined) return;
		const isTrouble = type !== 'acceptance' && type !== 'delivery';
		this.receipts.push({
			...receiptOf(attempt, type, { consistent, ...(isTrouble ? { reason } : {}) }),
			pecKey: String(this.receipts.length),
		});
		const handed = this.handedOver.get(attempt);
		const isEnd = type === 'nonAcceptance' || type === 'nonDelivery' || type === 'deliveryDelay';
		if (handed) {
			this.handedOver.set(attempt, {
				failed: handed.failed || (consistent && isEnd),
				inDoubt: false,
			});
		}
	}
}

describe('no sequence of runs, receipts and crashes', () => {
	it('sends a row again that was delivered, may have been, or still may be', () => {
		let further = 0;
		fc.assert(
			fc.property(steps, ends, (all, first) => {
				const row = new RowUnderTest();
				row.step({ run: SEND, comesTo: first });
				for (const step of all) row.step(step);
				further += row.sent.filter((sent) => !sent.startsWith('send')).length;
			}),
			{ numRuns: 3_000 },
		);
		// Otherwise the property would hold for want of anything sent.
		expect(further).toBeGreaterThan(100);
	});
});
