import { installEditor, type EditorInstallation } from '../scripts/editor/installEditor.ts';
import { packPackage, type PackedPackage } from '../scripts/editor/packPackage.ts';
import { createWorkFolder, removeFolder } from '../scripts/folders.ts';
import { buildPackage } from '../scripts/packageBuild.ts';
import { withProgress } from '../scripts/progress.ts';
import { SetUpFailure } from '../scripts/setUpFailure.mjs';

/** What an n8n with the package is started from. */
export interface EditorParts {
	readonly nodes: PackedPackage;
	readonly installation: EditorInstallation;
}

let prepared: Promise<EditorParts> | undefined;

/** The package as it is published, and an n8n; both are made once, and last until this process ends. @throws SetUpFailure */
export async function prepareEditor(): Promise<EditorParts> {
	return await (prepared ??= prepare());
}

async function prepare(): Promise<EditorParts> {
	const work = createWorkFolder();
	process.once('exit', () => removeFolder(work));
	const installation = await installEditor();
	const { ok, output } = await withProgress('Building the package', buildPackage);
	if (!ok) throw new SetUpFailure(`The package could not be built:\n${output}`);
	return { nodes: await packPackage(work), installation };
}
