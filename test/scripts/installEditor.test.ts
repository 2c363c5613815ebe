import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunNpm } from '../../scripts/command.ts';
import { editorFolder, installEditor } from '../../scripts/editor/installEditor.ts';
import { temporaryFolder } from './temporary.ts';

const VERSION = '2.40.5';
const OK = { code: 0, output: '', stdout: '' };

function writePackage(folder: string, name: string, file: string, source: string): void {
	const target = join(folder, 'node_modules', name, file);
	mkdirSync(dirname(target), { recursive: true });
	writeFileSync(target, source);
}

/** Stands in for npm: puts down packages that answer as n8n and its database driver do. */
function fakeNpm(calls: string[], { version = VERSION, driver = '' } = {}): RunNpm {
	return async (args, { cwd }) => {
		if (args[0] !== 'ping') calls.push(args[0] ?? '');
		if (args[0] === 'ci') {
			writePackage(cwd, 'n8n', join('bin', 'n8n'), `console.log('${version}')`);
			writePackage(cwd, 'sqlite3', 'index.js', driver);
		}
		return OK;
	};
}

const NO_NETWORK: RunNpm = async () => ({
	code: 1,
	output: 'npm error code ENOTFOUND',
	stdout: '',
});

describe('installing n8n', () => {
	it('installs it once for two that ask at the same time, and never again', async () => {
		const cache = temporaryFolder();
		const calls: string[] = [];
		const npm = fakeNpm(calls);
		const [one, other] = await Promise.all([
			installEditor({ cache, npm }),
			installEditor({ cache, npm }),
		]);
		await installEditor({ cache, npm });
		expect(calls).toEqual(['ci', 'rebuild']);
		expect(one).toEqual(other);
		expect([one.version, existsSync(one.command)]).toEqual([VERSION, true]);
		expect(readdirSync(cache)).toHaveLength(1);
	});

	it.each([
		['there is no network', NO_NETWORK, 'the package registry cannot be reached'],
		[
			'its driver does not load',
			fakeNpm([], { driver: "throw new Error('no driver')" }),
			'no driver',
		],
		['another version starts', fakeNpm([], { version: '1.0.0' }), 'does not start'],
	])('leaves nothing behind when %s', async (_, npm, message) => {
		const cache = temporaryFolder();
		await expect(installEditor({ cache, npm })).rejects.toThrow(message);
		expect(readdirSync(cache)).toEqual([]);
	});

	it('removes what an install that was killed has left', async () => {
		const cache = temporaryFolder();
		const npm = fakeNpm([]);
		const ended = `${editorFolder(cache)}.tmp-4194305`;
		mkdirSync(ended, { recursive: true });
		await installEditor({ cache, npm });
		expect(existsSync(ended)).toBe(false);
	});

	it('does not take the time to tidy up when nobody waits any more', async () => {
		const cache = temporaryFolder();
		const signal = AbortSignal.abort();
		await expect(installEditor({ cache, npm: NO_NETWORK, signal })).rejects.toThrow();
		expect(readdirSync(cache)).toEqual([expect.stringContaining(`.tmp-${process.pid}`)]);
	});
});
