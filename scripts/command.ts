import { delimiter, dirname } from 'node:path';
import { PARENT_WATCH_ARGUMENTS, parentWatchVariables, startGroup } from './childGroup.ts';
import { isNetworkFailure } from './setUpFailure.mjs';

export interface CommandOptions {
	readonly cwd: string;
	/** Beside this process's own variables. */
	readonly env?: Readonly<Record<string, string>>;
	readonly shell?: boolean;
}

export interface CommandResult {
	/** Exit status; `null` when a signal ended it or it never started. */
	readonly code: number | null;
	/** Standard output and standard error as they were interleaved. */
	readonly output: string;
	/** Standard output alone. */
	readonly stdout: string;
}

/** The command's `node` is the one this process runs on, also where the machine's own is older. */
function pathWithThisNode(): string {
	return `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`;
}

/**
 * Runs a command to its end. Rejects only after `endGroups`: a command that cannot start has the code `null` and the
 * reason as output. The command and its children end with this process.
 */
export async function runCommand(
	command: string,
	args: readonly string[],
	options: CommandOptions,
): Promise<CommandResult> {
	return await new Promise((resolve) => {
		const child = startGroup(command, args, {
			cwd: options.cwd,
			env: { ...process.env, PATH: pathWithThisNode(), ...options.env },
			output: 'pipe',
			shell: options.shell ?? false,
		});
		let output = '';
		let stdout = '';
		child.stdout?.setEncoding('utf8').on('data', (text: string) => {
			output += text;
			stdout += text;
		});
		child.stderr?.setEncoding('utf8').on('data', (text: string) => {
			output += text;
		});
		child.on('error', (error) => resolve({ code: null, output: error.message, stdout }));
		child.on('close', (code) => resolve({ code, output, stdout }));
	});
}

/** Runs a JavaScript file, or what the arguments of `node` say, on the Node this process runs on. */
export async function runNode(
	args: readonly string[],
	options: CommandOptions,
): Promise<CommandResult> {
	return await runCommand(process.execPath, [...PARENT_WATCH_ARGUMENTS, ...args], options);
}

export type RunNpm = typeof runNpm;

/** Runs npm on the Node this process runs on. */
export async function runNpm(
	args: readonly string[],
	options: CommandOptions,
): Promise<CommandResult> {
	return await runCommand('npm', args, {
		...options,
		env: { ...parentWatchVariables(process.env), ...options.env },
		// On Windows npm is a .cmd file, which only a shell starts.
		shell: process.platform === 'win32',
	});
}

/**
 * The option of `npm ci` and `npm install` that says where packages come from: the cache before the registry, or the
 * cache alone where the registry cannot be reached. Asked first, because an install tries for minutes before it says so.
 */
export async function choosePackageSource(
	cwd: string,
	npm: RunNpm = runNpm,
): Promise<'--offline' | '--prefer-offline'> {
	const { output } = await npm(['ping', '--fetch-retries=0'], { cwd });
	return isNetworkFailure(output) ? '--offline' : '--prefer-offline';
}
