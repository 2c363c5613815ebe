import { parseArgs } from 'node:util';
import { SetUpFailure } from '../../scripts/setUpFailure.mjs';
import { numberOption } from '../numberOption.ts';

export interface FuzzOptions {
	readonly seconds: number;
	readonly seed: number;
	/** Where messages are kept on which something was found; absent: a folder of its own below the temporary one. */
	readonly keep?: string;
	/** End with the first thing that is found. */
	readonly first: boolean;
	/** A message to read again instead. */
	readonly replay?: string;
	/** A module in place of nodes/pec. */
	readonly reader?: string;
	readonly help: boolean;
}

export const HELP = `npm run fuzz [-- <options>]

Writes messages such as no provider and every attacker would, and looks whether the reader of nodes/pec bears them: it
never throws, hangs or grows, and says "verified" of nothing that was not signed.

  --seconds N    how long, messages made up to then (default: 60)
  --seed N       the choices that are made (default: any; it is printed). The same seed makes the same changes; keys and
                 identifiers of the messages are new in each run, so what was found is kept as bytes
  --keep DIR     where to keep them (default: a new folder below the temporary one)
  --first        end with the first thing that is found (else with the tenth)
  --replay FILE  read a message that was kept once more
  --reader FILE  try another module that exports readPecMessage, readPecHeaders or unwrapP7m
  --help         show this

PEC_SAMPLES_DIR may name a folder of real messages to begin with as well. The status is 0 when nothing was found.`;

/** Throws `SetUpFailure` for anything it does not know. */
export function parseFuzzOptions(args: readonly string[], anySeed: number): FuzzOptions {
	let values;
	try {
		({ values } = parseArgs({
			args: [...args],
			options: {
				seconds: { type: 'string' },
				seed: { type: 'string' },
				keep: { type: 'string' },
				first: { type: 'boolean', default: false },
				replay: { type: 'string' },
				reader: { type: 'string' },
				help: { type: 'boolean', default: false },
			},
		}));
	} catch (error) {
		if (!(error instanceof TypeError)) throw error;
		throw new SetUpFailure(`${error.message}\n\n${HELP}`);
	}
	const { keep, replay, reader, first, help } = values;
	return {
		seconds: numberOption('seconds', values.seconds, { limits: [1, 1_000_000], help: HELP }) ?? 60,
		seed: numberOption('seed', values.seed, { limits: [0, 2 ** 32 - 1], help: HELP }) ?? anySeed,
		first,
		help,
		...(keep === undefined ? {} : { keep }),
		...(replay === undefined ? {} : { replay }),
		...(reader === undefined ? {} : { reader }),
	};
}
