// npm run soak [-- <options>]
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { endGroups } from '../../scripts/childGroup.ts';
import { installEditor } from '../../scripts/editor/installEditor.ts';
import { packPackage } from '../../scripts/editor/packPackage.ts';
import { createWorkFolder, removeFolder, sweepWorkFolders } from '../../scripts/folders.ts';
import { INTERRUPTED_STATUS, onInterruption } from '../../scripts/interruption.ts';
import { buildPackage } from '../../scripts/packageBuild.ts';
import { withProgress } from '../../scripts/progress.ts';
import { SetUpFailure } from '../../scripts/setUpFailure.mjs';
import { HELP, parseSoakOptions } from './options.ts';
import { figuresOf, isClean, reportOf } from './report.ts';
import { soak } from './soaking.ts';

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
		const { minutes, seed, jsonFile, logFile } = options;
		console.log(`${minutes} minutes, seed ${seed}`);
		const work = createWorkFolder();
		process.once('exit', () => removeFolder(work));
		const installation = await installEditor();
		const { ok, output } = await withProgress('Building the package', buildPackage);
		if (!ok) throw new SetUpFailure(`The package could not be built:\n${output}`);
		const nodes = await packPackage(work);
		const result = await soak({ nodes, installation, minutes, seed, tell: console.log });
		console.log(reportOf(result));
		if (jsonFile !== undefined) {
			writeFileSync(jsonFile, `${JSON.stringify(figuresOf(result), null, '\t')}\n`);
		}
		if (logFile !== undefined) writeFileSync(logFile, result.editorLog);
		return isClean(result) ? 0 : 1;
	} catch (error) {
		if (!(error instanceof SetUpFailure)) throw error;
		console.error(error.message);
		return 1;
	}
}

process.exitCode = await main();
