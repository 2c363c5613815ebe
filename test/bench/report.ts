import { format, resolveConfig } from 'prettier';
import type { Figures, Row } from './rows.ts';
import type { Summary } from './statistics.ts';
import type { Work } from './works.ts';

const COLUMNS = [
	'work',
	'against',
	'ratio',
	'bar',
	'holds',
	'ours',
	'theirs',
	'floor',
	'CPU ms, ours : theirs',
	'RSS MB, ours : theirs',
] as const;

function amount(value: number): string {
	if (value >= 100) return String(Math.round(value));
	return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** Median, spread, outliers, unit: `1234 (1100 to 1300; 1 outlier)/s`. */
function measured(figures: Figures | undefined): string {
	if (!figures) return '';
	if ('perSecond' in figures) return `${spread(figures.perSecond)}/s`;
	if ('milliseconds' in figures) return `${spread(figures.milliseconds)} ms`;
	return `${spread(figures.megabytes)} MB`;
}

function spread({ median, min, max, outliers }: Summary): string {
	if (min === max) return amount(median);
	const odd = outliers === 0 ? '' : `; ${outliers} outlier${outliers === 1 ? '' : 's'}`;
	return `${amount(median)} (${amount(min)} to ${amount(max)}${odd})`;
}

function pair(row: Row, figure: 'cpuMilliseconds' | 'peakMegabytes'): string {
	return [row.ours, row.theirs]
		.map(({ [figure]: value }) => (value === undefined ? '-' : amount(value)))
		.join(' : ');
}

function holds({ bar, holds: held }: Row): string {
	if (bar === 0) return '-';
	return held ? 'yes' : 'NO';
}

function cellsOf(row: Row): string[] {
	return [
		row.work,
		row.against,
		amount(row.ratio),
		row.bar === 0 ? '-' : String(row.bar),
		holds(row),
		measured(row.ours),
		measured(row.theirs),
		measured(row.floor),
		pair(row, 'cpuMilliseconds'),
		pair(row, 'peakMegabytes'),
	];
}

/** For a terminal: a line a row, and under it what it rests on. */
export function formatRows(rows: readonly Row[]): string {
	return rows
		.map((row) => {
			const [work, against, ratio, bar, , ours, theirs, floor, cpu, memory] = cellsOf(row);
			const verdict = row.bar === 0 ? 'figure' : row.holds ? 'holds ' : 'MISSED';
			return [
				`${verdict}  ${work}: ${ratio} times as good as ${against} (bar ${bar})`,
				`        ours ${ours}, theirs ${theirs}${floor ? `, floor ${floor}` : ''}`,
				`        CPU ms ${cpu}, peak RSS MB ${memory} (ours : theirs)`,
			].join('\n');
		})
		.join('\n');
}

/**
 * docs/PERFORMANCE.md.
 * @param works all there are, in the order of the page
 * @param before the page as it is: what is not measured now keeps its section, with the machine it was measured on
 */
export async function performancePage(
	measured: readonly { readonly work: Work; readonly rows: readonly Row[] }[],
	machine: readonly string[],
	{ works, before }: { readonly works: readonly Pick<Work, 'name'>[]; readonly before: string },
): Promise<string> {
	const table = (rows: readonly Row[]) =>
		[COLUMNS, COLUMNS.map(() => '---'), ...rows.map(cellsOf)]
			.map((cells) => `| ${cells.join(' | ')} |`)
			.join('\n');
	const sectionOf = ({ name }: Pick<Work, 'name'>): string => {
		const now = measured.find(({ work }) => work.name === name);
		if (!now) return before.split(/^(?=## )/m).find((part) => part.startsWith(`## ${name}:`)) ?? '';
		return [
			`## ${name}: ${now.work.purpose}`,
			...now.work.notes,
			machine.map((fact) => `- ${fact}`).join('\n'),
			table(now.rows),
		].join('\n\n');
	};
	const page = [
		'# Performance',
		'Written by `npm run bench -- --write`, not by hand. Trust the ratios more than the absolute figures.',
		'Ours, the peer and the floor do the same on the same bytes, in turns, only one at a time; warm-up excluded. Figures are medians with their range; outliers (beyond 1.5 times the middle half) are counted, not removed. The ratio says how many times as good as theirs ours is: the median of the ratios of each round. CPU is user and system time per message of the process; RSS is its peak since its start. A `-` stands where the work is done in other processes, and for a bar where nothing is asked.',
		...works.map(sectionOf),
	].join('\n\n');
	const config = await resolveConfig(import.meta.filename);
	return await format(page, { ...config, parser: 'markdown' });
}
