import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '../../sandbox/index.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { startEditor } from '../editor/editor.ts';
import type { Editor } from '../editor/editor.ts';
import { installEditor } from '../editor/installEditor.ts';
import { packPackage } from '../editor/packPackage.ts';
import { portIsFree, requireFreePort } from '../editor/ports.ts';
import { EditorRest } from '../editor/rest.ts';
import type { Owner } from '../editor/restTypes.ts';
import { createWorkFolder, removeFolder } from '../folders.ts';
import { buildPackage } from '../packageBuild.ts';
import { withProgress } from '../progress.ts';
import { SetUpFailure } from '../setUpFailure.mjs';
import type { DemoContext } from './context.ts';
import { sandboxCredential } from './credential.ts';

/** n8n's own; people expect it there. */
const USUAL_PORT = 5678;

/** Not a secret: this n8n listens on 127.0.0.1 alone and is gone with the demo. */
export const OWNER: Owner = { email: 'demo@example.test', password: 'Demo-Pec-2026' };

export interface DemoSession {
	readonly context: DemoContext;
	/** Ends everything that was started and removes its files. Calling it again does nothing more. */
	stop(): Promise<void>;
}

async function choosePort(wanted: number | undefined): Promise<number | undefined> {
	if (wanted !== undefined) return wanted;
	return (await portIsFree(USUAL_PORT)) ? USUAL_PORT : undefined;
}

async function buildOrFail(): Promise<void> {
	const { ok, output } = await buildPackage();
	if (!ok) throw new SetUpFailure(`The package could not be built:\n${output}`);
}

/**
 * Starts the sandbox and an n8n that has the packed package, an owner and a credential. `signal` ends the start early;
 * then, and after any failure, nothing is left running. Throws `SetUpFailure`.
 */
export async function startSession(options: {
	readonly port?: number;
	readonly signal: AbortSignal;
	readonly print: (line: string) => void;
}): Promise<DemoSession> {
	const { signal } = options;
	// Before the minutes that an install may take.
	if (options.port !== undefined) await requireFreePort(options.port);
	const work = createWorkFolder();
	let sandbox: Sandbox | undefined;
	let editor: Editor | undefined;
	const stop = async () => {
		await Promise.allSettled([editor?.stop(), sandbox?.stop()]);
		removeFolder(work);
	};
	try {
		const installation = await installEditor({ signal });
		signal.throwIfAborted();
		await withProgress('Building the package', buildOrFail);
		const nodes = await packPackage(work);
		sandbox = await start();
		const port = await choosePort(options.port);
		signal.throwIfAborted();
		const userFolder = join(work, 'n8n');
		mkdirSync(userFolder);
		editor = await withProgress(
			'Starting n8n (10 to 30 seconds)',
			async () =>
				await startEditor({
					nodes,
					installation,
					userFolder,
					...(port === undefined ? {} : { port }),
				}),
		);
		signal.throwIfAborted();
		const rest = new EditorRest(editor.url);
		await rest.setUpOwner(OWNER);
		const [account] = sandbox.accounts;
		if (account === undefined) throw new Error('The sandbox has no account.');
		const credential = await rest.createCredential(sandboxCredential(sandbox, account));
		const folders = { work, data: editor.dataFolder };
		const { print } = options;
		return {
			context: { sandbox, editor, rest, account, credential, folders, signal, print },
			stop,
		};
	} catch (error) {
		await stop();
		throw error;
	}
}
