/**
 * All of the chart library that is used. The build puts this file, with what it imports, into one of the same name
 * (scripts/bundle.ts): the library is no dependency of the published package.
 */
import { BarChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([BarChart, GridComponent, SVGRenderer]);

export interface ChartSize {
	readonly width: number;
	readonly height: number;
}

/**
 * Draws a chart of ECharts' options, as wide as its place on a page. The same options give the same text.
 * @param option https://echarts.apache.org/en/option.html; its texts are escaped
 * @param label what a reader hears who does not see it
 */
export function drawSvg(option: object, { width, height }: ChartSize, label: string): string {
	const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
	try {
		chart.setOption({ animation: false, ...option });
		return still(chart.renderToSVGString({ useViewBox: true }), label);
	} finally {
		chart.dispose();
	}
}

/** Without what serves a mouse, and with it the names that are counted through the life of the process. */
function still(svg: string, label: string): string {
	return svg
		.replace(/<style[^>]*>[\s\S]*?<\/style>/g, '')
		.replace(/ (?:class|ecmeta_[a-z_]+|pointer-events)="[^"]*"/g, '')
		.replace(/\bzr\d+-/g, 'zr-')
		.replace(/^<svg\b/, `<svg role="img" aria-label="${attribute(label)}"`)
		.replace(/\n+/g, '\n');
}

function attribute(text: string): string {
	return text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;');
}
