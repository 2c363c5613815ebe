import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '../../../sandbox/index.ts';
import type { Sandbox } from '../../../sandbox/index.ts';
import { startEditor } from '../../../scripts/editor/editor.ts';
import type { Editor } from '../../../scripts/editor/editor.ts';
import type { EditorInstallation } from '../../../scripts/editor/installEditor.ts';
import type { PackedPackage } from '../../../scripts/editor/packPackage.ts';
import { EditorRest } from '../../../scripts/editor/rest.ts';
import type { Owner } from '../../../scripts/editor/restTypes.ts';
import { removeFolder } from '../../../scripts/folders.ts';
import { Effects } from './effects.ts';
import { writeEmitter } from './emitter.ts';
import { MAILBOXES, PASSWORD } from './flows.ts';

export const OWNER: Owner = { email: 'owner@example.test', password: 'Only-For-Bench-1' };

export interface StagePlan {
	readonly nodes: PackedPackage;
	readonly installation: EditorInstallation;
	/** Made, and removed at the end. */
	readonly folder: string;
	/** Addresses; those of MAILBOXES unless given. */
	readonly mailboxes?: readonly string[];
	/** Variables of n8n. */
	readonly env?: Readonly<Record<string, string>>;
	/** Of n8n, MB; its own unless given. */
	readonly heapMegabytes?: number;
}

/** An n8n that has run nothing yet, a provider whose mailboxes are empty, and the page that runs ask for. */
export interface Stage {
	readonly sandbox: Sandbox;
	readonly effects: Effects;
	readonly editor: Editor;
	readonly rest: EditorRest;
	/** For files of the measurement. */
	readonly folder: string;
}

/** Sets a stage for one measurement, and takes it down whatever comes of it. */
export async function onStage<T>(
	{ nodes, installation, folder, ...plan }: StagePlan,
	work: (stage: Stage) => Promise<T>,
): Promise<T> {
	mkdirSync(folder);
	const tlsCaFile = join(folder, 'tls-ca.pem');
	const extensions = join(folder, 'extensions');
	writeEmitter(extensions);
	const { mailboxes = Object.values(MAILBOXES), env = {}, heapMegabytes } = plan;
	const accounts = mailboxes.map((address) => ({ address, password: PASSWORD }));
	const sandbox = await start({ accounts });
	let effects: Effects | undefined;
	let editor: Editor | undefined;
	try {
		writeFileSync(tlsCaFile, sandbox.tlsCa);
		effects = await Effects.start();
		editor = await startEditor({
			nodes,
			installation,
			userFolder: join(folder, 'n8n'),
			env: {
				NODE_EXTRA_CA_CERTS: tlsCaFile,
				...env,
				N8N_CUSTOM_EXTENSIONS: extensions,
				...(heapMegabytes === undefined
					? {}
					: { NODE_OPTIONS: `--max-heap-size=${heapMegabytes}` }),
			},
		});
		const rest = new EditorRest(editor.url);
		await rest.setUpOwner(OWNER);
		return await work({ sandbox, effects, editor, rest, folder });
	} finally {
		await editor?.stop();
		await effects?.stop();
		await sandbox.stop();
		removeFolder(folder);
	}
}
