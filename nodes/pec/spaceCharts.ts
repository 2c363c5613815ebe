import type { ChartSize } from './chartLibrary';
import { printable } from './html';
import { sizeText } from './sizeText';
import type { SpaceReport } from './spaceReportTypes';
import type { SpaceWords } from './spaceWords';

/** A chart as the library draws it, and what it shows in words. */
export interface SpaceChart {
	readonly option: object;
	readonly size: ChartSize;
	readonly label: string;
	/** What each colour stands for; absent where there is but one. */
	readonly legend?: ReadonlyArray<{ readonly name: string; readonly color: string }>;
}

/** Of Okabe and Ito's colours, that the colour-blind tell apart; of different darkness too, for print without colour. */
const COLOURS = {
	receipts: '#0072b2',
	received: '#e69f00',
	other: '#009e73',
	records: '#5f5f5f',
	rest: '#a6a6a6',
	free: '#f1f1f1',
} as const;
const LINE = '#8a8a8a';
const INK = '#1a1a1a';

const WIDTH = 680;
const FONT = { fontFamily: 'Helvetica Neue, Arial, sans-serif', fontSize: 12, color: INK };
const NAME_WIDTH = 230;
/** Beside the longest bar, for its figure. */
const FIGURE_WIDTH = 90;
const LONGEST_NAME = 28;

/** What the space is made of, in one bar. */
export function compositionChart(report: SpaceReport, words: SpaceWords): SpaceChart {
	const bytes = sizeText(words.locale);
	const parts = compositionOf(report).filter(({ size }) => size > 0);
	const whole = parts.reduce((sum, { size }) => sum + size, 0);
	const series = parts.map(({ part, size }) => ({
		...stacked(words.groups[part], COLOURS[part], [size]),
		barWidth: 34,
	}));
	return {
		option: {
			textStyle: FONT,
			grid: { left: 2, right: 2, top: 4, bottom: 4 },
			xAxis: { type: 'value', max: whole, show: false },
			yAxis: { type: 'category', data: [''], show: false },
			series,
		},
		size: { width: WIDTH, height: 44 },
		legend: parts.map(({ part }) => ({ name: words.groups[part], color: COLOURS[part] })),
		label: [
			words.headings.composition,
			...parts.map(({ part, size }) => `${words.groups[part]} ${bytes(size)}`),
		].join('; '),
	};
}

/** In parts that add up to what is used, as far as the server's own count allows. */
function compositionOf({ kinds, space }: SpaceReport): Array<{
	part: keyof typeof COLOURS;
	size: number;
}> {
	const sizes = { receipts: 0, received: 0, other: 0 };
	for (const { kind, size } of kinds) {
		if (kind === 'receipt') sizes.receipts += size;
		else if (kind === 'transportEnvelope' || kind === 'anomalyEnvelope') sizes.received += size;
		else sizes.other += size;
	}
	const records = space.records?.size ?? 0;
	const counted = sizes.receipts + sizes.received + sizes.other + records;
	return [
		{ part: 'receipts', size: sizes.receipts },
		{ part: 'received', size: sizes.received },
		{ part: 'other', size: sizes.other },
		{ part: 'records', size: records },
		{ part: 'rest', size: Math.max(0, space.used - counted) },
		{ part: 'free', size: space.free ?? 0 },
	];
}

/** What arrived month by month. */
export function growthChart({ growth }: SpaceReport, words: SpaceWords): SpaceChart {
	const bytes = sizeText(words.locale);
	const { months } = growth;
	const largest = Math.max(...months.map(({ size }) => size));
	const step = stepOf(largest);
	const parts = (['receipts', 'received', 'other'] as const).filter((part) =>
		months.some((month) => month[part] > 0),
	);
	return {
		option: {
			textStyle: FONT,
			grid: { left: 70, right: 8, top: 12, bottom: 26 },
			xAxis: {
				type: 'category',
				data: months.map(({ month }) => monthText(month)),
				axisLabel: { ...FONT, interval: 0, fontSize: 11 },
				axisTick: { show: false },
				axisLine: { lineStyle: { color: LINE } },
			},
			yAxis: {
				type: 'value',
				interval: step,
				max: Math.max(1, Math.ceil(largest / step)) * step,
				axisLabel: { ...FONT, formatter: (value: number) => bytes(value) },
				splitLine: { lineStyle: { color: '#dcdcdc' } },
			},
			series: parts.map((part) =>
				stacked(
					words.groups[part],
					COLOURS[part],
					months.map((month) => month[part]),
				),
			),
		},
		size: { width: WIDTH, height: 210 },
		legend: parts.map((part) => ({ name: words.groups[part], color: COLOURS[part] })),
		label: [
			words.headings.growth,
			...months.map(({ month, size }) => `${monthText(month)} ${bytes(size)}`),
		].join('; '),
	};
}

/** Lines of a scale in round numbers of kB, MB or GB; five at most. */
function stepOf(largest: number): number {
	let unit = 1;
	while (largest / unit >= 1024) unit *= 1024;
	const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500].map((count) => count * unit);
	return steps.find((step) => largest / step <= 5) ?? 512 * unit;
}

/** `2026-01` as `01/26`: twelve of them fit side by side. */
export function monthText(month: string): string {
	return `${month.slice(5)}/${month.slice(2, 4)}`;
}

/** What clean-ups would free: of each age all, after copying, now. */
export function policiesChart(
	policies: NonNullable<SpaceReport['policies']>,
	words: SpaceWords,
): SpaceChart {
	const { columns, headings } = words;
	const bytes = sizeText(words.locale);
	const bars = [
		[columns.now, '#0072b2', 'now'],
		[columns.afterCopy, '#e69f00', 'afterCopy'],
		[columns.old, '#d5d5d5', 'old'],
	] as const;
	const name = ({ olderThanDays }: { olderThanDays: number }) => words.days(olderThanDays);
	return {
		option: {
			textStyle: FONT,
			grid: { left: 90, right: FIGURE_WIDTH, top: 4, bottom: 4 },
			xAxis: { type: 'value', show: false },
			yAxis: names(policies.map(name)),
			series: bars.map(([title, color, of]) => ({
				...bar(
					color,
					policies.map((policy) => policy[of].size),
					bytes,
				),
				name: title,
				barGap: '10%',
				barCategoryGap: '30%',
			})),
		},
		size: { width: WIDTH, height: 8 + policies.length * 66 },
		legend: bars.map(([title, color]) => ({ name: title, color })),
		label: [
			headings.cleanUp,
			...policies.flatMap((policy) =>
				bars.map(([title, , of]) => `${name(policy)}, ${title} ${bytes(policy[of].size)}`),
			),
		].join('; '),
	};
}

/** One bar for each row, its figure beside it. */
export function rowsChart(
	title: string,
	rows: ReadonlyArray<{ readonly name: string; readonly size: number }>,
	words: SpaceWords,
): SpaceChart {
	const bytes = sizeText(words.locale);
	return {
		option: {
			textStyle: FONT,
			grid: { left: NAME_WIDTH + 10, right: FIGURE_WIDTH, top: 4, bottom: 4 },
			xAxis: { type: 'value', show: false },
			yAxis: names(rows.map(({ name }) => name)),
			series: [
				bar(
					COLOURS.receipts,
					rows.map(({ size }) => size),
					bytes,
				),
			],
		},
		size: { width: WIDTH, height: 8 + rows.length * 24 },
		label: [title, ...rows.map(({ name, size }) => `${printable(name)} ${bytes(size)}`)].join('; '),
	};
}

/** Downwards in the order given. */
function names(list: readonly string[]): object {
	return {
		type: 'category',
		inverse: true,
		data: list.map(shortened),
		axisLabel: { ...FONT, interval: 0 },
		axisTick: { show: false },
		axisLine: { lineStyle: { color: LINE } },
	};
}

/** By characters: where there is no screen nobody can measure a text. */
function shortened(name: string): string {
	const characters = [...printable(name)];
	if (characters.length <= LONGEST_NAME) return characters.join('');
	return `${characters.slice(0, LONGEST_NAME - 1).join('')}…`;
}

function bar(color: string, data: readonly number[], bytes: (size: number) => string): object {
	return {
		type: 'bar',
		data,
		barMaxWidth: 16,
		itemStyle: { color, borderColor: LINE, borderWidth: 0.5 },
		label: {
			show: true,
			position: 'right',
			...FONT,
			fontSize: 11,
			textBorderWidth: 0,
			formatter: ({ value }: { value: number }) => bytes(value),
		},
	};
}

function stacked(name: string, color: string, data: readonly number[]): object {
	return {
		type: 'bar',
		name,
		stack: 'all',
		data,
		barMaxWidth: 34,
		itemStyle: { color, borderColor: '#ffffff', borderWidth: 1 },
	};
}
