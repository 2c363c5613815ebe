import type { Sandbox } from '../../sandbox/index.ts';
import type { Editor } from '../editor/editor.ts';
import type { EditorRest } from '../editor/rest.ts';
import type { SavedCredential } from '../editor/restTypes.ts';

export type SandboxAccount = Sandbox['accounts'][number];

/** Everything the demo works with, already running. */
export interface DemoContext {
	readonly sandbox: Sandbox;
	/** n8n with the packed package installed. */
	readonly editor: Editor;
	/** Signed in as the owner. */
	readonly rest: EditorRest;
	/** The sandbox account that `credential` signs in to. */
	readonly account: SandboxAccount;
	/** Of type `pecApi`. */
	readonly credential: SavedCredential;
	readonly folders: {
		/** For the demo's own files; removed at the end. */
		readonly work: string;
		/** The only one whose files a workflow may read and write; removed at the end. */
		readonly data: string;
	};
	/** Aborted at Ctrl+C: what waits should stop waiting. */
	readonly signal: AbortSignal;
	/** One line for the person who watches. */
	print(line: string): void;
}
