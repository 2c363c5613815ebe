import { parseArgs } from 'node:util';
import { SetUpFailure } from '../../scripts/setUpFailure.mjs';
import { numberOption } from '../numberOption.ts';

export interface ModelOptions {
	/** How many worlds. */
	readonly runs: number;
	/** Of the first; the others follow. */
	readonly seed: number;
	/** Mistakes are looked for in so many worlds each. */
	readonly searched: number;
	readonly jsonFile?: string;
	readonly help: boolean;
}

export const HELP = `npm run model [-- <options>]

Clean-ups of PEC Mailbox (the real code of nodes/account and nodes/pec) over a mailbox and a storage in memory, in worlds that a seed
decides: letters and receipts arrive, people move, flag, mark and delete, connections are lost before and after each request,
processes are killed, servers say OK and do nothing, folders are numbered anew, storages give back other bytes, the mailbox is full.
Every message that ever arrived must be on the server, or in the storage byte for byte, or removed by a person. Then mistakes are
planted into the source, one at a time, and each must be found.

  --runs N      worlds (default: 1000)
  --seed N      of the first world (default: 1)
  --searched N  worlds in which a planted mistake is looked for (default: 1500; 0: no mistakes are planted)
  --json FILE   write the figures to FILE
  --help        show this

The status is 0 when nothing was wrong and every planted mistake was found.`;

/** Throws `SetUpFailure` for anything it does not know. */
export function parseModelOptions(args: readonly string[]): ModelOptions {
	let values;
	try {
		({ values } = parseArgs({
			args: [...args],
			options: {
				runs: { type: 'string' },
				seed: { type: 'string' },
				searched: { type: 'string' },
				json: { type: 'string' },
				help: { type: 'boolean', default: false },
			},
		}));
	} catch (error) {
		if (!(error instanceof TypeError)) throw error;
		throw new SetUpFailure(`${error.message}\n\n${HELP}`);
	}
	const number = (name: 'runs' | 'seed' | 'searched', limits: readonly [number, number]) =>
		numberOption(name, values[name], { limits, help: HELP });
	return {
		runs: number('runs', [1, 1_000_000]) ?? 1_000,
		seed: number('seed', [0, 2 ** 32 - 1]) ?? 1,
		searched: number('searched', [0, 100_000]) ?? 1_500,
		help: values.help,
		...(values.json === undefined ? {} : { jsonFile: values.json }),
	};
}
