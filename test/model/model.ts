// npm run model [-- <options>]
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNode } from '../../scripts/command.ts';
import { ROOT } from '../../scripts/folders.ts';
import { SetUpFailure } from '../../scripts/setUpFailure.mjs';
import { BUGS } from './bugs.ts';
import { HELP, parseModelOptions, type ModelOptions } from './options.ts';
import type { Worlds } from './worlds.ts';

const WORLDS = join(import.meta.dirname, 'worlds.ts');

async function worlds(from: number, to: number, bug?: string): Promise<Worlds> {
	const { code, output, stdout } = await runNode(
		[
			'--no-warnings',
			...['--import', './test/nodeSources.ts', '--import', './test/model/plant.ts'],
			...[WORLDS, String(from), String(to), bug === undefined ? 'all' : 'first'],
		],
		{ cwd: ROOT, ...(bug === undefined ? {} : { env: { PEC_MODEL_BUG: bug } }) },
	);
	if (code !== 0) throw new SetUpFailure(output);
	return JSON.parse(stdout) as Worlds;
}

async function prove({ runs, seed, searched, jsonFile }: ModelOptions): Promise<number> {
	const honest = await worlds(seed, seed + runs - 1);
	const { first, ...figures } = honest;
	if (first) {
		console.log(`World ${first.seed}: ${first.violations.join('; ')}\n${first.history.join('\n')}`);
	}
	const planted = searched === 0 ? [] : BUGS;
	let plantedBugsFound = 0;
	for (const { name } of planted) {
		const { first: found } = await worlds(seed, seed + searched - 1, name);
		if (found) plantedBugsFound += 1;
		const where = found ? `found in world ${found.seed}: ${found.violations[0]}` : 'NOT FOUND';
		console.log(`planted: ${name}: ${where}`);
	}
	const result = { ...figures, plantedBugsFound, plantedBugs: planted.length };
	console.log(JSON.stringify(result));
	if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(result, null, '\t')}\n`);
	return figures.violations === 0 && plantedBugsFound === planted.length ? 0 : 1;
}

/** Gives the exit status. */
async function main(): Promise<number> {
	try {
		const options = parseModelOptions(process.argv.slice(2));
		if (!options.help) return await prove(options);
		console.log(HELP);
		return 0;
	} catch (error) {
		if (!(error instanceof SetUpFailure)) throw error;
		console.error(error.message);
		return 1;
	}
}

process.exitCode = await main();
