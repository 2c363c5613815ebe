import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { runNode } from '../../scripts/command.ts';
import { createWorkFolder, removeFolder, ROOT } from '../../scripts/folders.ts';

let compiled: Promise<string> | undefined;

/**
 * Compiles the nodes' sources into a folder, as they are published: that is what is measured. Once for all works.
 * @returns the folder, which lasts until this process ends; rejects with the compiler's words when it fails
 */
export async function compileLibrary(tell: (line: string) => void): Promise<string> {
	if (!compiled) tell('Compiling the sources…');
	return await (compiled ??= compile());
}

async function compile(): Promise<string> {
	const workFolder = createWorkFolder();
	process.once('exit', () => removeFolder(workFolder));
	const library = join(workFolder, 'library');
	const modules = join(ROOT, 'node_modules');
	const { code, output } = await runNode(
		// prettier-ignore
		[join(modules, 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json', '--outDir', library,
			'--declaration', 'false', '--noCheck'],
		{ cwd: ROOT },
	);
	if (code !== 0) throw new Error(`The sources do not compile:\n${output}`);
	// Packages are looked for beside and above the file that wants them.
	symlinkSync(modules, join(workFolder, 'node_modules'), 'junction');
	return library;
}
