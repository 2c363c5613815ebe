// npm start [-- <options>]
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { endGroups } from './childGroup.ts';
import { HELP, parseDemoOptions } from './demo/options.ts';
import type { DemoOptions } from './demo/options.ts';
import { runDemo } from './demo/runDemo.ts';
import { OWNER, startSession } from './demo/session.ts';
import { sweepWorkFolders } from './folders.ts';
import { INTERRUPTED_STATUS, onInterruption } from './interruption.ts';
import { SetUpFailure } from './setUpFailure.mjs';

function print(line: string): void {
	console.log(line);
}

/** Gives the exit status. */
async function present(options: DemoOptions, signal: AbortSignal): Promise<number> {
	const { once: runOnce, jsonFile, port } = options;
	const session = await startSession({ signal, print, ...(port === undefined ? {} : { port }) });
	try {
		const { figures, faults } = await runDemo(session.context);
		if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(figures, null, 2)}\n`);
		print(JSON.stringify(figures));
		for (const fault of faults) print(`Wrong: ${fault}`);
		if (!runOnce) {
			print(`\nn8n is at ${session.context.editor.url}`);
			print(`Sign in as ${OWNER.email} with the password ${OWNER.password}`);
			print('Ctrl+C ends everything.');
			if (!signal.aborted) await once(signal, 'abort');
			print('\nEnding…');
		}
		return faults.length === 0 ? 0 : 1;
	} finally {
		await session.stop();
	}
}

async function main(): Promise<number> {
	const interruption = new AbortController();
	onInterruption(() => {
		interruption.abort();
		endGroups();
	});
	try {
		const options = parseDemoOptions(process.argv.slice(2));
		if (options.help) {
			print(HELP);
			return 0;
		}
		sweepWorkFolders();
		return await present(options, interruption.signal);
	} catch (error) {
		if (interruption.signal.aborted) return INTERRUPTED_STATUS;
		if (!(error instanceof SetUpFailure)) throw error;
		console.error(error.message);
		return 1;
	}
}

process.exitCode = await main();
