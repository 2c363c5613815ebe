import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../scripts/folders.ts';
import { temporaryFolder } from './temporary.ts';

/** Runs the script for an ordinary user, with an apt-get that does what the shell lines say. */
function unpack(cache: string, aptGet: string) {
	const programs = temporaryFolder();
	for (const [name, lines] of [
		['apt-get', aptGet],
		['id', 'echo 1000'],
	] as const) {
		writeFileSync(join(programs, name), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
	}
	return spawnSync(join(ROOT, 'scripts', 'unpackCyrus.sh'), {
		encoding: 'utf8',
		env: {
			...process.env,
			XDG_CACHE_HOME: cache,
			PATH: `${programs}${delimiter}${process.env.PATH ?? ''}`,
		},
	});
}

describe('unpacking Cyrus', () => {
	it('leaves alone what is there, without a word and without the network', () => {
		const cache = temporaryFolder();
		mkdirSync(join(cache, 'n8n-nodes-pec', 'cyrus'), { recursive: true });
		const { status, stdout, stderr } = unpack(cache, 'echo asked >&2; exit 1');
		expect([status, stdout, stderr]).toEqual([0, '', '']);
	});

	it('says what to do when the packages cannot be had, and leaves nothing behind', () => {
		const cache = temporaryFolder();
		const { status, stderr } = unpack(cache, 'echo "E: Unable to locate package"; exit 100');
		expect(status).not.toBe(0);
		expect(stderr).toContain('E: Unable to locate package');
		expect(stderr).toContain('sudo apt-get update');
		expect(readdirSync(join(cache, 'n8n-nodes-pec'))).toEqual([]);
	});
});
