import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheFolder, createWorkFolder, sweepWorkFolders } from '../../scripts/folders.ts';
import { temporaryFolder } from './temporary.ts';

/** The id of a process that has ended. */
function endedPid(): number {
	return spawnSync(process.execPath, ['--version']).pid;
}

describe('the cache', () => {
	it.each([
		['linux', {}, '/home/me/.cache/n8n-nodes-pec'],
		['linux', { XDG_CACHE_HOME: '/cache' }, '/cache/n8n-nodes-pec'],
		['linux', { XDG_CACHE_HOME: '' }, '/home/me/.cache/n8n-nodes-pec'],
		['darwin', { XDG_CACHE_HOME: '/cache' }, '/home/me/Library/Caches/n8n-nodes-pec'],
		['win32', { LOCALAPPDATA: '/local' }, '/local/n8n-nodes-pec'],
		['win32', {}, '/home/me/AppData/Local/n8n-nodes-pec'],
	] as const)('on %s with %o is %s', (platform, env, folder) => {
		expect(cacheFolder(env, platform, '/home/me')).toBe(join(folder));
	});
});

describe('work folders', () => {
	it('of a process that is gone are swept with what is in them', () => {
		const parent = temporaryFolder();
		const left = join(parent, `n8n-nodes-pec-${endedPid()}-abc`);
		mkdirSync(join(left, 'n8n'), { recursive: true });
		writeFileSync(join(left, 'n8n', 'database.sqlite'), '');
		sweepWorkFolders(parent);
		expect(existsSync(left)).toBe(false);
	});

	it('of a running process, and folders of others, stay', () => {
		const parent = temporaryFolder();
		const mine = createWorkFolder(parent);
		const other = join(parent, 'n8n-nodes-pec-install-1');
		mkdirSync(other);
		sweepWorkFolders(parent);
		expect([mine, other].map((folder) => existsSync(folder))).toEqual([true, true]);
	});
});
