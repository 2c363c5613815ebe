import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';

import { messageIdOf } from '../../nodes/pec/batch.ts';
import { rowOutcomes } from '../../nodes/pec/mailingOutcomes.ts';
import { reportOf, type MailingReport, type ReportReply } from '../../nodes/pec/mailingReport.ts';
import { reportCsv } from '../../nodes/pec/reportCsv.ts';
import { reportHtml } from '../../nodes/pec/reportHtml.ts';
import { REPORT_WORDS } from '../../nodes/pec/reportWords.ts';
import type { ReceiptEvidence, ReceiptType, RowRecord } from '../../nodes/pec/types.ts';

const account = 'ufficio@pec.comune.example';
const mailing = 'Assemblea <2026> & "soci"';
const NOW = new Date('2026-07-01T22:30:00.000Z');

function recordOf(recipient: string, rowKey = '', attempt = 1): RowRecord {
	const row = { recipient, rowKey, attempt };
	return {
		row,
		messageId: messageIdOf({ account, mailing, row }),
		intents: ['2026-01-31T23:30:00.000Z'],
		results: [{ verdict: 'submitted', at: '2026-01-31T23:30:01.000Z' }],
	};
}

function receiptOf(
	{ row, messageId }: RowRecord,
	type: ReceiptType,
	more: Partial<ReceiptEvidence> = {},
): ReceiptEvidence {
	return {
		type,
		originalMessageId: messageId,
		recipients: [{ address: row.recipient, type: 'certified' }],
		final: true,
		consistent: true,
		verified: true,
		at: '2026-01-31T23:30:05.000Z',
		providerId: `<opec.${type}@pec.example>`,
		pecKey: `${type}-${messageId}-1`,
		...more,
	};
}

function reported(
	records: readonly RowRecord[],
	receipts: readonly ReceiptEvidence[] = [],
	replies: readonly ReportReply[] = [],
): MailingReport {
	const rows = rowOutcomes({ mailing, records, receipts }, NOW);
	return reportOf({ mailing, account, rows, replies, troubles: [], now: NOW });
}

const full = { error: { code: 'other', reason: 'mailboxFull' as const } };
const html = (report: MailingReport, language: 'it' | 'en' = 'it') =>
	reportHtml(report, language).toString('utf8');

function table(report: MailingReport, language: 'it' | 'en' = 'it'): Array<Record<string, string>> {
	return parse(reportCsv(report, language), { bom: true, delimiter: ';', columns: true });
}

describe('a report', () => {
	const [one, two] = [recordOf('a@x.it', 'p/1'), recordOf('b@x.it', 'p/2')];
	const twoAgain = recordOf('b@x.it', 'p/2', 2);
	const report = reported(
		[one, two, twoAgain],
		[
			receiptOf(one, 'acceptance'),
			receiptOf(one, 'delivery', { verified: false }),
			receiptOf(two, 'nonDelivery', full),
			receiptOf(twoAgain, 'acceptance', { verified: false }),
		],
		[{ messageId: two.messageId, from: 'b@x.it', subject: 'R: Assemblea' }],
	);

	it('has one row a recipient, with all attempts, receipts and replies', () => {
		expect(report).toMatchObject({
			counts: { delivered: 1, accepted: 1 },
			generatedAt: NOW.toISOString(),
			rows: [
				{
					recipient: 'a@x.it',
					attempts: 1,
					state: 'delivered',
					findings: ['unverified'],
					replies: [],
				},
				{
					recipient: 'b@x.it',
					attempts: 2,
					state: 'accepted',
					findings: ['unverified', 'overdue'],
					replies: [{ subject: 'R: Assemblea' }],
				},
			],
		});
	});

	it('gives times as they were in Rome, in winter and summer', () => {
		expect(html(report)).toContain('01/02/2026, 00:30:05');
		expect(html(report)).toContain('02/07/2026, 00:30:00');
		expect(table(report)[0]).toMatchObject({ Consegnato: '01/02/2026, 00:30:05' });
	});

	it('speaks Italian unless English is asked for, and never says what is not its to say', () => {
		expect(html(report)).toContain('<html lang="it">');
		expect(html(report, 'en')).toContain('<html lang="en">');
		for (const text of [html(report), JSON.stringify(REPORT_WORDS)]) {
			expect(text).not.toMatch(/a norma|opponibile|certifichiamo|legally valid/i);
		}
	});

	it('loads nothing and runs nothing', () => {
		const page = html(report);
		expect(page).toContain(`default-src 'none'`);
		expect(page).not.toMatch(/<script|<link|<img|<iframe|\shref=|\ssrc=|url\(|@import|\son\w+=/i);
	});

	it('has all words of both languages', () => {
		for (const { states, meanings } of Object.values(REPORT_WORDS)) {
			expect(Object.keys(states).sort()).toEqual(Object.keys(meanings).sort());
		}
		expect(Object.keys(REPORT_WORDS.it.reasons).sort()).toEqual(
			Object.keys(REPORT_WORDS.en.reasons).sort(),
		);
	});
});

describe('what others wrote', () => {
	const hostile = '<script>alert(1)</script>"\'&\u202egnp.exe\u2066';
	const record = recordOf('a@x.it', hostile);
	const report = reported(
		[record],
		[],
		[
			{
				messageId: record.messageId,
				from: 'Mario <m@x.it>',
				subject: '<img src=x onerror=alert(1)>',
			},
		],
	);

	it('stays text in the page, and turns nothing round', () => {
		const page = html(report);
		expect(page).not.toContain('<script');
		expect(page).not.toContain('<img');
		expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;');
		expect(page).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
		expect(page).toContain('Assemblea &lt;2026&gt; &amp; &quot;soci&quot;');
	});

	it.each(['=1+1', '+39 06', '-2', '@SUM(A1)', '\t=1', '\r=1', '\n=1', ' =1+1'])(
		'is no formula in the table: %j',
		(rowKey) => {
			const [row] = table(reported([recordOf('a@x.it', rowKey)]));
			expect(row?.['Pratica/Protocollo']).toMatch(/^'/);
		},
	);

	it('stays in its cell', () => {
		const rowKey = 'a;b"c\r\nd';
		const [row, ...others] = table(reported([recordOf('a@x.it', rowKey)]));
		expect(row).toMatchObject({ Destinatario: 'a@x.it', 'Pratica/Protocollo': 'a;b"c d' });
		expect(others).toEqual([]);
	});

	it('is UTF-8 with its mark, semicolons and CRLF', () => {
		const bytes = reportCsv(reported([recordOf('a@x.it', 'più')]), 'it');
		expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
		expect(bytes.toString('utf8')).toMatch(
			/^\ufeffDestinatario;Pratica\/Protocollo;.*\r\n.*;più;.*\r\n$/,
		);
	});
});

describe('a large mailing', () => {
	const many = (count: number) => {
		const records = Array.from({ length: count }, (_, at) => recordOf(`r${at}@x.it`, `p/${at}`));
		return reported(
			records,
			records.flatMap((record) => [receiptOf(record, 'acceptance'), receiptOf(record, 'delivery')]),
		);
	};

	it('of ten thousand recipients takes ten times what one of a thousand takes', () => {
		const timed = (count: number) => {
			const start = performance.now();
			const report = many(count);
			const size = reportHtml(report, 'it').length + reportCsv(report, 'it').length;
			return { ms: performance.now() - start, size };
		};
		timed(1_000);
		const [small, large] = [timed(1_000), timed(10_000)];
		expect(large.size / small.size).toBeLessThan(11);
		expect(large.ms / small.ms).toBeLessThan(40);
	});
});
