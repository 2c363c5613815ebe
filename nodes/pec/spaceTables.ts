import { escaped, quoted } from './html';
import { sizeText } from './sizeText';
import { monthText } from './spaceCharts';
import type { AgeAmount, Amount, PolicyForecast, SpaceReport } from './spaceReportTypes';
import type { SpaceWords } from './spaceWords';

/** Each chart's figures in full, and what has no chart. Cells are HTML already. */
type Row = readonly [name: string, ...cells: string[]];

export function kinds(report: SpaceReport, words: SpaceWords): string {
	const rows = report.kinds.map(({ kind, ...amount }): [string, Amount] => [
		escaped(words.kinds[kind]),
		amount,
	]);
	return amounts(words.columns.kind, rows, report, words);
}

export function receipts(report: SpaceReport, words: SpaceWords): string {
	const rows = report.receipts.map(({ type, content, ...amount }): [string, Amount] => {
		const detail = content === undefined ? '' : ` (${words.contents[content]})`;
		return [escaped(words.receiptTypes[type] + detail), amount];
	});
	return amounts(words.columns.receipt, rows, report, words);
}

export function ages(report: SpaceReport, words: SpaceWords): string {
	const rows = report.ages.map(({ messages, size, ...age }): [string, Amount] => [
		escaped(ageText(age, words)),
		{ messages, size },
	]);
	return amounts(words.columns.age, rows, report, words);
}

export function ageText(
	{ age, fromDays = 0, toDays }: Pick<AgeAmount, 'age' | 'fromDays' | 'toDays'>,
	{ ages: words }: SpaceWords,
): string {
	if (age !== 'days') return words[age];
	if (toDays === undefined) return words.above(fromDays);
	return fromDays === 0 ? words.below(toDays) : words.between(fromDays, toDays);
}

export function sizes(report: SpaceReport, words: SpaceWords): string {
	const bytes = sizeText(words.locale);
	const rows = report.sizes.map(({ fromBytes, toBytes, ...amount }): [string, Amount] => {
		const { below, above, between } = words.sizes;
		if (toBytes === undefined) return [escaped(above(bytes(fromBytes))), amount];
		if (fromBytes === 0) return [escaped(below(bytes(toBytes))), amount];
		return [escaped(between(bytes(fromBytes), bytes(toBytes))), amount];
	});
	return amounts(words.columns.messageSize, rows, report, words);
}

export function folders(report: SpaceReport, words: SpaceWords): string {
	const rows = report.folders.map(({ path, ...amount }): [string, Amount] => [
		quoted(path),
		amount,
	]);
	return amounts(words.columns.folder, rows, report, words);
}

export function correspondents(report: SpaceReport, words: SpaceWords): string {
	const { top, others, unattributed } = report.correspondents;
	const rows = top.map(({ address, ...amount }): [string, Amount] => [quoted(address), amount]);
	if (others.addresses > 0) {
		rows.push([escaped(words.otherCorrespondents(others.addresses)), others]);
	}
	if (unattributed.messages > 0) rows.push([escaped(words.noCorrespondent), unattributed]);
	return amounts(words.columns.correspondent, rows, report, words);
}

export function months({ growth }: SpaceReport, words: SpaceWords): string {
	const bytes = sizeText(words.locale);
	const { columns, groups } = words;
	const rows = growth.months.map((month): Row => [
		monthText(month.month),
		month.messages.toLocaleString(words.locale),
		bytes(month.size),
		bytes(month.receipts),
		bytes(month.received),
		bytes(month.other),
	]);
	const { messages, size } = columns;
	const heads = [columns.month, messages, size, groups.receipts, groups.received, groups.other];
	return table(heads, rows);
}

export function policies(list: readonly PolicyForecast[], words: SpaceWords): string {
	const { columns } = words;
	const bytes = sizeText(words.locale);
	const percent = (value: number | undefined) =>
		value === undefined ? words.unknown : `${value.toLocaleString(words.locale)}%`;
	const amount = ({ messages, size }: Amount) =>
		`${bytes(size)} (${messages.toLocaleString(words.locale)})`;
	const rows = list.map((policy): Row => [
		escaped(words.days(policy.olderThanDays)),
		amount(policy.old),
		amount(policy.now),
		escaped(percent(policy.percentNow)),
		amount(policy.afterCopy),
		escaped(percent(policy.percentAfterCopy)),
	]);
	const { olderThan, old, now, afterCopy, usedAfter } = columns;
	return table([olderThan, old, now, usedAfter, afterCopy, usedAfter], rows);
}

/** Of the first policy: what stays by the shortest age is what stays by a longer one, and more. */
export function kept([shortest]: readonly PolicyForecast[], words: SpaceWords): string {
	if (!shortest || shortest.kept.length === 0) return '';
	const bytes = sizeText(words.locale);
	const rows = shortest.kept.map(({ reason, messages, size }): Row => [
		escaped(words.blockers[reason]),
		messages.toLocaleString(words.locale),
		bytes(size),
	]);
	const { columns, headings } = words;
	const title = `${headings.kept} (${columns.olderThan.toLowerCase()} ${words.days(shortest.olderThanDays)})`;
	return `<h3>${escaped(title)}</h3>\n${table([columns.reason, columns.messages, columns.size], rows)}`;
}

export function duplicates({ duplicates: found }: SpaceReport, words: SpaceWords): string {
	if (found.groups === 0) return `<p>${escaped(words.noDuplicates)}</p>\n`;
	const bytes = sizeText(words.locale);
	const number = (value: number) => value.toLocaleString(words.locale);
	const { messages, size: extraSize } = found.extra;
	const told = words.duplicates(number(found.groups), number(messages), bytes(extraSize));
	const rows = found.largest.map(({ size, places }): Row => [
		bytes(size),
		places
			.slice(0, 10)
			.map(({ folder, uid }) => `${quoted(folder)} (${uid})`)
			.join('<br>'),
	]);
	const { messageSize, places } = words.columns;
	return `<p>${escaped(told)}</p>\n${table([messageSize, places], rows, 1)}`;
}

function amounts(
	head: string,
	rows: ReadonlyArray<readonly [string, Amount]>,
	{ total }: Pick<SpaceReport, 'total'>,
	words: SpaceWords,
): string {
	const { messages, size, share } = words.columns;
	const bytes = sizeText(words.locale);
	const cellsOf = (amount: Amount) => [
		amount.messages.toLocaleString(words.locale),
		bytes(amount.size),
		total.size === 0
			? ''
			: `${((100 * amount.size) / total.size).toLocaleString(words.locale, { maximumFractionDigits: 1 })}%`,
	];
	const sum = {
		messages: rows.reduce((all, [, amount]) => all + amount.messages, 0),
		size: rows.reduce((all, [, amount]) => all + amount.size, 0),
	};
	return table(
		[head, messages, size, share],
		rows.map(([name, amount]): Row => [name, ...cellsOf(amount)]),
		Number.POSITIVE_INFINITY,
		[escaped(words.total), ...cellsOf(sum)],
	);
}

/** @param texts columns from this one on are text, not figures; the first always is */
function table(
	heads: readonly string[],
	rows: readonly Row[],
	texts = Number.POSITIVE_INFINITY,
	foot?: Row,
): string {
	const isNumber = (at: number) => at > 0 && at < texts;
	const cell = (text: string, at: number) =>
		`<td${isNumber(at) ? ' class="number"' : ''}>${text}</td>`;
	const line = (cells: Row) => `<tr>${cells.map(cell).join('')}</tr>\n`;
	const head = heads
		.map(
			(text, at) => `<th scope="col"${isNumber(at) ? ' class="number"' : ''}>${escaped(text)}</th>`,
		)
		.join('');
	return (
		`<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${rows.map(line).join('')}</tbody>\n` +
		`${foot ? `<tfoot>${line(foot)}</tfoot>\n` : ''}</table>\n`
	);
}
