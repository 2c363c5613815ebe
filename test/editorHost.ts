import { readFileSync } from 'node:fs';
import type { Editor } from '../scripts/editor/editor.ts';
import type { EditorRest } from '../scripts/editor/rest.ts';

export interface Kill {
	/** Milliseconds since 1970. */
	readonly at: number;
	readonly point: string;
}

const REFUSED = /duplicate deduplication key/;

export const ORDERLY = 'n8n.restarted';

/** An n8n to be killed: it is killed at once, wherever the call comes from, and started again in order. */
export class Host {
	readonly kills: Kill[] = [];
	/** Orderly ends: what could not be recorded until then (no connection) is as unknown as after a kill. */
	readonly ends: Kill[] = [];
	/** When n8n was gone, and not ready yet. */
	readonly starting: { readonly from: number; readonly to: number }[] = [];
	readonly rest: EditorRest;
	readonly #editor: Editor;
	#ending: Promise<void> = Promise.resolve();

	constructor(editor: Editor, rest: EditorRest) {
		this.#editor = editor;
		this.rest = rest;
	}

	get isRunning(): boolean {
		return this.#editor.pid !== undefined;
	}

	/** The signal is sent before this returns. */
	kill(point: string): void {
		if (!this.isRunning) return;
		this.kills.push({ at: Date.now(), point });
		this.#ending = this.#editor.kill('SIGKILL');
	}

	/** After a kill, or in its own time where it still runs. */
	async restart(): Promise<void> {
		const from = this.isRunning ? Date.now() : (this.kills.at(-1)?.at ?? Date.now());
		if (this.isRunning) this.ends.push({ at: from, point: ORDERLY });
		await this.#ending;
		await this.#editor.restart();
		this.starting.push({ from, to: Date.now() });
	}

	async executions(): Promise<number> {
		const { count } = await this.rest.request<{ count: number }>('GET', '/executions?limit=1');
		return count;
	}

	/** The keys of runs that n8n did not start because it had one of that key, by its log (N8N_LOG_FORMAT=json). */
	refused(): string[] {
		return this.log()
			.split('\n')
			.filter((line) => REFUSED.test(line))
			.map((line) => /"deduplicationKey":"([^"]*)"/.exec(line)?.[1] ?? '');
	}

	/** Everything n8n printed. */
	log(): string {
		return readFileSync(this.#editor.logFile, 'utf8');
	}
}
