import { join } from 'node:path';
import { bundleLibraries } from './bundle.ts';
import { runNode } from './command.ts';
import { removeFolder, ROOT } from './folders.ts';
import { writeOutputSchemas } from './outputSchemas.ts';

export interface BuildResult {
	readonly ok: boolean;
	readonly output: string;
}

/**
 * Compiles the package into an empty `dist/`: the sources, then what gulp copies (icons, codex files), then the
 * libraries that come inside, then what n8n lists as the fields of each operation. @throws when a library cannot be bundled, or
 * docs/OUTPUT.md not be read
 */
export async function buildPackage(): Promise<BuildResult> {
	removeFolder(join(ROOT, 'dist'));
	const modules = join(ROOT, 'node_modules');
	const compiled = await runNode(
		[join(modules, 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'],
		{ cwd: ROOT },
	);
	if (compiled.code !== 0) return { ok: false, output: compiled.output };
	const copied = await runNode([join(modules, 'gulp', 'bin', 'gulp.js'), 'build:assets'], {
		cwd: ROOT,
	});
	if (copied.code === 0) {
		await bundleLibraries(join(ROOT, 'dist'));
		writeOutputSchemas(join(ROOT, 'dist'));
	}
	return { ok: copied.code === 0, output: compiled.output + copied.output };
}
