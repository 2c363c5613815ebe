import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { start, type Sandbox } from '../../sandbox/index.ts';
import { startEditor, type Editor } from '../../scripts/editor/editor.ts';
import type { EditorInstallation } from '../../scripts/editor/installEditor.ts';
import type { PackedPackage } from '../../scripts/editor/packPackage.ts';
import { EditorRest } from '../../scripts/editor/rest.ts';
import type { Owner } from '../../scripts/editor/restTypes.ts';
import type { WorkflowDefinition } from '../../scripts/editor/workflow.ts';
import { createWorkFolder, removeFolder } from '../../scripts/folders.ts';
import { EffectsServer } from './effects.ts';
import { Host } from '../editorHost.ts';
import { RECEIPTS_FOLDER } from './mailbox.ts';

/** What a soak is made with. */
export interface SoakInput {
	readonly nodes: PackedPackage;
	readonly installation: EditorInstallation;
	readonly minutes: number;
	readonly seed: number;
	readonly tell: (line: string) => void;
}

/** The provider, and the server that counts effects: there before n8n is. */
export interface Stage {
	readonly sandbox: Sandbox;
	readonly effects: EffectsServer;
	/** Starts the n8n. */
	raise(input: Pick<SoakInput, 'nodes' | 'installation'>): Promise<Host>;
	/** Ends everything that was started. */
	stop(): Promise<void>;
}

/** Not a secret: this n8n listens on 127.0.0.1 alone and is gone with the soak. */
const OWNER: Owner = { email: 'soak@example.test', password: 'Only-For-Soaks-1' };

/** @param failsFirst whether the first run of a message is to fail, before its effect */
export async function openStage(failsFirst: (pecKey: string) => boolean): Promise<Stage> {
	const sandbox = await start({ dialects: { alfa: { receiptsFolder: RECEIPTS_FOLDER } } });
	const effects = await EffectsServer.start(failsFirst);
	const folder = createWorkFolder();
	let editor: Editor | undefined;
	return {
		sandbox,
		effects,
		raise: async (input) => {
			// The credential of n8n's own trigger has no field for it.
			const authority = join(folder, 'authority.pem');
			writeFileSync(authority, sandbox.tlsCa);
			editor = await startEditor({
				...input,
				env: { N8N_LOG_FORMAT: 'json', NODE_EXTRA_CA_CERTS: authority },
			});
			const rest = new EditorRest(editor.url);
			await rest.setUpOwner(OWNER);
			return new Host(editor, rest);
		},
		stop: async () => {
			await Promise.allSettled([editor?.stop(), effects.stop(), sandbox.stop()]);
			removeFolder(folder);
		},
	};
}

/** Saves a workflow and publishes it. @returns its id; throws when its trigger does not start */
export async function publish(rest: EditorRest, workflow: WorkflowDefinition): Promise<string> {
	const { id } = await rest.createWorkflow(workflow);
	const { status, triggers } = await rest.activate(id);
	if (status === 'published') return id;
	throw new Error(`n8n did not activate a trigger: ${triggers[0]?.errorMessage ?? status}`);
}
