import { parseArgs } from 'node:util';
import { SetUpFailure } from '../../scripts/setUpFailure.mjs';

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

function numberIn(name: string, text: string | undefined, limits: readonly [number, number]) {
	if (text === undefined) return undefined;
	const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
	const [least, most] = limits;
	if (value >= least && value <= most) return value;
	throw new SetUpFailure(`--${name} wants a number from ${least} to ${most}.\n\n${HELP}`);
}

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
		minutes: numberIn('minutes', values.minutes, [1, 10_000]) ?? 5,
		seed: numberIn('seed', values.seed, [0, 2 ** 32 - 1]) ?? anySeed,
		help: values.help,
		...(values.json === undefined ? {} : { jsonFile: values.json }),
		...(values.log === undefined ? {} : { logFile: values.log }),
	};
}
