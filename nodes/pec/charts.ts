import type { ChartSize } from './chartLibrary';

export type DrawChart = (option: object, size: ChartSize, label: string) => string;

/** Half a megabyte of program, read when somebody wants a chart. */
export async function loadCharts(): Promise<DrawChart> {
	const { drawSvg } = await import('./chartLibrary.js');
	return drawSvg;
}
