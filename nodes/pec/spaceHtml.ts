import type { DrawChart } from './charts';
import { escaped, quoted } from './html';
import { romeTime } from './reportTime';
import type { ReportLanguage } from './reportWords';
import { sizeText } from './sizeText';
import { compositionChart, growthChart, policiesChart, rowsChart } from './spaceCharts';
import type { SpaceChart } from './spaceCharts';
import { SPACE_STYLE } from './spaceStyle';
import * as tables from './spaceTables';
import type { SpaceReport } from './spaceReportTypes';
import { SPACE_WORDS, type SpaceWords } from './spaceWords';

const CHARTED_CORRESPONDENTS = 10;

/** A page that needs nothing but itself: no script, nothing loaded, to be read on screen and printed. */
export function spaceHtml(
	report: SpaceReport,
	{ language, draw }: { language: ReportLanguage; draw: DrawChart },
): Buffer {
	const words = SPACE_WORDS[language];
	const { headings } = words;
	const figure = (chart: SpaceChart) =>
		`<figure>${legend(chart)}${draw(chart.option, chart.size, chart.label)}</figure>\n`;
	const section = (heading: string, ...content: string[]) =>
		`<section>\n<h2>${escaped(heading)}</h2>\n${content.join('')}</section>\n`;
	const isEmpty = report.total.messages === 0;
	const pieces = [
		`<!DOCTYPE html>\n<html lang="${language}">\n<head>\n<meta charset="utf-8">\n`,
		`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">\n`,
		`<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n`,
		`<title>${escaped(`${words.title}: ${report.account}`)}</title>\n<style>${SPACE_STYLE}</style>\n</head>\n<body>\n`,
		heading(report, words),
		...warningsOf(report, words).map((text) => `<p class="warn">${escaped(text)}</p>\n`),
		facts(report, words),
		section(
			headings.composition,
			report.space.used > 0 || !isEmpty ? figure(compositionChart(report, words)) : '',
			isEmpty ? `<p>${escaped(words.empty)}</p>\n` : tables.kinds(report, words),
		),
		report.receipts.length === 0 ? '' : section(headings.receipts, tables.receipts(report, words)),
		policiesOf(report, words, figure, section),
		...(isEmpty ? [] : details(report, words, figure, section)),
		section(headings.notes, ...words.notes.map((note) => `<p>${escaped(note)}</p>\n`)),
		'</body>\n</html>\n',
	];
	return Buffer.from(pieces.join(''), 'utf8');
}

type Figure = (chart: SpaceChart) => string;
type Section = (heading: string, ...content: string[]) => string;

function policiesOf(
	{ policies = [], total }: SpaceReport,
	words: SpaceWords,
	figure: Figure,
	section: Section,
): string {
	if (policies.length === 0 || total.messages === 0) return '';
	return section(
		words.headings.cleanUp,
		figure(policiesChart(policies, words)),
		tables.policies(policies, words),
		`<p class="note">${escaped(words.cleanUpNote)}</p>\n`,
		tables.kept(policies, words),
	);
}

function details(
	report: SpaceReport,
	words: SpaceWords,
	figure: Figure,
	section: Section,
): string[] {
	const { headings } = words;
	const ages = report.ages.map(({ size, ...age }) => ({ name: tables.ageText(age, words), size }));
	const people = report.correspondents.top.slice(0, CHARTED_CORRESPONDENTS);
	const correspondents = people.map(({ address, size }) => ({ name: address, size }));
	return [
		section(
			headings.growth,
			figure(growthChart(report, words)),
			`<p class="note">${escaped(words.facts.growth)}: ${escaped(words.growthBy(report.growth.days))}</p>\n`,
			tables.months(report, words),
		),
		section(
			headings.ages,
			figure(rowsChart(headings.ages, ages, words)),
			tables.ages(report, words),
		),
		section(headings.sizes, tables.sizes(report, words)),
		section(headings.folders, tables.folders(report, words)),
		section(
			headings.correspondents,
			people.length === 0 ? '' : figure(rowsChart(headings.correspondents, correspondents, words)),
			tables.correspondents(report, words),
		),
		section(headings.duplicates, tables.duplicates(report, words)),
	];
}

function heading({ account, generatedAt }: SpaceReport, words: SpaceWords): string {
	const time = romeTime(words.locale);
	return (
		`<h1>${escaped(words.title)}</h1>\n` +
		`<p class="meta">${escaped(words.mailbox)}: <strong>${quoted(account)}</strong><br>` +
		`${escaped(words.generated)} ${escaped(time(generatedAt))}. ${escaped(words.times)}</p>\n`
	);
}

function warningsOf({ space, troubles }: SpaceReport, { warnings, locale }: SpaceWords): string[] {
	const percent = (value: number) => `${value.toLocaleString(locale)}%`;
	const texts: string[] = [];
	if (space.overThreshold) {
		texts.push(warnings.over(percent(space.percent ?? 0), percent(space.threshold)));
	}
	if (space.limit === undefined) texts.push(warnings.noLimit);
	if (space.limitSource === 'given') texts.push(warnings.given);
	if (space.source === 'sum') texts.push(warnings.sum);
	for (const trouble of troubles) {
		const which = trouble === 'closed' ? ` ${(space.closed ?? []).join(', ')}` : '';
		texts.push(warnings.troubles[trouble] + which);
	}
	return texts;
}

/** Beside the picture: how wide a text is can be told on a screen alone. */
function legend({ legend: entries = [] }: SpaceChart): string {
	if (entries.length === 0) return '';
	const items = entries.map(
		({ name, color }) => `<span><i style="background:${color}"></i>${escaped(name)}</span>`,
	);
	return `<figcaption aria-hidden="true">${items.join(' ')}</figcaption>`;
}

/** The figures that somebody in a hurry looks for. */
function facts(report: SpaceReport, words: SpaceWords): string {
	const { space, total, growth, oldestAt } = report;
	const { facts: names, locale } = words;
	const bytes = sizeText(locale);
	const percent = space.percent === undefined ? '' : ` (${space.percent.toLocaleString(locale)}%)`;
	const day = (at: string) => romeTime(locale)(at).slice(0, 10);
	const shown: Array<[string, string]> = [
		[names.used, bytes(space.used) + percent],
		[names.limit, space.limit === undefined ? words.unknown : bytes(space.limit)],
		[names.free, space.free === undefined ? words.unknown : bytes(space.free)],
		[names.messages, total.messages.toLocaleString(locale)],
		[names.growth, words.aDay(bytes(growth.bytesPerDay))],
		[names.full, fullText(report, words, day)],
		...(oldestAt === undefined ? [] : [[names.oldest, day(oldestAt)] as [string, string]]),
	];
	const cells = shown.map(
		([name, value]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>\n`,
	);
	return `<dl class="facts">\n${cells.join('')}</dl>\n`;
}

function fullText(
	{ space, growth }: SpaceReport,
	words: SpaceWords,
	day: (at: string) => string,
): string {
	if (space.limit === undefined) return words.unknown;
	if (space.used >= space.limit) return words.alreadyFull;
	return growth.full ? words.inDays(growth.full.days, day(growth.full.at)) : words.never;
}
