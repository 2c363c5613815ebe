import { parseArgs } from 'node:util';
import { SetUpFailure } from '../../scripts/setUpFailure.mjs';

export interface BenchOptions {
	/** Names of works; none: all. */
	readonly works: readonly string[];
	/** A glance: short rounds. */
	readonly quick: boolean;
	readonly rounds?: number;
	readonly jsonFile?: string;
	/** Write docs/PERFORMANCE.md. */
	readonly write: boolean;
	readonly help: boolean;
}

export function helpOn(
	works: readonly { readonly name: string; readonly purpose: string }[],
): string {
	return `npm run bench [-- <work> … <options>]

Measures these nodes against others who do the same, in turns on the same bytes, and says whether each bar holds.
${works.map(({ name, purpose }) => `  ${name.padEnd(12)} ${purpose}`).join('\n')}

  --quick      a glance of three minutes, no figure to quote; of what takes longer nothing unless it is named
  --rounds N   how often each is measured
  --json FILE  write the rows to FILE
  --write      write docs/PERFORMANCE.md: the sections of these works, the others stay
  --help       show this

The status is 0 when every bar holds and every answer was right.`;
}

function roundsOf(text: string): number {
	const rounds = /^\d{1,3}$/.test(text) ? Number(text) : 0;
	if (rounds < 1) throw new SetUpFailure('--rounds wants a number from 1 to 999.');
	return rounds;
}

/** Throws `SetUpFailure` for anything it does not know. */
export function parseBenchOptions(args: readonly string[], known: readonly string[]): BenchOptions {
	let parsed;
	try {
		parsed = parseArgs({
			args: [...args],
			allowPositionals: true,
			options: {
				quick: { type: 'boolean', default: false },
				rounds: { type: 'string' },
				json: { type: 'string' },
				write: { type: 'boolean', default: false },
				help: { type: 'boolean', default: false },
			},
		});
	} catch (error) {
		if (!(error instanceof TypeError)) throw error;
		throw new SetUpFailure(error.message);
	}
	const { values, positionals } = parsed;
	const unknown = positionals.find((name) => !known.includes(name));
	if (unknown !== undefined) {
		throw new SetUpFailure(`There is no work "${unknown}"; there is: ${known.join(', ')}.`);
	}
	if (values.write && values.quick) {
		throw new SetUpFailure('--write wants figures to quote: no --quick.');
	}
	return {
		works: positionals,
		quick: values.quick,
		write: values.write,
		help: values.help,
		...(values.rounds === undefined ? {} : { rounds: roundsOf(values.rounds) }),
		...(values.json === undefined ? {} : { jsonFile: values.json }),
	};
}
