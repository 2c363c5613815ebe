// npm run bench [-- <work> … <options>]
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endGroups } from '../../scripts/childGroup.ts';
import { createWorkFolder, removeFolder, ROOT, sweepWorkFolders } from '../../scripts/folders.ts';
import { INTERRUPTED_STATUS, onInterruption } from '../../scripts/interruption.ts';
import { SetUpFailure } from '../../scripts/setUpFailure.mjs';
import { WrongAnswer } from './contest.ts';
import { describeMachine, versionOf } from './machine.ts';
import { helpOn, parseBenchOptions } from './options.ts';
import type { BenchOptions } from './options.ts';
import { formatRows, performancePage } from './report.ts';
import type { Row } from './rows.ts';
import { WORKS } from './works.ts';

const tell = (line: string): void => console.error(line);

async function measure(options: BenchOptions): Promise<readonly Row[]> {
	const works = WORKS.filter(({ name, takesMinutes = false }) => {
		if (options.works.length > 0) return options.works.includes(name);
		return !(options.quick && takesMinutes);
	});
	const programs = [...new Set(works.flatMap(({ needs }) => needs))];
	const missing = programs.find((program) => versionOf(program) === undefined);
	if (missing !== undefined) {
		throw new SetUpFailure(`This measures against ${missing}, which is not installed.`);
	}
	const peers = works.flatMap((work) => work.peers ?? []);
	const machine = describeMachine([...programs, ...new Set(peers)]);
	for (const fact of machine) console.log(fact);
	const { quick, rounds } = options;
	const measured = [];
	let workFolder = '';
	// Also at Ctrl+C: the status is set there and this process ends at once.
	process.once('exit', () => workFolder && removeFolder(workFolder));
	for (const work of works) {
		workFolder = createWorkFolder();
		const context = { workFolder, quick, tell, ...(rounds === undefined ? {} : { rounds }) };
		const rows = await work.run(context);
		console.log(`\n${work.name}: ${work.purpose}\n${formatRows(rows)}`);
		measured.push({ work, rows });
		removeFolder(workFolder);
	}
	if (options.write) {
		const page = join(ROOT, 'docs', 'PERFORMANCE.md');
		const before = existsSync(page) ? readFileSync(page, 'utf8') : '';
		writeFileSync(page, await performancePage(measured, machine, { works: WORKS, before }));
	}
	return measured.flatMap(({ rows }) => rows);
}

/** Gives the exit status. */
async function main(): Promise<number> {
	onInterruption(() => {
		endGroups();
		process.exit(INTERRUPTED_STATUS);
	});
	try {
		const options = parseBenchOptions(
			process.argv.slice(2),
			WORKS.map(({ name }) => name),
		);
		if (options.help) {
			console.log(helpOn(WORKS));
			return 0;
		}
		sweepWorkFolders();
		const rows = await measure(options);
		if (options.jsonFile !== undefined) {
			writeFileSync(options.jsonFile, `${JSON.stringify(rows, null, '\t')}\n`);
		}
		return rows.every(({ holds }) => holds) ? 0 : 1;
	} catch (error) {
		if (!(error instanceof SetUpFailure) && !(error instanceof WrongAnswer)) throw error;
		console.error(error.message);
		return 1;
	}
}

process.exitCode = await main();
