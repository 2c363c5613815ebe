import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, cpSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PARENT_WATCH_ARGUMENTS, signalGroup, startGroup } from '../childGroup.ts';
import { createWorkFolder, removeFolder } from '../folders.ts';
import { SetUpFailure } from '../setUpFailure.mjs';
import { editorEnvironment } from './environment.ts';
import { installEditor } from './installEditor.ts';
import type { EditorInstallation } from './installEditor.ts';
import type { PackedPackage } from './packPackage.ts';
import { findFreePort, requireFreePort } from './ports.ts';
import { ROLES } from './roles.ts';
import type { EditorRole } from './roles.ts';

export interface EditorOptions {
	/** The package of nodes that n8n is to have installed. */
	readonly nodes: PackedPackage;
	/** Where n8n keeps its database and key. Default: a new folder, removed by `stop()`; one given here stays. */
	readonly userFolder?: string;
	/** Default: any free one. */
	readonly port?: number;
	/** Default: `main`. The others work for a main in queue mode, which `env` leads them to. */
	readonly role?: EditorRole;
	/** Variables beside, or instead of, those of `environment.ts`. */
	readonly env?: Readonly<Record<string, string>>;
	readonly installation?: EditorInstallation;
	/** How long it may take until n8n answers. */
	readonly startTimeoutMs?: number;
}

/** A running n8n. Its methods are called one at a time. */
export interface Editor {
	/** `http://127.0.0.1:<port>`, without a slash at the end. */
	readonly url: string;
	readonly port: number;
	readonly userFolder: string;
	/** The only folder whose files a workflow may read and write. */
	readonly dataFolder: string;
	/** Everything n8n printed since the first start. */
	readonly logFile: string;
	/** The process id of n8n, which is also its process group; `undefined` while it does not run. */
	readonly pid: number | undefined;
	/** Ends n8n in its own time where it still runs, and starts it again: same folder, same port. */
	restart(): Promise<void>;
	/** Sends n8n and its children a signal, and waits until n8n is gone. */
	kill(signal: NodeJS.Signals): Promise<void>;
	/** Ends n8n and its children, and removes its folder if it was made for it. Calling it again does nothing. */
	stop(): Promise<void>;
}

/** On a quiet machine 10 seconds; beside others' work much more. */
const START_TIMEOUT_MS = 300_000;
/** How long n8n may take to end beyond the time that it gives itself. */
const STOP_MARGIN_MS = 5_000;
const LOOK_AGAIN_MS = 100;

async function answers(url: string): Promise<boolean> {
	try {
		const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
		const body = await response.text();
		return response.ok && body.startsWith('{');
	} catch {
		return false;
	}
}

function lastLines(file: string): string {
	return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n  ');
}

class EditorProcess implements Editor {
	readonly url: string;
	readonly port: number;
	readonly userFolder: string;
	readonly dataFolder: string;
	readonly logFile: string;
	readonly #command: string;
	readonly #role: EditorRole;
	readonly #environment: Record<string, string>;
	readonly #startTimeoutMs: number;
	readonly #ownFolder: boolean;
	#child: ChildProcess | undefined;

	constructor(options: {
		port: number;
		brokerPort: number;
		folder: string;
		ownFolder: boolean;
		command: string;
		role: EditorRole;
		env: Readonly<Record<string, string>>;
		startTimeoutMs: number;
	}) {
		this.port = options.port;
		this.url = `http://127.0.0.1:${options.port}`;
		this.userFolder = options.folder;
		this.dataFolder = join(options.folder, 'data');
		this.logFile = join(options.folder, 'n8n.log');
		this.#command = options.command;
		this.#role = options.role;
		this.#startTimeoutMs = options.startTimeoutMs;
		this.#ownFolder = options.ownFolder;
		const { port, brokerPort } = options;
		this.#environment = {
			...editorEnvironment({
				userFolder: this.userFolder,
				dataFolder: this.dataFolder,
				port,
				brokerPort,
			}),
			...ROLES[options.role].environment(port),
			...options.env,
		};
	}

	get pid(): number | undefined {
		return this.#child?.pid;
	}

	async start(): Promise<void> {
		mkdirSync(this.dataFolder, { recursive: true });
		const log = openSync(this.logFile, 'a');
		const child = startGroup(
			process.execPath,
			[...PARENT_WATCH_ARGUMENTS, this.#command, ROLES[this.#role].command],
			{ cwd: this.userFolder, env: this.#environment, output: log },
		);
		closeSync(log);
		if (child.pid === undefined) {
			const [error] = (await once(child, 'error')) as [Error];
			throw new SetUpFailure(`n8n could not be started: ${error.message}`);
		}
		this.#child = child;
		child.once('exit', () => {
			this.#child = undefined;
		});
		await this.#waitUntilReady();
	}

	async #waitUntilReady(): Promise<void> {
		const deadline = performance.now() + this.#startTimeoutMs;
		while (!(await answers(this.url + ROLES[this.#role].readyPath))) {
			if (this.#child === undefined) {
				throw new SetUpFailure(
					`n8n ended while it was starting. It said:\n  ${lastLines(this.logFile)}`,
				);
			}
			if (performance.now() > deadline) {
				await this.kill('SIGKILL');
				throw new SetUpFailure(
					`n8n did not answer within ${this.#startTimeoutMs / 1000} s. It said:\n  ${lastLines(this.logFile)}`,
				);
			}
			await delay(LOOK_AGAIN_MS);
		}
	}

	async kill(signal: NodeJS.Signals): Promise<void> {
		const child = this.#child;
		if (child?.pid === undefined) return;
		const gone = once(child, 'exit');
		signalGroup(child.pid, signal);
		await gone;
	}

	async #end(): Promise<void> {
		const child = this.#child;
		if (child?.pid === undefined) return;
		const gone = once(child, 'exit');
		// To n8n alone: it ends its task runner itself.
		child.kill('SIGTERM');
		const graceMs = Number(this.#environment.N8N_GRACEFUL_SHUTDOWN_TIMEOUT) * 1_000;
		const overdue = setTimeout(() => child.kill('SIGKILL'), graceMs + STOP_MARGIN_MS);
		await gone;
		clearTimeout(overdue);
	}

	async restart(): Promise<void> {
		await this.#end();
		await this.start();
	}

	async stop(): Promise<void> {
		await this.#end();
		if (this.#ownFolder) removeFolder(this.userFolder);
	}
}

function installNodes(nodes: PackedPackage, userFolder: string): void {
	const folder = join(userFolder, '.n8n', 'nodes', 'node_modules', nodes.name);
	removeFolder(folder);
	mkdirSync(folder, { recursive: true });
	cpSync(nodes.folder, folder, { recursive: true });
}

/**
 * Starts n8n on 127.0.0.1, offline, with `nodes` installed the way its own installer does it, and waits until it answers.
 * It ends with this process, whatever ends that. Throws `SetUpFailure`.
 */
export async function startEditor(options: EditorOptions): Promise<Editor> {
	if (options.port !== undefined) await requireFreePort(options.port);
	const installation = options.installation ?? (await installEditor());
	const folder = options.userFolder ?? createWorkFolder();
	const editor = new EditorProcess({
		port: options.port ?? (await findFreePort()),
		brokerPort: await findFreePort(),
		folder,
		ownFolder: options.userFolder === undefined,
		command: installation.command,
		role: options.role ?? 'main',
		env: options.env ?? {},
		startTimeoutMs: options.startTimeoutMs ?? START_TIMEOUT_MS,
	});
	try {
		installNodes(options.nodes, folder);
		await editor.start();
	} catch (error) {
		await editor.stop();
		throw error;
	}
	return editor;
}
