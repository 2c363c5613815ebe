import type { EvidenceFolder } from './evidencePlan';
import { evidencePage, factsHtml, tableHtml } from './evidencePage';
import { EVIDENCE_WORDS, type EvidenceLanguage, type EvidenceWords } from './evidenceWords';
import { escaped, quoted } from './html';
import { romeTime } from './reportTime';
import { REPORT_WORDS } from './reportWords';
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

/** A folder as it was packed. */
export interface PackedFolder {
	readonly folder: EvidenceFolder;
	readonly files: readonly EvidenceFile[];
	/** SHA-256 of its list of hashes, which vouches for all its files. */
	readonly hashesSha256: string;
}

type Page = Omit<PackedFolder, 'hashesSha256'> & {
	readonly language: EvidenceLanguage;
	readonly now: Date;
};

/** What a folder of an evidence file holds, on a page that needs nothing but itself and prints as it is. */
export function evidenceHtml({ folder, files, language, now }: Page): Buffer {
	const words = EVIDENCE_WORDS[language];
	const time = romeTime(words.locale);
	const { thread, correspondent } = folder;
	const isReceived = thread.direction === 'received';
	const recipient = isReceived
		? thread.recipients.map(({ address }) => address).join(', ')
		: correspondent;
	const facts = [
		[words.sender, thread.sender],
		[words.recipient, recipient],
		[words.subject, thread.subject],
		[words.mailing, thread.mailing],
		[words.row, thread.rowKey],
		['Message-ID', thread.messageId],
		[words.generated, time(now.toISOString())],
	] as const;
	return evidencePage(words.title, language, [
		factsHtml(facts.map(([term, value]) => [term, value && quoted(value)])),
		outcomeHtml(folder, language),
		stateOf(folder, words),
		contentOf(folder, words),
		`<h2>${escaped(words.files)}</h2>\n`,
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
	]);
}

function outcomeHtml({ thread, outcome }: EvidenceFolder, language: EvidenceLanguage): string {
	if (thread.direction === 'received') return '';
	const words = EVIDENCE_WORDS[language];
	const { meanings } = REPORT_WORDS[language];
	const text = outcomeText(outcome, language);
	const meaning = outcome ? meanings[outcome.state] : '';
	return `<p class="${classOf(outcome)}"><strong>${escaped(`${words.outcome}: ${text}`)}</strong><br>${escaped(meaning)}</p>\n`;
}

/** Delivered is good, what may still come is open, and the rest is no proof of delivery. */
function classOf(outcome: EvidenceFolder['outcome']): string {
	if (outcome?.state === 'delivered') return 'state';
	return outcome?.final ? 'state failed' : 'state lacks';
}

/** How a recipient stands, with the reason of a failure. */
export function outcomeText(
	outcome: EvidenceFolder['outcome'],
	language: EvidenceLanguage,
): string {
	if (!outcome) return EVIDENCE_WORDS[language].noOutcome;
	const { states, reasons } = REPORT_WORDS[language];
	const { state, error } = outcome;
	const reason = state === 'notCertified' || !error ? undefined : reasons[error.reason];
	return reason === undefined ? states[state] : `${states[state]} (${reason})`;
}

function stateOf({ missing }: EvidenceFolder, words: EvidenceWords): string {
	if (missing.length === 0) return `<p class="state">${escaped(words.complete)}</p>\n`;
	const named = missing.map(({ part }) => words.missing[part]);
	return `<p class="state lacks">${escaped(`${words.incomplete}: ${named.join('; ')}.`)}</p>\n`;
}

/** RFC 6109 3.3.2: only a complete receipt has the message in it. */
function contentOf({ files, elsewhere }: EvidenceFolder, words: EvidenceWords): string {
	const parts = [...files.map(({ part }) => part), ...elsewhere];
	const contents = parts
		.filter(({ role, consistent }) => role === 'delivery' && consistent)
		.map(({ content }) => content);
	if (contents.length === 0 || contents.includes('complete')) return '';
	const what = contents.includes('brief') ? words.brief : words.concise;
	const sent = files.filter(({ part }) => part.role === 'sent');
	const isHere = sent.some(({ part }) => !part.partialCopy);
	const where = isHere ? words.sentHere : sent.length > 0 ? words.sentPartial : words.sentNotHere;
	const kind = isHere ? 'state' : 'state lacks';
	return `<p class="${kind}">${escaped(`${what} ${where}`)}</p>\n`;
}

function tableOf(
	files: readonly EvidenceFile[],
	words: EvidenceWords,
	time: (at: string | undefined) => string,
): string {
	const rows = files.map(({ path, role = 'unknown', at, verified, size, sha256 }) => [
		escaped(words.roles[role]),
		escaped(time(at)),
		escaped(verified === true ? words.yes : words.no),
		`${quoted(path)}<br>${size} ${escaped(words.bytes)}<br><span class="hash">SHA-256 ${sha256}</span>`,
	]);
	return tableHtml([words.what, words.when, words.verified, words.file], rows);
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
