import { parseArgs } from 'node:util';
import { SetUpFailure } from '../../scripts/setUpFailure.mjs';
import { numberOption } from '../numberOption.ts';

export interface SoakOptions {
	/** How long messages arrive. */
	readonly minutes: number;
	readonly seed: number;
	readonly jsonFile?: string;
	readonly logFile?: string;
	/** Beside n8n's own trigger. */
	readonly beside: boolean;
	/** Write docs/BESIDE.md. */
	readonly write: boolean;
	readonly help: boolean;
}

export const HELP = `npm run soak [-- <options>]

PEC Trigger in a real n8n, at a mailbox where messages arrive at random while connections are cut, the server goes away and n8n is
killed at named points. What the workflow's last node does (the effect) is counted by a server of the soak's own.

  --minutes N  how long messages arrive (default: 5); each point strikes at least once, however long that takes
  --seed N     the choices that are made (default: any; it is printed). What happens within n8n has its own pace
  --json FILE  write the figures to FILE
  --beside     n8n's own Email Trigger (IMAP) and ours, at two mailboxes with the same messages and under the same faults
  --write      with --beside: write docs/BESIDE.md
  --log FILE   write what n8n printed to FILE
  --help       show this

The status is 0 when nothing was lost, nothing was run twice outside of n8n's own window, what was offered again was stopped
at least once, and every point struck; with --beside, when ours lost nothing.`;

/** Throws `SetUpFailure` for anything it does not know. */
export function parseSoakOptions(args: readonly string[], anySeed: number): SoakOptions {
	let values;
	try {
		({ values } = parseArgs({
			args: [...args],
			options: {
				minutes: { type: 'string' },
				seed: { type: 'string' },
				json: { type: 'string' },
				log: { type: 'string' },
				beside: { type: 'boolean', default: false },
				write: { type: 'boolean', default: false },
				help: { type: 'boolean', default: false },
			},
		}));
	} catch (error) {
		if (!(error instanceof TypeError)) throw error;
		throw new SetUpFailure(`${error.message}\n\n${HELP}`);
	}
	if (values.write && !values.beside) throw new SetUpFailure(`--write wants --beside.\n\n${HELP}`);
	return {
		beside: values.beside,
		write: values.write,
		minutes: numberOption('minutes', values.minutes, { limits: [1, 10_000], help: HELP }) ?? 5,
		seed: numberOption('seed', values.seed, { limits: [0, 2 ** 32 - 1], help: HELP }) ?? anySeed,
		help: values.help,
		...(values.json === undefined ? {} : { jsonFile: values.json }),
		...(values.log === undefined ? {} : { logFile: values.log }),
	};
}
