import { stringify } from 'csv-stringify/sync';
import type { MailingReport, ReportRow } from './mailingReport';
import { romeTime } from './reportTime';
import { REPORT_WORDS, type ReportLanguage } from './reportWords';

/** What a spreadsheet takes for a formula when a cell begins with it (OWASP, CSV Injection). */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * A table for Excel as it is set up in Italy: semicolons, UTF-8 with its mark, CRLF. A cell that a spreadsheet would take
 * for a formula begins with an apostrophe.
 */
export function reportCsv(report: MailingReport, language: ReportLanguage): Buffer {
	const { columns, states, reasons, findings, locale, yes, no } = REPORT_WORDS[language];
	const time = romeTime(locale);
	const cells = (row: ReportRow): string[] => [
		row.recipient,
		row.rowKey,
		states[row.state],
		String(row.attempts),
		time(row.submittedAt),
		time(row.acceptedAt),
		time(row.deliveredAt),
		row.reason === undefined ? '' : (reasons[row.reason] ?? row.reason),
		row.findings.map((finding) => findings[finding]).join(' '),
		row.verified ? yes : no,
		row.providerIds.join(' '),
		row.messageId,
		row.replies.map(({ at, from }) => [time(at), from].filter(Boolean).join(' ')).join(', '),
	];
	const { recipient, row, state, attempts, submitted, accepted, delivered } = columns;
	const header = [recipient, row, state, attempts, submitted, accepted, delivered];
	const { reason, notes, verified, providerIds, messageId, replies } = columns;
	const rest = [reason, notes, verified, providerIds, messageId, replies];
	const text = stringify(
		[[...header, ...rest], ...report.rows.map((row) => cells(row).map(harmless))],
		{ delimiter: ';', record_delimiter: 'windows', bom: true },
	);
	return Buffer.from(text, 'utf8');
}

/** A cell that no spreadsheet takes for a formula. */
export function harmless(cell: string): string {
	// A line break would let what follows it begin a cell in a program that splits lines first.
	const line = cell.replace(/[\r\n\u2028\u2029]+/g, ' ');
	return FORMULA.test(cell) || FORMULA.test(line.trimStart()) ? `'${line}` : line;
}
