import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { signalGroup } from '../../scripts/childGroup.ts';

const NOBODY = { uid: 65534, gid: 65534, user: 'nobody', group: 'nogroup' };

export type Owner = typeof NOBODY;

export interface ServerAccount {
	readonly user: string;
	readonly password: string;
	/** Bytes. */
	readonly quotaLimit?: number;
}

/** A mail server of somebody else's making, running for the tests alone. */
export interface ImapProcess {
	readonly imap: { readonly host: string; readonly port: number; readonly secure: true };
	readonly imapStartTls: { readonly host: string; readonly port: number; readonly secure: false };
	/** PEM. */
	readonly tlsCa: string;
	stop(): Promise<void>;
}

/** Who the server runs as: the present user, or nobody when that is root, as which mail servers do not work. */
export function ownerOfServer(): Owner {
	const { uid, gid, username } = userInfo();
	if (uid === 0) return NOBODY;
	const group = execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim();
	return { uid, gid, user: username, group };
}

/** What `spawn` and `execFile` want to run something as that owner. */
export function identityOf({ uid, gid }: Owner): { uid?: number; gid?: number } {
	return process.getuid?.() === 0 ? { uid, gid } : {};
}

/** A folder for the server's files. The name is short: it becomes part of socket names, which have 107 bytes. */
export async function createServerFolder(name: string): Promise<string> {
	return await mkdtemp(join(tmpdir(), `${name}-`));
}

/** Gives all that is in the folder, and it, to the owner. */
export async function giveTo(owner: Owner, folder: string): Promise<void> {
	if (process.getuid?.() !== 0) return;
	const names = await readdir(folder, { recursive: true });
	for (const name of ['', ...names]) await chown(join(folder, name), owner.uid, owner.gid);
}

/** As many different ports of 127.0.0.1 on which nothing listens. */
export async function freePorts(count: number): Promise<number[]> {
	const servers = Array.from({ length: count }, () => createServer());
	const ports = await Promise.all(
		servers.map(
			async (server) =>
				await new Promise<number>((resolve, reject) => {
					server.once('error', reject);
					server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
				}),
		),
	);
	await Promise.all(
		servers.map(async (server) => await new Promise((resolve) => server.close(resolve))),
	);
	return ports;
}

export interface ServerCommand {
	readonly name: string;
	readonly folder: string;
	readonly owner: Owner;
	readonly command: readonly [string, ...string[]];
	readonly env?: Readonly<Record<string, string>>;
	/** What it says on its standard output or error when it can be used. */
	readonly ready: string;
	/** What ends it at once. Default: SIGKILL, with all its workers. */
	readonly endsBy?: NodeJS.Signals;
}

/** Starts the server and resolves when it is ready, with a function that ends it with all its workers and removes its folder. */
export async function runServer(options: ServerCommand): Promise<() => Promise<void>> {
	const remove = async () => await rm(options.folder, { recursive: true, force: true });
	try {
		const end = await spawnServer(options);
		return async () => {
			await end();
			await remove();
		};
	} catch (error) {
		await remove();
		throw error;
	}
}

/** The same, but its folder stays: it can be started again. */
export async function spawnServer(options: ServerCommand): Promise<() => Promise<void>> {
	const { name, folder, owner, ready, endsBy } = options;
	const [binary, ...args] = options.command;
	const server = spawn(binary, args, {
		cwd: folder,
		// Its own process group, so that its workers end with it.
		detached: true,
		stdio: ['ignore', 'pipe', 'pipe'],
		env: { ...process.env, ...options.env },
		...identityOf(owner),
	});
	const signal = endsBy ?? 'SIGKILL';
	const { pid } = server;
	if (pid !== undefined) {
		const watcher = endWithThisProcess(pid, signal);
		server.once('exit', () => {
			signalGroup(pid, 'SIGKILL');
			watcher.kill('SIGKILL');
		});
	}
	const end = async () => await endGroup(server, signal);
	try {
		await said(name, server, ready);
	} catch (error) {
		await end();
		throw error;
	}
	return end;
}

/**
 * Ends a process group when this process is gone, however that went: after SIGKILL it can do nothing itself. What waits is
 * no part of its group, so that it outlives whoever ends that.
 */
function endWithThisProcess(pid: number, signal: NodeJS.Signals): ChildProcess {
	// Nothing is ever written: reading ends when nobody is left who could.
	const script = 'read -r _; kill -s "$0" -- "-$1"';
	const watcher = spawn('/bin/sh', ['-c', script, signal.replace('SIG', ''), String(pid)], {
		detached: true,
		stdio: ['pipe', 'ignore', 'ignore'],
	});
	watcher.unref();
	(watcher.stdin as Socket).unref();
	return watcher;
}

async function said(
	name: string,
	server: { stdout: Readable; stderr: Readable } & ChildProcess,
	ready: string,
): Promise<void> {
	const lines: string[] = [];
	await new Promise<void>((resolve, reject) => {
		for (const input of [server.stdout, server.stderr]) {
			createInterface({ input }).on('line', (line) => {
				lines.push(line);
				if (line.includes(ready)) resolve();
			});
		}
		server.once('error', reject);
		server.once('exit', () => reject(new Error(`${name} did not start: ${lines.join(' / ')}`)));
	});
}

async function endGroup(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
	if (server.pid === undefined || server.exitCode !== null) return;
	const exited = new Promise((resolve) => server.once('exit', resolve));
	// SIGTERM takes a second; nothing of it is kept.
	process.kill(-server.pid, signal);
	await exited;
}
