// npm run crash [-- <options>]
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { endGroups } from '../../scripts/childGroup.ts';
import { sweepWorkFolders } from '../../scripts/folders.ts';
import { INTERRUPTED_STATUS, onInterruption } from '../../scripts/interruption.ts';
import { SetUpFailure } from '../../scripts/setUpFailure.mjs';
import { prepareEditor } from '../prepareEditor.ts';
import { crash } from './crashing.ts';
import { helpOn, parseCrashOptions, type CrashOptions } from './options.ts';
import { POINT_NAMES, POINTS } from './points.ts';
import { figuresOf, isClean, reportOf } from './report.ts';

async function prove(options: CrashOptions): Promise<number> {
	const { rounds, batch, seed, jsonFile, logFile } = options;
	console.log(`${rounds} mailings of ${batch} rows, seed ${seed}`);
	const result = await crash({
		parts: await prepareEditor(),
		...{ rounds, batch, seed },
		points: POINTS.filter(({ name }) => options.points.includes(name)),
		tell: console.log,
	});
	console.log(reportOf(result));
	if (jsonFile !== undefined) {
		writeFileSync(jsonFile, `${JSON.stringify(figuresOf(result), null, '\t')}\n`);
	}
	if (logFile !== undefined) writeFileSync(logFile, result.editorLog);
	return isClean(result) ? 0 : 1;
}

/** Gives the exit status. */
async function main(): Promise<number> {
	onInterruption(() => {
		endGroups();
		process.exit(INTERRUPTED_STATUS);
	});
	try {
		const anySeed = randomInt(2 ** 32);
		const options = parseCrashOptions(process.argv.slice(2), { anySeed, points: POINT_NAMES });
		if (options.help) {
			console.log(helpOn(POINT_NAMES));
			return 0;
		}
		sweepWorkFolders();
		return await prove(options);
	} catch (error) {
		if (!(error instanceof SetUpFailure)) throw error;
		console.error(error.message);
		return 1;
	}
}

process.exitCode = await main();
