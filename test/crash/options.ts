import { parseArgs } from 'node:util';
import { SetUpFailure } from '../../scripts/setUpFailure.mjs';
import { numberOption } from '../numberOption.ts';

export interface CrashOptions {
	/** How many mailings. */
	readonly rounds: number;
	/** Rows of each. */
	readonly batch: number;
	readonly seed: number;
	/** Names of points, or all. */
	readonly points: readonly string[];
	readonly jsonFile?: string;
	readonly logFile?: string;
	readonly help: boolean;
}

export function helpOn(points: readonly string[]): string {
	return `npm run crash [-- <options>]

PEC Send in a real n8n sends mailings to the sandbox. In each, something strikes at one named point: n8n is killed, the network is
cut, the mailbox is full, the provider blocks, the acceptance is late, two runs start at once. Then the same workflow is run again,
the provider's clock moved ahead by 15 minutes each time, until nothing is left to send. What the provider took is counted by its log.

  --rounds N   mailings, one point each, every point as often as the others (default: one for each point)
  --batch N    rows of each mailing (default: 200)
  --points A,B these points alone
  --seed N     the choices that are made (default: any; it is printed). What happens within n8n has its own pace
  --json FILE  write the figures to FILE
  --log FILE   write what n8n printed to FILE
  --help       show this

Points: ${points.join(', ')}.

At the end a mailing is completed, every message but the records is removed from its mailbox, and it is run again.
The status is 0 when no row was sent twice, none was forgotten, all mailings came to an end and every point struck.`;
}

/** Throws `SetUpFailure` for anything it does not know. */
export function parseCrashOptions(
	args: readonly string[],
	{ anySeed, points }: { anySeed: number; points: readonly string[] },
): CrashOptions {
	const help = helpOn(points);
	let values;
	try {
		({ values } = parseArgs({
			args: [...args],
			options: {
				rounds: { type: 'string' },
				batch: { type: 'string' },
				points: { type: 'string' },
				seed: { type: 'string' },
				json: { type: 'string' },
				log: { type: 'string' },
				help: { type: 'boolean', default: false },
			},
		}));
	} catch (error) {
		if (!(error instanceof TypeError)) throw error;
		throw new SetUpFailure(`${error.message}\n\n${help}`);
	}
	const asked = values.points?.split(',').map((name) => name.trim()) ?? [...points];
	const unknown = asked.find((name) => !points.includes(name));
	if (unknown !== undefined) throw new SetUpFailure(`There is no point "${unknown}".\n\n${help}`);
	const number = (name: 'rounds' | 'batch' | 'seed', limits: readonly [number, number]) =>
		numberOption(name, values[name], { limits, help });
	return {
		rounds: number('rounds', [1, 100_000]) ?? asked.length,
		batch: number('batch', [2, 10_000]) ?? 200,
		seed: number('seed', [0, 2 ** 32 - 1]) ?? anySeed,
		points: asked,
		help: values.help,
		...(values.json === undefined ? {} : { jsonFile: values.json }),
		...(values.log === undefined ? {} : { logFile: values.log }),
	};
}
