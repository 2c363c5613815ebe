import { format, resolveConfig } from 'prettier';
import type { Figures, Row } from './rows.ts';
import type { Work } from './works.ts';

const COLUMNS = [
	'work',
	'against',
	'ratio',
	'bar',
	'holds',
	'ours /s',
	'theirs /s',
	'floor /s',
	'CPU ms, ours : theirs',
	'RSS MB, ours : theirs',
] as const;

function amount(value: number): string {
	if (value >= 100) return String(Math.round(value));
	return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** Median, spread, outliers: `1,234 (1,100 to 1,300; 1 outlier)`. */
function speed(figures: Figures | undefined): string {
	if (!figures) return '';
	const { median, min, max, outliers } = figures.perSecond;
	const odd = outliers === 0 ? '' : `; ${outliers} outlier${outliers === 1 ? '' : 's'}`;
	return `${amount(median)} (${amount(min)} to ${amount(max)}${odd})`;
}

function pair(row: Row, figure: 'cpuMilliseconds' | 'peakMegabytes'): string {
	return [row.ours, row.theirs]
		.map(({ [figure]: value }) => (value === undefined ? '-' : amount(value)))
		.join(' : ');
}

function cellsOf(row: Row): string[] {
	return [
		row.work,
		row.against,
		amount(row.ratio),
		String(row.bar),
		row.holds ? 'yes' : 'NO',
		speed(row.ours),
		speed(row.theirs),
		speed(row.floor),
		pair(row, 'cpuMilliseconds'),
		pair(row, 'peakMegabytes'),
	];
}

/** For a terminal: a line a row, and under it what it rests on. */
export function formatRows(rows: readonly Row[]): string {
	return rows
		.map((row) => {
			const [work, against, ratio, bar, , ours, theirs, floor, cpu, memory] = cellsOf(row);
			return [
				`${row.holds ? 'holds ' : 'MISSED'}  ${work}: ${ratio} times ${against} (bar ${bar})`,
				`        ours ${ours}/s, theirs ${theirs}/s${floor ? `, floor ${floor}/s` : ''}`,
				`        CPU ms ${cpu}, peak RSS MB ${memory} (ours : theirs)`,
			].join('\n');
		})
		.join('\n');
}

/** docs/PERFORMANCE.md. */
export async function performancePage(
	measured: readonly { readonly work: Work; readonly rows: readonly Row[] }[],
	machine: readonly string[],
): Promise<string> {
	const table = (rows: readonly Row[]) =>
		[COLUMNS, COLUMNS.map(() => '---'), ...rows.map(cellsOf)]
			.map((cells) => `| ${cells.join(' | ')} |`)
			.join('\n');
	const page = [
		'# Performance',
		'Written by `npm run bench -- --write`, not by hand. Trust the ratios more than the absolute figures.',
		...machine.map((fact) => `- ${fact}`),
		'',
		'Ours, the peer and the floor do the same on the same bytes, in turns, each in a process of its own, one at a time; warm-up excluded. `/s` is the median of the rounds with its range; outliers (beyond 1.5 times the middle half) are counted, not removed. The ratio is the median of the ratios of each round. CPU is user and system time per message of the process; RSS is its peak since its start, Node and the messages in memory with it. A `-` stands where the work is done in other processes.',
		...measured.flatMap(({ work, rows }) => [
			`## ${work.name}: ${work.purpose}`,
			...work.notes,
			table(rows),
		]),
	].join('\n\n');
	const config = await resolveConfig(import.meta.filename);
	return await format(page, { ...config, parser: 'markdown' });
}
