import { outcomeText, type PackedFolder } from './evidenceHtml';
import { evidencePage, factsHtml, tableHtml } from './evidencePage';
import { isWholeFolder, type EvidenceFolder } from './evidencePlan';
import { EVIDENCE_WORDS, type EvidenceLanguage } from './evidenceWords';
import { countsOf } from './groups';
import { escaped, quoted } from './html';
import { romeTime } from './reportTime';
import { rowOfMessageId } from './rowId';

interface Summary {
	/** The folders of every ZIP, as they were planned. */
	readonly parts: ReadonlyArray<readonly EvidenceFolder[]>;
	/** Of which ZIP this is: from 0. */
	readonly index: number;
	/** Its folders as they were packed. */
	readonly packed: readonly PackedFolder[];
	readonly language: EvidenceLanguage;
	readonly now: Date;
}

/** What is in one ZIP of an evidence file: which part of how many it is, and how each recipient stands. */
export function evidenceSummary({ parts, index, packed, language, now }: Summary): Buffer {
	const words = EVIDENCE_WORDS[language];
	const { summary } = words;
	const time = romeTime(words.locale);
	const all = parts.flat();
	const mailings = [...new Set(all.flatMap(({ thread }) => thread.mailing ?? []))];
	const title = `${summary.title}: ${summary.part.toLowerCase()} ${index + 1} ${summary.of} ${parts.length}`;
	const facts = [
		[words.mailing, mailings.length === 1 ? quoted(mailings[0] ?? '') : undefined],
		[words.generated, escaped(time(now.toISOString()))],
		[summary.inThisPart, `${packed.length}${toldOutcomes(parts[index] ?? [], language)}`],
		[summary.inAll, parts.length > 1 ? `${all.length}${toldOutcomes(all, language)}` : undefined],
	] as const;
	const rows = packed.map(({ folder, hashesSha256 }) => [
		`${quoted(folder.name)}<br><span class="hash">SHA-256 ${hashesSha256}</span>`,
		quoted(folder.correspondent ?? ''),
		quoted([folder.thread.rowKey ?? '', attemptOf(folder, summary.attempt)].join(' ').trim()),
		escaped(folder.thread.direction === 'received' ? '' : outcomeText(folder.outcome, language)),
		escaped(time(folder.outcome?.deliveredAt)),
		escaped(isWholeFolder(folder) ? words.yes : missingOf(folder, words.missing)),
	]);
	const heads = [summary.folder, summary.who, words.row, words.outcome, summary.delivered];
	return evidencePage(title, language, [
		factsHtml(facts),
		tableHtml([...heads, summary.whole], rows),
		`<p class="note">${escaped(summary.hashes)}</p>\n`,
		parts.length > 1 ? partsHtml(parts, summary) : '',
		...words.whatItIs.map((note) => `<p class="note">${escaped(note)}</p>\n`),
	]);
}

/** ` (Consegnato: 3; Non consegnato: 1)`. */
function toldOutcomes(folders: readonly EvidenceFolder[], language: EvidenceLanguage): string {
	const sent = folders.filter(({ thread }) => thread.direction === 'sent');
	const counts = countsOf(sent.map(({ outcome }) => outcomeText(outcome, language)));
	if (counts.size === 0) return '';
	const words = [...counts].map(([text, count]) => `${text}: ${count}`);
	return escaped(` (${words.join('; ')})`);
}

/** Of a row that was sent again. */
function attemptOf({ thread }: EvidenceFolder, word: string): string {
	const attempt = rowOfMessageId(thread.messageId ?? '')?.attempt ?? 1;
	return attempt > 1 ? `(${word} ${attempt})` : '';
}

function missingOf(
	{ missing }: EvidenceFolder,
	words: Readonly<Record<(typeof missing)[number]['part'], string>>,
): string {
	return missing.length === 0 ? '–' : `– ${missing.map(({ part }) => words[part]).join('; ')}`;
}

function partsHtml(
	parts: Summary['parts'],
	words: (typeof EVIDENCE_WORDS)['it']['summary'],
): string {
	const lines = parts.map((folders, index) => {
		const [first, last] = [folders[0]?.name ?? '', folders.at(-1)?.name ?? ''];
		const part = escaped(
			`${words.part} ${index + 1} ${words.of} ${parts.length}: ${folders.length}, `,
		);
		return `<li>${part}${escaped(words.from)} ${quoted(first)} ${escaped(words.to)} ${quoted(last)}</li>\n`;
	});
	return `<h2>${escaped(words.parts)}</h2>\n<ul>\n${lines.join('')}</ul>\n`;
}
