import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import type { Socket } from 'node:net';

export interface ChildOptions {
	readonly cwd: string;
	/** All of the child's variables. */
	readonly env: NodeJS.ProcessEnv;
	/** Standard output and standard error; standard input is empty. */
	readonly output: number | 'pipe';
	readonly shell?: boolean;
}

const WINDOWS = process.platform === 'win32';
const PARENT_WATCH = new URL('endWithParent.mjs', import.meta.url).href;

/** Arguments that make a Node end with this process. */
export const PARENT_WATCH_ARGUMENTS = ['--import', PARENT_WATCH] as const;

/** The same for a program that starts its Node itself: variables beside those of `env`. */
export function parentWatchVariables(env: NodeJS.ProcessEnv): { NODE_OPTIONS: string } {
	return { NODE_OPTIONS: `${env.NODE_OPTIONS ?? ''} --import=${PARENT_WATCH}`.trim() };
}

const running = new Set<number>();
let ending = false;

/** Sends a signal to a child of `startGroup` and to all its children. Nothing happens when they are gone. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(WINDOWS ? pid : -pid, signal);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
	}
}

/** Ends, at once, everything that was started here and still runs. Nothing more can be started then. */
export function endGroups(): void {
	ending = true;
	for (const pid of running) signalGroup(pid, 'SIGKILL');
}

process.on('exit', endGroups);

/**
 * Starts a program as the head of a process group. The group ends with this process: by `endGroups` at its exit, and by
 * endWithParent.mjs where the program is a Node that loads it. What is left of the group when its head is gone ends too.
 */
export function startGroup(
	command: string,
	args: readonly string[],
	options: ChildOptions,
): ChildProcess {
	if (ending) throw new Error('This process is ending: it starts nothing more.');
	const { cwd, env, output, shell = false } = options;
	const stdio: StdioOptions = ['ignore', output, output, 'pipe'];
	const child = spawn(command, args, {
		cwd,
		env: { ...env, N8N_NODES_PEC_PARENT: 'pipe' },
		stdio,
		shell,
		detached: !WINDOWS,
	});
	// The program may end first and break the pipe.
	const pipe = child.stdio[3] as Socket;
	pipe.on('error', () => pipe.destroy());
	const { pid } = child;
	if (pid === undefined) return child;
	running.add(pid);
	child.once('exit', () => {
		signalGroup(pid, 'SIGKILL');
		running.delete(pid);
	});
	return child;
}
