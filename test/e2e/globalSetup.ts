import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { createPki } from '../../sandbox/pki/hierarchy.ts';
import { startEditor } from '../../scripts/editor/editor.ts';
import type { Editor } from '../../scripts/editor/editor.ts';
import { installEditor } from '../../scripts/editor/installEditor.ts';
import { packPackage } from '../../scripts/editor/packPackage.ts';
import { EditorRest } from '../../scripts/editor/rest.ts';
import { createWorkFolder, removeFolder, sweepWorkFolders } from '../../scripts/folders.ts';
import { buildPackage } from '../../scripts/packageBuild.ts';
import { OWNER } from './owner.ts';

/** Builds and packs the package, and starts the n8n that all e2e files of a run share. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
	if (Number(process.versions.node.split('.')[0]) < 24) {
		throw new Error(
			'n8n needs Node.js 24: run these tests with "npm test -- e2e", which provides it.',
		);
	}
	sweepWorkFolders();
	const workFolder = createWorkFolder();
	let editor: Editor | undefined;
	const tearDown = async () => {
		await editor?.stop();
		removeFolder(workFolder);
	};
	try {
		const built = await buildPackage();
		if (!built.ok) throw new Error(`The package cannot be built.\n${built.output}`);
		const nodes = await packPackage(workFolder);
		const installation = await installEditor();
		const { tls, tlsCa } = await createPki({ providers: [], now: new Date(), tls: 'valid' });
		const authority = join(workFolder, 'authority.pem');
		writeFileSync(authority, tlsCa);
		// n8n's own credentials have no field for an authority.
		const trust = { NODE_EXTRA_CA_CERTS: authority };
		editor = await startEditor({ nodes, installation, env: trust });
		await new EditorRest(editor.url).setUpOwner(OWNER);
		project.provide('nodes', nodes);
		project.provide('installation', installation);
		project.provide('trustedTls', tls);
		project.provide('trust', trust);
		project.provide('editor', {
			url: editor.url,
			dataFolder: editor.dataFolder,
			logFile: editor.logFile,
		});
		return tearDown;
	} catch (error) {
		await tearDown();
		throw error;
	}
}
