import { escaped, quoted } from './html';
import type { MailingReport, ReportRow } from './mailingReport';
import { romeTime } from './reportTime';
import { REPORT_WORDS, type ReportLanguage, type ReportWords } from './reportWords';
import type { RecipientState } from './types';

/** Told apart in print without colour too: each bar has its name and number beside it. */
const COLOURS: Readonly<Record<RecipientState, string>> = {
	delivered: '#2e7d32',
	accepted: '#558b2f',
	submitted: '#7f8c8d',
	queued: '#b0bec5',
	delayed: '#f9a825',
	inDoubt: '#ef6c00',
	notDelivered: '#c62828',
	notAccepted: '#ad1457',
	infected: '#6a1b9a',
	rejected: '#8e0000',
	notCertified: '#1565c0',
};

const STYLE = `
@page { size: A4 landscape; margin: 12mm }
* { box-sizing: border-box }
body { font: 10pt/1.4 "Helvetica Neue", Arial, sans-serif; color: #1a1a1a; margin: 24px auto; max-width: 1180px; padding: 0 16px }
h1 { font-size: 18pt; margin: 0 0 4px } h2 { font-size: 12pt; margin: 22px 0 6px }
bdi { unicode-bidi: isolate; overflow-wrap: anywhere }
.meta { color: #444; margin: 0 0 14px } .warn { border-left: 4px solid #ef6c00; background: #fff3e0; padding: 6px 10px; margin: 8px 0 }
.chart { border-collapse: collapse; width: 100%; max-width: 760px } .chart td { padding: 2px 8px 2px 0; vertical-align: middle }
.chart .bar { width: 55% } .chart svg { display: block; width: 100%; height: 14px } .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
table.rows { border-collapse: collapse; width: 100%; table-layout: fixed; font-size: 8.5pt }
table.rows th, table.rows td { border: 1px solid #c4c4c4; padding: 3px 5px; text-align: left; vertical-align: top; overflow-wrap: anywhere }
table.rows thead { display: table-header-group } table.rows tr { break-inside: avoid; page-break-inside: avoid }
table.rows th { background: #eee } .state { font-weight: bold } .id { font-size: 7pt; color: #555 } .note { color: #8a4500 }
dl { margin: 0 } dt { font-weight: bold } dd { margin: 0 0 4px 0 }
.legend { break-inside: avoid }
@media print { body { margin: 0; max-width: none; padding: 0 } * { -webkit-print-color-adjust: exact; print-color-adjust: exact } }
`;

/** A page that needs nothing but itself: no script, nothing loaded, to be read on screen and printed. */
export function reportHtml(report: MailingReport, language: ReportLanguage): Buffer {
	const words = REPORT_WORDS[language];
	const time = romeTime(words.locale);
	const { mailing, account, generatedAt, rows, troubles } = report;
	const pieces = [
		`<!DOCTYPE html>\n<html lang="${language}">\n<head>\n<meta charset="utf-8">\n`,
		`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">\n`,
		`<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n`,
		`<title>${escaped(`${words.title}: ${mailing}`)}</title>\n<style>${STYLE}</style>\n</head>\n<body>\n`,
		`<h1>${escaped(words.title)}</h1>\n`,
		`<p class="meta"><strong>${quoted(mailing)}</strong><br>${escaped(words.from)}: ${quoted(account)}<br>`,
		`${escaped(words.generated)} ${escaped(time(generatedAt))}. ${escaped(words.times)}</p>\n`,
		...troubles.map((trouble) => `<p class="warn">${escaped(words.troubles[trouble])}</p>\n`),
		chart(report, words),
		'<h2>',
		escaped(words.total),
		`</h2>\n<table class="rows">\n`,
		tableHead(words),
		'<tbody>\n',
		...rows.map((row, at) => tableRow(row, at + 1, words, time)),
		'</tbody>\n</table>\n',
		legend(report, words),
		'</body>\n</html>\n',
	];
	return Buffer.from(pieces.join(''), 'utf8');
}

function chart({ counts, rows }: MailingReport, words: ReportWords): string {
	const total = rows.length;
	const number = new Intl.NumberFormat(words.locale);
	const bars = (Object.entries(counts) as Array<[RecipientState, number]>).map(([state, count]) => {
		const percent = (100 * count) / total;
		const share = percent.toLocaleString(words.locale, { maximumFractionDigits: 1 });
		const rect = `<rect width="${Math.max(percent, 0.5).toFixed(2)}" height="10" fill="${COLOURS[state]}"/>`;
		return (
			`<tr><td>${escaped(words.states[state])}</td>` +
			`<td class="bar"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">${rect}</svg></td>` +
			`<td class="number">${number.format(count)} (${share}%)</td></tr>\n`
		);
	});
	const sum = `<tr><td><strong>${escaped(words.total)}</strong></td><td></td><td class="number"><strong>${number.format(total)}</strong></td></tr>\n`;
	return `<table class="chart">\n${bars.join('')}${sum}</table>\n`;
}

/** A date and a heading fit into their columns on 860 px, half a screen. */
const WIDTHS = ['3%', '16%', '10%', '12%', '8%', '10%', '10%', '10%', '21%'];

function tableHead({ columns }: ReportWords): string {
	const { recipient, row, state, attempts, submitted, accepted, delivered, notes } = columns;
	const names = ['', recipient, row, state, attempts, submitted, accepted, delivered, notes];
	const widths = WIDTHS.map((width) => `<col style="width:${width}">`).join('');
	const heads = names
		.map((name) => `<th scope="col">${escaped(name).replaceAll('/', '/<wbr>')}</th>`)
		.join('');
	return `<colgroup>${widths}</colgroup>\n<thead><tr>${heads}</tr></thead>\n`;
}

function tableRow(
	row: ReportRow,
	number: number,
	words: ReportWords,
	time: (at: string | undefined) => string,
): string {
	const times = [row.submittedAt, row.acceptedAt, row.deliveredAt];
	const cells = [
		`<td class="number">${number}</td>`,
		`<td>${quoted(row.recipient)}</td>`,
		`<td>${quoted(row.rowKey)}</td>`,
		`<td class="state">${escaped(words.states[row.state])}</td>`,
		`<td class="number">${row.attempts}</td>`,
		...times.map((at) => `<td>${escaped(time(at))}</td>`),
		`<td>${notesOf(row, words, time).join('<br>')}</td>`,
	];
	return `<tr>${cells.join('')}</tr>\n`;
}

function notesOf(
	row: ReportRow,
	words: ReportWords,
	time: (at: string | undefined) => string,
): string[] {
	const notes: string[] = [];
	const { reason } = row;
	if (reason !== undefined) {
		notes.push(`${escaped(words.columns.reason)}: ${escaped(words.reasons[reason] ?? reason)}`);
	}
	for (const finding of row.findings) {
		// Said below, of every row.
		if (finding === 'unverified') continue;
		notes.push(`<span class="note">${escaped(words.findings[finding])}</span>`);
	}
	for (const { at, from, subject } of row.replies) {
		const said = [from, subject].filter((text) => text !== undefined).map(quoted);
		notes.push(`${escaped(words.reply)} ${escaped(time(at))} ${said.join(' ')}`);
	}
	const verified = row.verified ? words.yes : words.no;
	if (row.proved) notes.push(`${escaped(words.columns.verified)}: ${escaped(verified)}`);
	const ids = row.providerIds.map(quoted).join(' ');
	if (ids !== '') notes.push(`<span class="id">${ids}</span>`);
	return notes;
}

function legend({ counts }: MailingReport, words: ReportWords): string {
	const states = Object.keys(counts) as RecipientState[];
	const meanings = states.map(
		(state) =>
			`<dt>${escaped(words.states[state])}</dt><dd>${escaped(words.meanings[state])}</dd>\n`,
	);
	const notes = words.whatItIsNot.map((note) => `<p>${escaped(note)}</p>\n`);
	return `<section class="legend">\n<h2>${escaped(words.whatStatesMean)}</h2>\n<dl>\n${meanings.join('')}</dl>\n${notes.join('')}</section>\n`;
}
