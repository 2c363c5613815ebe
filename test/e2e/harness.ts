import { inject } from 'vitest';
import { startEditor } from '../../scripts/editor/editor.ts';
import type { Editor, EditorOptions } from '../../scripts/editor/editor.ts';
import type { EditorInstallation } from '../../scripts/editor/installEditor.ts';
import type { PackedPackage } from '../../scripts/editor/packPackage.ts';
import { EditorRest } from '../../scripts/editor/rest.ts';
import { OWNER } from './owner.ts';

export interface SharedEditor {
	/** Where forms and webhooks are: `http://127.0.0.1:<port>`, without a slash at the end. */
	readonly url: string;
	/** The only folder whose files a workflow may read and write. */
	readonly dataFolder: string;
	/** Everything this n8n printed. */
	readonly logFile: string;
}

/** An n8n that a flow is tried in, and a client signed in as its owner. */
export interface FlowEditor extends SharedEditor {
	readonly rest: EditorRest;
}

declare module 'vitest' {
	interface ProvidedContext {
		editor: SharedEditor;
		nodes: PackedPackage;
		installation: EditorInstallation;
		/** Of a server on localhost that the shared n8n trusts, whatever credential asks. PEM. */
		trustedTls: { readonly key: string; readonly cert: string };
		/** Of n8n: what makes it trust that server. */
		trust: Readonly<Record<string, string>>;
	}
}

/** The n8n all e2e files share (started by globalSetup.ts), and a client signed in as its owner. Leave it running. */
export async function useEditor(): Promise<FlowEditor> {
	const editor = inject('editor');
	const rest = new EditorRest(editor.url);
	await rest.signIn(OWNER);
	return { ...editor, rest };
}

/**
 * An n8n of the test's own, with the same package, to kill and to restart. Its session outlives a restart. The test
 * ends it: `onTestFinished(async () => await editor.stop())` or `afterAll`.
 */
export async function startOwnEditor(
	options: Pick<EditorOptions, 'env' | 'port' | 'userFolder'> = {},
): Promise<{ readonly editor: Editor; readonly rest: EditorRest }> {
	const editor = await startEditor({
		...options,
		nodes: inject('nodes'),
		installation: inject('installation'),
	});
	const rest = new EditorRest(editor.url);
	try {
		await rest.setUpOwner(OWNER);
	} catch (error) {
		await editor.stop();
		throw error;
	}
	return { editor, rest };
}
