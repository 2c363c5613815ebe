import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../sandbox/index.ts';
import { judge, type Observations } from '../../scripts/demo/figures.ts';

const SENDER = 'studio@pec.alfa.test';
const at = '2026-03-01T10:00:00.000Z';

function submission(seq: number, messageId: string): LogEntry {
	return {
		seq,
		at,
		type: 'submission',
		account: SENDER,
		messageId,
		providerId: `opec${seq}`,
		recipients: ['a@pec.beta.test'],
		size: 100,
		sha256: `sent${seq}`,
	};
}

function delivery(seq: number, entry: Partial<LogEntry>): LogEntry {
	return {
		seq,
		at,
		type: 'delivery',
		mailbox: SENDER,
		folder: 'INBOX',
		uid: seq,
		uidValidity: 1,
		kind: 'receipt',
		messageId: `<r${seq}@pec.alfa.test>`,
		size: 100,
		sha256: `receipt${seq}`,
		...entry,
	} as LogEntry;
}

/** One delivered recipient, one unknown; everything as it should be. */
const GOOD: Observations = {
	sender: SENDER,
	log: [
		submission(1, '<a>'),
		delivery(2, { wireType: 'accettazione' } as Partial<LogEntry>),
		delivery(3, {
			mailbox: 'a@pec.beta.test',
			kind: 'transportEnvelope',
			originalMessageId: '<a>',
		} as Partial<LogEntry>),
		delivery(4, {}),
		submission(5, '<b>'),
		delivery(6, {}),
		delivery(7, {}),
	],
	startSeq: 0,
	sendSeq: 0,
	rerunSeq: 7,
	planned: 2,
	expected: [
		{ recipient: 'a@pec.beta.test', rowKey: '1', state: 'delivered' },
		{ recipient: 'b@pec.beta.test', rowKey: '2', state: 'notDelivered', reason: 'addressUnknown' },
	],
	reported: [
		{ recipient: 'a@pec.beta.test', rowKey: '1', state: 'delivered', messageId: '<a>' },
		{
			recipient: 'b@pec.beta.test',
			rowKey: '2',
			state: 'notDelivered',
			reason: 'addressUnknown',
			messageId: '<b>',
		},
	],
	spaceBefore: { used: 10_240, limit: 102_400 },
	spaceAfter: { used: 5_120, limit: 102_400 },
	serverSpaceBefore: { used: 10_000, limit: 102_400 },
	serverSpaceAfter: { used: 5_000, limit: 102_400 },
	heldBefore: ['receipt2', 'receipt4', 'receipt6', 'receipt7'].map((sha256, uid) => ({
		folder: 'INBOX',
		uid,
		size: 100,
		sha256,
	})),
	heldAfter: ['receipt6', 'receipt7'].map((sha256, uid) => ({
		folder: 'INBOX',
		uid,
		size: 100,
		sha256,
	})),
	files: ['receipt2', 'receipt4', 'receipt6', 'receipt7'].map((sha256) => ({
		name: `${sha256}.eml`,
		size: 100,
		sha256,
	})),
	triggered: ['receipt2', 'receipt4', 'receipt6', 'receipt7'],
	reportedDeletions: 2,
};

describe('the judge of the demo', () => {
	it('finds nothing wrong where nothing is', () => {
		expect(judge(GOOD)).toEqual({
			faults: [],
			figures: {
				sent: 2,
				byState: { delivered: 1, notDelivered: 1 },
				quotaBefore: GOOD.spaceBefore,
				quotaAfter: GOOD.spaceAfter,
				archived: 4,
				archivedBytes: 400,
				hashMismatches: 0,
				purged: 2,
				triggered: 4,
				triggerDuplicates: 0,
				duplicates: 0,
				lost: 0,
			},
		});
	});

	const first = GOOD.reported.slice(0, 1);
	const planted: ReadonlyArray<[string, Partial<Observations>, RegExp, object]> = [
		[
			'a message submitted twice',
			{ log: [...GOOD.log, submission(8, '<a>')], rerunSeq: 8 },
			/submitted twice/,
			{ duplicates: 1 },
		],
		['a preview that sends something', { sendSeq: 1 }, /preview sent something/, {}],
		['a preview that leaves out a letter', { planned: 1 }, /planned 1 messages of 2/, {}],
		[
			'a second run that sends something',
			{ log: [...GOOD.log, submission(8, '<c>')] },
			/again sent something/,
			{ sent: 3 },
		],
		[
			'a recipient without a message',
			{ log: GOOD.log.filter(({ seq }) => seq < 5) },
			/got no message/,
			{ lost: 1 },
		],
		['a recipient who is not reported', { reported: first }, /1 are reported/, {}],
		[
			'a state that the log does not bear out',
			{ log: GOOD.log.filter(({ seq }) => seq !== 3) },
			/does not bear out/,
			{},
		],
		[
			'another reason than expected',
			{ reported: [...first, { ...GOOD.reported[1]!, reason: 'mailboxFull' }] },
			/mailboxFull\) is reported/,
			{},
		],
		[
			'a receipt that started no run',
			{ triggered: GOOD.triggered.slice(1) },
			/1 receipts started no run/,
			{ lost: 1, triggered: 3 },
		],
		[
			'a receipt that started two runs',
			{ triggered: [...GOOD.triggered, 'receipt2'] },
			/repeats/,
			{ triggerDuplicates: 1 },
		],
		['a run without a receipt', { triggered: [...GOOD.triggered, 'x'] }, /by no receipt/, {}],
		[
			'a file that differs',
			{ files: [{ name: 'x', size: 1, sha256: 'x' }, ...GOOD.files] },
			/differ/,
			{ hashMismatches: 1 },
		],
		[
			'a message deleted without a copy',
			{ files: GOOD.files.slice(1) },
			/without a copy/,
			{ lost: 1 },
		],
		['a deletion that was not reported', { reportedDeletions: 1 }, /reported 1/, {}],
		[
			'space that is not what the server counts',
			{ spaceAfter: { used: 1, limit: 102_400 } },
			/not what the server counts/,
			{},
		],
	];
	it.each(planted)('sees %s', (_, change, fault, figures) => {
		const judgement = judge({ ...GOOD, ...change });
		expect(judgement.faults.join('; ')).toMatch(fault);
		expect(judgement.figures).toMatchObject(figures);
	});
});
