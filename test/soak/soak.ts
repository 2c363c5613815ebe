// npm run soak [-- <options>]
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endGroups } from '../../scripts/childGroup.ts';
import { ROOT, sweepWorkFolders } from '../../scripts/folders.ts';
import { INTERRUPTED_STATUS, onInterruption } from '../../scripts/interruption.ts';
import { SetUpFailure } from '../../scripts/setUpFailure.mjs';
import { prepareEditor } from '../prepareEditor.ts';
import { soakBeside } from './beside.ts';
import { besideLines, besidePage } from './besidePage.ts';
import { HELP, parseSoakOptions, type SoakOptions } from './options.ts';
import { figuresOf, isClean, reportOf } from './report.ts';
import { soak } from './soaking.ts';
import type { SoakInput } from './stage.ts';

type Files = Pick<SoakOptions, 'jsonFile' | 'logFile' | 'write'>;

function keep({ jsonFile, logFile }: Files, figures: object, editorLog: string): void {
	if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(figures, null, '\t')}\n`);
	if (logFile !== undefined) writeFileSync(logFile, editorLog);
}

async function prove(input: SoakInput, files: Files): Promise<number> {
	const result = await soak(input);
	console.log(reportOf(result));
	keep(files, figuresOf(result), result.editorLog);
	return isClean(result) ? 0 : 1;
}

async function compare(input: SoakInput, files: Files): Promise<number> {
	const result = await soakBeside(input);
	const { editorLog, ...figures } = result;
	console.log(besideLines(result));
	keep(files, figures, editorLog);
	if (files.write) {
		const versions = { nodes: input.nodes.version, n8n: input.installation.version };
		writeFileSync(join(ROOT, 'docs', 'BESIDE.md'), await besidePage(result, versions));
	}
	return result.rows[0]?.lost === 0 ? 0 : 1;
}

/** Gives the exit status. */
async function main(): Promise<number> {
	onInterruption(() => {
		endGroups();
		process.exit(INTERRUPTED_STATUS);
	});
	try {
		const options = parseSoakOptions(process.argv.slice(2), randomInt(2 ** 32));
		if (options.help) {
			console.log(HELP);
			return 0;
		}
		sweepWorkFolders();
		const { minutes, seed } = options;
		console.log(`${minutes} minutes, seed ${seed}`);
		const input = { ...(await prepareEditor()), minutes, seed, tell: console.log };
		return options.beside ? await compare(input, options) : await prove(input, options);
	} catch (error) {
		if (!(error instanceof SetUpFailure)) throw error;
		console.error(error.message);
		return 1;
	}
}

process.exitCode = await main();
