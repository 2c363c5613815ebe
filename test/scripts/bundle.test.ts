import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BUNDLED, bundleLibraries } from '../../scripts/bundle.ts';
import { temporaryFolder } from './temporary.ts';

it('makes files that work where no package is installed, and passes the licences of what is in them on', async () => {
	const dist = temporaryFolder();
	await bundleLibraries(dist);
	const require = createRequire(join(dist, 'index.js'));
	expect(() => require('echarts')).toThrow(/Cannot find module/);
	for (const source of Object.keys(BUNDLED)) {
		const file = join(dist, source.replace(/\.ts$/, '.js'));
		expect(statSync(file).size).toBeLessThan(1_000_000);
		expect(readFileSync(file, 'utf8')).not.toMatch(/\brequire\(["'`][^n.]/);
	}
	const { drawSvg } =
		require('./nodes/pec/chartLibrary.js') as typeof import('../../nodes/pec/chartLibrary.ts');
	const option = {
		xAxis: { type: 'value' },
		yAxis: { type: 'category', data: ['uno'] },
		series: [{ type: 'bar', data: [3] }],
	};
	expect(drawSvg(option, { width: 100, height: 50 }, 'tre')).toMatch(
		/^<svg role="img" aria-label="tre"/,
	);

	const notices = readFileSync(join(dist, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
	for (const title of [/^echarts \S+ \(Apache-2\.0\)$/m, /^zrender \S+ \(BSD-3-Clause\)$/m]) {
		expect(notices).toMatch(title);
	}
	expect(notices).toContain('--- NOTICE ---');
	expect(notices).toContain('--- licenses/LICENSE-d3 ---');
	expect(existsSync(join(dist, 'node_modules'))).toBe(false);
});
