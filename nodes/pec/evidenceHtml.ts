import type { EvidenceFolder } from './evidencePlan';
import { EVIDENCE_WORDS, type EvidenceLanguage, type EvidenceWords } from './evidenceWords';
import { escaped, quoted } from './html';
import { romeTime } from './reportTime';
import type { PartRole } from './threadTypes';

/** A file of the folder, as it was packed. */
export interface EvidenceFile {
	/** Below the folder. */
	readonly path: string;
	/** Bytes. */
	readonly size: number;
	readonly sha256: string;
	/** Of a message; an attachment has none. */
	readonly role?: PartRole;
	readonly at?: string;
	readonly verified?: boolean;
}

const STYLE = `
@page { size: A4; margin: 15mm }
* { box-sizing: border-box }
body { font: 10pt/1.45 "Helvetica Neue", Arial, sans-serif; color: #1a1a1a; margin: 24px auto; max-width: 820px; padding: 0 16px }
h1 { font-size: 17pt; margin: 0 0 10px } h2 { font-size: 12pt; margin: 20px 0 6px }
bdi { unicode-bidi: isolate; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 14px; margin: 0 } dt { color: #555 } dd { margin: 0 }
table { border-collapse: collapse; width: 100%; font-size: 9pt } thead { display: table-header-group } tr { break-inside: avoid }
th, td { border: 1px solid #c4c4c4; padding: 3px 6px; text-align: left; vertical-align: top; overflow-wrap: anywhere } th { background: #eee }
.hash { font: 7.5pt monospace; color: #444 } .state { border-left: 4px solid #2e7d32; background: #edf7ed; padding: 6px 10px }
.state.lacks { border-color: #ef6c00; background: #fff3e0 } .note { color: #444; font-size: 9pt }
@media print { body { margin: 0; max-width: none; padding: 0 } * { -webkit-print-color-adjust: exact; print-color-adjust: exact } }
`;

interface Page {
	readonly folder: EvidenceFolder;
	readonly files: readonly EvidenceFile[];
	readonly language: EvidenceLanguage;
	readonly now: Date;
}

/** What a folder of an evidence file holds, on a page that needs nothing but itself and prints as it is. */
export function evidenceHtml({ folder, files, language, now }: Page): Buffer {
	const words = EVIDENCE_WORDS[language];
	const time = romeTime(words.locale);
	const { thread, correspondent } = folder;
	const isReceived = thread.direction === 'received';
	const facts: Array<readonly [string, string | undefined]> = [
		[words.sender, thread.sender],
		[
			words.recipient,
			isReceived ? thread.recipients.map(({ address }) => address).join(', ') : correspondent,
		],
		[words.subject, thread.subject],
		[words.mailing, thread.mailing],
		[words.row, thread.rowKey],
		['Message-ID', thread.messageId],
		[words.generated, time(now.toISOString())],
	];
	const pieces = [
		`<!DOCTYPE html>\n<html lang="${language}">\n<head>\n<meta charset="utf-8">\n`,
		`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">\n`,
		`<meta name="viewport" content="width=device-width, initial-scale=1">\n`,
		`<title>${escaped(words.title)}</title>\n<style>${STYLE}</style>\n</head>\n<body>\n`,
		`<h1>${escaped(words.title)}</h1>\n<dl>\n`,
		...facts.map(([term, value]) =>
			value ? `<dt>${escaped(term)}</dt><dd>${quoted(value)}</dd>\n` : '',
		),
		'</dl>\n',
		stateOf(folder, words),
		tableOf(
			files.filter(({ role }) => role !== undefined),
			words,
			time,
		),
		elsewhereOf(folder, words),
		attachmentsOf(
			files.filter(({ role }) => role === undefined),
			words,
		),
		...words.whatItIs.map((note) => `<p class="note">${escaped(note)}</p>\n`),
		'</body>\n</html>\n',
	];
	return Buffer.from(pieces.join(''), 'utf8');
}

function stateOf({ missing }: EvidenceFolder, words: EvidenceWords): string {
	if (missing.length === 0) return `<p class="state">${escaped(words.complete)}</p>\n`;
	const named = missing.map(({ part }) => words.missing[part]);
	return `<p class="state lacks">${escaped(`${words.incomplete}: ${named.join('; ')}.`)}</p>\n`;
}

function tableOf(
	files: readonly EvidenceFile[],
	words: EvidenceWords,
	time: (at: string | undefined) => string,
): string {
	const heads = [words.what, words.when, words.verified, words.file];
	const rows = files.map(({ path, role = 'unknown', at, verified, size, sha256 }) => {
		const file = `${quoted(path)}<br>${size} ${escaped(words.bytes)}<br><span class="hash">SHA-256 ${sha256}</span>`;
		const cells = [
			escaped(words.roles[role]),
			escaped(time(at)),
			escaped(verified === true ? words.yes : words.no),
			file,
		];
		return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>\n`;
	});
	const head = heads.map((name) => `<th scope="col">${escaped(name)}</th>`).join('');
	return `<h2>${escaped(words.files)}</h2>\n<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${rows.join('')}</tbody>\n</table>\n`;
}

function elsewhereOf({ elsewhere }: EvidenceFolder, words: EvidenceWords): string {
	return elsewhere
		.map(({ role, copy }) => {
			const where = `${words.roles[role]}: ${words.elsewhere} `;
			return `<p class="state lacks">${escaped(where)}${quoted(copy?.location ?? '')}<br><span class="hash">SHA-256 ${escaped(copy?.sha256 ?? '')}</span></p>\n`;
		})
		.join('');
}

function attachmentsOf(files: readonly EvidenceFile[], words: EvidenceWords): string {
	if (files.length === 0) return '';
	const items = files.map(
		({ path, size, sha256 }) =>
			`<li>${quoted(path)} (${size} ${escaped(words.bytes)})<br><span class="hash">SHA-256 ${sha256}</span></li>\n`,
	);
	return `<h2>${escaped(words.attachments)}</h2>\n<ul>\n${items.join('')}</ul>\n`;
}

/** As `sha256sum --check` reads it. */
export function hashList(files: readonly EvidenceFile[]): Buffer {
	return Buffer.from(files.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join(''), 'utf8');
}
