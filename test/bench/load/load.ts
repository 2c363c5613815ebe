import { join } from 'node:path';
import { runNode } from '../../../scripts/command.ts';
import { WrongAnswer } from '../contest.ts';
import { compileLibrary } from '../library.ts';
import { limitRowOf } from '../rows.ts';
import type { Row } from '../rows.ts';
import { summaryOf } from '../statistics.ts';
import type { Work } from '../works.ts';

/** What one process says that loaded the package. */
export interface Loading {
	readonly types: number;
	/** Files, of the package and of what it needs. */
	readonly modules: number;
	readonly milliseconds: number;
	readonly cpuMilliseconds: number;
}

const LIMIT_MS = 300;
const TYPES = 7;
const QUICK_ROUNDS = 5;
const ROUNDS = 31;

async function loadOnce(library: string): Promise<Loading> {
	const { code, output, stdout } = await runNode(
		['--no-warnings', join(import.meta.dirname, 'loadOnce.ts'), library],
		{ cwd: library },
	);
	if (code !== 0) throw new WrongAnswer(`The package cannot be loaded:\n${output}`);
	const loading = JSON.parse(stdout) as Loading;
	if (loading.types !== TYPES) throw new WrongAnswer(`${loading.types} types were loaded`);
	return loading;
}

export const load: Work = {
	name: 'load',
	purpose: 'what the package adds to the start of n8n',
	needs: [],
	notes: [
		'n8n loads every node and credential of an installed package when it starts. Each figure is of a process of its own that has loaded n8n-workflow, as n8n has, and then loads the three nodes and four credentials as they are compiled for publishing and makes one of each. Files come from the page cache: the first process is not counted. What the first connection needs beside that (imapflow) is loaded then.',
	],
	run: async ({ quick, rounds, tell }): Promise<Row[]> => {
		const library = await compileLibrary(tell);
		tell('Loading…');
		await loadOnce(library);
		const loadings: Loading[] = [];
		for (let round = 0; round < (rounds ?? (quick ? QUICK_ROUNDS : ROUNDS)); round += 1) {
			loadings.push(await loadOnce(library));
		}
		const [{ modules } = { modules: 0 }] = loadings;
		return [
			limitRowOf(
				{
					work: `load all nodes and credentials (${modules} files)`,
					against: `${LIMIT_MS} ms`,
					bar: 1,
				},
				{
					measure: 'milliseconds',
					limit: LIMIT_MS,
					ours: loadings.map(({ milliseconds }) => milliseconds),
				},
				{
					cpuMilliseconds: summaryOf(loadings.map((each) => each.cpuMilliseconds)).median,
				},
			),
		];
	},
};
