import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	mailingTag,
	messageIdOf,
	normalizeAddress,
	planMailing,
	rowOfMessageId,
} from '../../nodes/pec/batch.ts';
import { AddressError, MailingError } from '../../nodes/pec/errors.ts';
import type { ReceiptEvidence, Row, RowRecord, Submission } from '../../nodes/pec/types.ts';

const MAILING = { account: 'ufficio@pec.comune.example', mailing: 'TARI 2026' };
const NOW = new Date('2026-02-01T12:00:00Z');
const row = (recipient = 'rossi@pec.example', rowKey = '', attempt = 1): Row => ({
	recipient,
	rowKey,
	attempt,
});

describe('normalizeAddress', () => {
	it.each([
		['Rossi@PEC.Example.IT', 'rossi@pec.example.it'],
		['  a@b.it ', 'a@b.it'],
		["o'neil+x/y=z@b.it", "o'neil+x/y=z@b.it"],
		['città@b.it', 'città@b.it'],
	])('takes %j', (text, address) => {
		expect(normalizeAddress(text)).toBe(address);
	});

	it.each([
		['', 'empty'],
		['   ', 'empty'],
		['a@b.it\n', 'controlCharacter'],
		['a@b.it\r\nBcc: c@d.it', 'controlCharacter'],
		['a\u0000@b.it', 'controlCharacter'],
		['a\u2028@b.it', 'controlCharacter'],
		['a@b.it,c@d.it', 'notPlain'],
		['a@b.it;c@d.it', 'notPlain'],
		['a b@c.it', 'notPlain'],
		['Rossi <a@b.it>', 'notPlain'],
		['<a@b.it>', 'notPlain'],
		['"a"@b.it', 'notPlain'],
		['mailto:a@b.it', 'notPlain'],
		['a@[127.0.0.1]', 'notPlain'],
		['a', 'notAnAddress'],
		['a@b', 'notAnAddress'],
		['@b.it', 'notAnAddress'],
		['a@b.it.', 'notAnAddress'],
		['a@@b.it', 'notAnAddress'],
		['a..b@c.it', 'notAnAddress'],
		['.a@c.it', 'notAnAddress'],
		[`${'a'.repeat(65)}@b.it`, 'notAnAddress'],
	])('refuses %j, without repeating it', (text, code) => {
		const refused = (() => {
			try {
				return normalizeAddress(text);
			} catch (error) {
				return error;
			}
		})();
		expect(refused).toBeInstanceOf(AddressError);
		expect(refused).toMatchObject({ code });
		if (text.trim().length > 3) expect((refused as Error).message).not.toContain(text.trim());
	});
});

describe('Message-ID of a row', () => {
	it('is made of mailing, row and attempt, at the account’s domain', () => {
		const messageId = messageIdOf({ ...MAILING, row: row(undefined, 'p/1', 3) });
		expect(messageId).toMatch(/^<pec1\.[0-9a-f]{20}\.[0-9a-f]{20}\.3@pec\.comune\.example>$/);
		expect(messageId).toContain(`<pec1.${mailingTag(MAILING)}.`);
		expect(rowOfMessageId(messageId)).toMatchObject({
			mailingTag: mailingTag(MAILING),
			attempt: 3,
			domain: 'pec.comune.example',
		});
	});

	it('never changes: mailboxes hold it', () => {
		expect(
			messageIdOf({ ...MAILING, row: row('rossi@pec.example', 'p/1', 1) }),
		).toMatchInlineSnapshot(
			`"<pec1.937c3c41254bfcb4f93a.eae42bf62fe86a22dc2b.1@pec.comune.example>"`,
		);
	});

	it('does not depend on case or white space round the texts', () => {
		expect(
			messageIdOf({
				account: ' Ufficio@PEC.comune.example',
				mailing: 'TARI 2026 ',
				row: row('ROSSI@pec.example', ' p/1'),
			}),
		).toBe(messageIdOf({ ...MAILING, row: row('rossi@pec.example', 'p/1') }));
	});

	it('tells any two rows apart, wherever one text ends and the next begins', () => {
		const text = fc.string({ maxLength: 4 }).map((value) => value.trim());
		const address = fc.constantFrom('a@x.it', 'b@x.it', 'ab@x.it');
		const entry = fc.record({ mailing: text, recipient: address, rowKey: text });
		fc.assert(
			fc.property(entry, entry, (left, right) => {
				const idOf = ({ mailing, recipient, rowKey }: typeof left) =>
					messageIdOf({ account: MAILING.account, mailing, row: row(recipient, rowKey) });
				const same = (['mailing', 'recipient', 'rowKey'] as const).every(
					(key) => left[key].normalize('NFC') === right[key].normalize('NFC'),
				);
				expect(idOf(left) === idOf(right)).toBe(same);
			}),
		);
	});

	it.each([
		'<other@x>',
		'',
		'<pec1.0.0.1@x>',
		`<pec2.${'0'.repeat(20)}.${'0'.repeat(20)}.1@x>`,
		`<pec1.${'0'.repeat(20)}.${'0'.repeat(20)}.0@x>`,
	])('of others is not taken for one: %j', (messageId) => {
		expect(rowOfMessageId(messageId)).toBeUndefined();
	});
});

describe('planMailing', () => {
	const id = (attempt = 1) => messageIdOf({ ...MAILING, row: row(undefined, '', attempt) });
	const result = (verdict: Submission['verdict'], at = '2026-02-01T10:00:01.000Z'): Submission => ({
		verdict,
		at,
	});
	const record = (intents: string[], results: Submission[], attempt = 1): RowRecord => ({
		row: row(undefined, '', attempt),
		messageId: id(attempt),
		intents,
		results,
	});
	const receipt = (
		type: ReceiptEvidence['type'],
		attempt = 1,
		consistent = true,
	): ReceiptEvidence => ({
		type,
		originalMessageId: id(attempt),
		recipients: [{ address: 'rossi@pec.example', type: 'certified' }],
		final: true,
		consistent,
		verified: false,
		at: '2026-02-01T10:00:05.000Z',
		pecKey: `${type}-1`,
	});
	const T1 = '2026-02-01T10:00:00.000Z';
	const T2 = '2026-02-01T10:05:00.000Z';
	const plan = (records: RowRecord[], receipts: ReceiptEvidence[] = []) =>
		planMailing({ ...MAILING, rows: [row()], records, receipts, now: NOW })[0];

	// docs/ARCHITECTURE.md, Records.
	it.each<[string, RowRecord[], ReceiptEvidence[], string, string, string]>([
		['nothing', [], [], 'send', 'new', 'queued'],
		['an acceptance', [], [receipt('acceptance')], 'alreadySent', 'receiptFound', 'accepted'],
		['a delivery', [], [receipt('delivery')], 'alreadySent', 'receiptFound', 'delivered'],
		['a refusal', [], [receipt('nonAcceptance')], 'alreadySent', 'receiptFound', 'notAccepted'],
		[
			'a contradictory receipt',
			[],
			[receipt('delivery', 1, false)],
			'alreadySent',
			'receiptFound',
			'queued',
		],
		[
			'submitted',
			[record([T1], [result('submitted')])],
			[],
			'alreadySent',
			'submitted',
			'submitted',
		],
		['rejected', [record([T1], [result('rejected')])], [], 'skipped', 'rejected', 'rejected'],
		['deferred', [record([T1], [result('deferred')])], [], 'send', 'deferred', 'queued'],
		['an intent alone', [record([T1], [])], [], 'skipped', 'inDoubt', 'inDoubt'],
		['unclear', [record([T1], [result('unclear')])], [], 'skipped', 'inDoubt', 'inDoubt'],
		[
			'deferred, then an intent',
			[record([T1, T2], [result('deferred')])],
			[],
			'skipped',
			'inDoubt',
			'inDoubt',
		],
		[
			'an intent after the result, one record lost',
			[record([T2], [result('deferred')])],
			[],
			'skipped',
			'inDoubt',
			'inDoubt',
		],
		[
			'deferred, then submitted',
			[record([T1, T2], [result('deferred'), result('submitted', T2)])],
			[],
			'alreadySent',
			'submitted',
			'submitted',
		],
		[
			'submitted, whatever was begun after it',
			[record([T1, T2], [result('submitted'), result('unclear', T2)])],
			[],
			'alreadySent',
			'submitted',
			'submitted',
		],
		[
			'an intent, and a receipt',
			[record([T1], [])],
			[receipt('acceptance')],
			'alreadySent',
			'receiptFound',
			'accepted',
		],
		[
			'records in two pieces',
			[record([T1], []), record([], [result('submitted')])],
			[],
			'alreadySent',
			'submitted',
			'submitted',
		],
		[
			'a second attempt delivered',
			[record([T1], [result('rejected')])],
			[receipt('delivery', 2)],
			'alreadySent',
			'receiptFound',
			'delivered',
		],
		[
			'a second attempt deferred',
			[record([T1], [result('rejected')]), record([T2], [result('deferred', T2)], 2)],
			[],
			'send',
			'deferred',
			'queued',
		],
	])('on %s', (_, records, receipts, decision, why, state) => {
		expect(plan(records, receipts)).toMatchObject({ decision, why, outcome: { state } });
	});

	it('goes on with the latest attempt known', () => {
		expect(plan([record([T1], [result('deferred')], 2)])).toMatchObject({
			row: { attempt: 2 },
			messageId: id(2),
		});
	});

	it('passes over records and receipts of other rows and mailings', () => {
		const foreign = messageIdOf({ ...MAILING, mailing: 'IMU 2026', row: row() });
		const records = [{ ...record([T1], [result('submitted')]), messageId: foreign }];
		expect(plan(records, [{ ...receipt('delivery'), originalMessageId: foreign }])).toMatchObject({
			decision: 'send',
		});
	});

	it('keeps the order of the rows and names each', () => {
		const rows = [row('c@x.it'), row('a@x.it'), row('b@x.it', 'k')];
		const planned = planMailing({ ...MAILING, rows, records: [], receipts: [], now: NOW });
		expect(planned.map((entry) => entry.row)).toEqual(rows);
		expect(planned[2]?.outcome).toMatchObject({
			recipient: 'b@x.it',
			rowKey: 'k',
			mailing: 'TARI 2026',
		});
	});

	it('refuses the same address and row key twice, naming the rows, before anything else', () => {
		const rows = [
			row('a@x.it', '1'),
			row('b@x.it'),
			row('A@x.it', '1 ', 2),
			row('B@x.it'),
			row('a@x.it', '2'),
		];
		const run = () => planMailing({ ...MAILING, rows, records: [], receipts: [], now: NOW });
		expect(run).toThrow(MailingError);
		expect(run).toThrow(
			expect.objectContaining({
				code: 'duplicateRows',
				rows: [
					[0, 2],
					[1, 3],
				],
			}),
		);
		expect(run).not.toThrow(/x\.it/);
	});
});
