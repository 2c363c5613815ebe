// npm run scale [-- <options>]
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SetUpFailure } from '../../scripts/setUpFailure.mjs';
import { numberOption } from '../numberOption.ts';
import { scale, type ScaleResult } from './scaling.ts';

const HELP = `npm run scale [-- <options>]

Sends a mailing over the sandbox, without n8n, in which one row in a hundred meets each fault: recipients that are full, disabled,
unknown, of a retired domain, or not PEC; an acceptance that is late; messages refused, put off, cut off before the final dot, and after it,
taken or not. It is sent until nothing is left to send, then followed. What the provider took is counted by its log.

  --rows N         recipients (default: 10000)
  --connections N  at once (default: 5)
  --json FILE      write the figures to FILE
  --help           show this

The status is 0 when no row was sent twice, none was forgotten, and every state is right.`;

function reportOf({ rows, sending, following, ...result }: ScaleResult): string {
	const perSecond = ({ milliseconds }: { milliseconds: number }) =>
		Math.round((rows / milliseconds) * 1_000);
	const phase = (name: string, of: ScaleResult['sending']) =>
		`${name}: ${Math.round(of.milliseconds / 1_000)} s (${perSecond(of)} rows/s), CPU ${(of.cpuMilliseconds / rows).toFixed(2)} ms a row, peak ${Math.round(of.peakMegabytes)} MB, heap ${Math.round(of.heapMegabytes)} MB, runs ${of.runs}`;
	return [
		phase('sending', sending),
		phase('following', following),
		`states: ${JSON.stringify(result.states)}`,
		`strikes: ${JSON.stringify(result.strikes)}`,
		`duplicates ${result.duplicates}, lost ${result.lost}, wrong ${result.wrong.length}`,
		...result.wrong,
	].join('\n');
}

/** Gives the exit status. */
async function main(): Promise<number> {
	try {
		const { values } = parseArgs({
			options: {
				rows: { type: 'string' },
				connections: { type: 'string' },
				json: { type: 'string' },
				help: { type: 'boolean', default: false },
			},
		});
		if (values.help) {
			console.log(HELP);
			return 0;
		}
		const number = (name: 'rows' | 'connections', limits: readonly [number, number]) =>
			numberOption(name, values[name], { limits, help: HELP });
		const result = await scale({
			rows: number('rows', [100, 1_000_000]) ?? 10_000,
			connections: number('connections', [1, 100]) ?? 5,
		});
		console.log(reportOf(result));
		if (values.json !== undefined) {
			writeFileSync(values.json, `${JSON.stringify(result, null, '\t')}\n`);
		}
		const { duplicates, lost, wrong } = result;
		return duplicates + lost + wrong.length === 0 ? 0 : 1;
	} catch (error) {
		if (!(error instanceof SetUpFailure) && !(error instanceof TypeError)) throw error;
		console.error(error.message);
		return 1;
	}
}

process.exitCode = await main();
