import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAlive } from './lock.mjs';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const WORK_FOLDER = /^n8n-nodes-pec-(\d+)-/;

/** Where things that a second checkout can use again are kept, by the platform's own rule. */
export function cacheFolder(
	env: NodeJS.ProcessEnv = process.env,
	platform: NodeJS.Platform = process.platform,
	home: string = homedir(),
): string {
	const base: Partial<Record<NodeJS.Platform, string>> = {
		darwin: join(home, 'Library', 'Caches'),
		win32: env.LOCALAPPDATA || join(home, 'AppData', 'Local'),
	};
	return join(base[platform] ?? (env.XDG_CACHE_HOME || join(home, '.cache')), 'n8n-nodes-pec');
}

/** Removes `folder` and what is in it, also while a process that was just ended lets go of its files. */
export function removeFolder(folder: string): void {
	rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** A folder of this process alone, for this user alone. Its name carries the process id, so that a crash can be cleaned up after. */
export function createWorkFolder(parent: string = tmpdir()): string {
	return mkdtempSync(join(parent, `n8n-nodes-pec-${process.pid}-`));
}

/** Removes the work folders of processes that are gone: those ended by SIGKILL could not do it themselves. */
export function sweepWorkFolders(parent: string = tmpdir()): void {
	for (const name of readdirSync(parent)) {
		const pid = WORK_FOLDER.exec(name)?.[1];
		if (pid === undefined || isAlive(Number(pid))) continue;
		try {
			removeFolder(join(parent, name));
		} catch (error) {
			// Another user's leftovers are theirs to remove.
			const { code } = error as NodeJS.ErrnoException;
			if (code !== 'EACCES' && code !== 'EPERM') throw error;
		}
	}
}
