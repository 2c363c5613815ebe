import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ROOT } from '../../scripts/folders.ts';
import { temporaryFolder } from './temporary.ts';

const MODULES = ['bootstrap', 'endWithParent', 'lock', 'npmWatch', 'setUpFailure'];

/** Stands in for npm: notes its arguments, and makes node_modules as `npm ci` does, from nothing. */
const FAKE_NPM = `#!${process.execPath}
const { appendFileSync, mkdirSync, rmSync } = require('node:fs');
const failure = process.env.FAKE_NPM_FAILURE;
if (process.argv[2] === 'ping') { console.error('npm error code ' + (process.env.FAKE_NPM_PING ?? failure)); process.exit(1); }
const source = process.env.npm_config_offline ? 'offline' : 'prefer-offline';
appendFileSync('npm-calls.txt', [...process.argv.slice(2), source].join(' ') + '\\n');
rmSync('node_modules', { recursive: true, force: true });
mkdirSync('node_modules');
if (failure === 'hang') setInterval(() => {}, 1000);
else if (failure) { console.error('npm error code ' + failure); process.exitCode = 1; }
`;

class Checkout {
	readonly folder = temporaryFolder();

	constructor(script: string) {
		mkdirSync(join(this.folder, 'scripts'));
		mkdirSync(join(this.folder, 'bin'));
		for (const name of MODULES) {
			const file = join('scripts', `${name}.mjs`);
			copyFileSync(join(ROOT, file), join(this.folder, file));
		}
		writeFileSync(join(this.folder, 'package-lock.json'), '{}');
		writeFileSync(join(this.folder, 'scripts', 'script.mjs'), script);
		writeFileSync(join(this.folder, 'bin', 'npm'), FAKE_NPM);
		chmodSync(join(this.folder, 'bin', 'npm'), 0o755);
	}

	start(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): ChildProcess {
		const { npm_lifecycle_event: _, ...machine } = process.env;
		const child = spawn(
			process.execPath,
			[join('scripts', 'bootstrap.mjs'), 'scripts/script.mjs', ...args],
			{
				cwd: this.folder,
				env: {
					...machine,
					TMPDIR: this.folder,
					PATH: `${join(this.folder, 'bin')}${delimiter}${process.env.PATH}`,
					...env,
				},
				stdio: ['ignore', 'pipe', 'pipe'],
			},
		);
		onTestFinished(() => void child.kill('SIGKILL'));
		return child;
	}

	async run(
		args: readonly string[] = [],
		env: NodeJS.ProcessEnv = {},
	): Promise<{ code: number; stdout: string; stderr: string }> {
		const child = this.start(args, env);
		let stdout = '';
		let stderr = '';
		child.stdout?.on('data', (text: Buffer) => (stdout += text.toString()));
		child.stderr?.on('data', (text: Buffer) => (stderr += text.toString()));
		const [code] = (await once(child, 'close')) as [number];
		return { code, stdout, stderr };
	}

	get npmCalls(): readonly string[] {
		return readFileSync(join(this.folder, 'npm-calls.txt'), 'utf8').trim().split('\n');
	}
}

const SAY_ARGUMENTS = 'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 7;';
const STAY = `process.on('SIGTERM', () => process.exit(9));
setInterval(() => {}, 1000);
console.log('up');`;

/** Resolves with the first thing written there; the stream stays open. */
async function firstOutput(stream: ChildProcess['stdout']): Promise<string> {
	if (stream === null) throw new Error('no pipe');
	const [text] = (await once(stream, 'data')) as [Buffer];
	return text.toString();
}

describe.skipIf(process.platform === 'win32')('the bootstrap', () => {
	it('installs by the lockfile without set-up scripts, then hands on arguments and exit status', async () => {
		const checkout = new Checkout(SAY_ARGUMENTS);
		const { code, stdout } = await checkout.run(['unit', '--x', 'a b']);
		expect([code, stdout.trim()]).toEqual([7, '["unit","--x","a b"]']);
		expect(checkout.npmCalls).toEqual(['ci --ignore-scripts --no-audit --no-fund prefer-offline']);
	});

	it('does not install again', async () => {
		const checkout = new Checkout(SAY_ARGUMENTS);
		await checkout.run();
		const { stderr } = await checkout.run();
		expect([checkout.npmCalls.length, stderr]).toEqual([1, '']);
	});

	it.each([
		[
			'when the lockfile has changed',
			(folder: string) => writeFileSync(join(folder, 'package-lock.json'), '{"a":1}'),
		],
		[
			'when node_modules is gone',
			(folder: string) => rmSync(join(folder, 'node_modules'), { recursive: true }),
		],
	])('installs again %s', async (_, change) => {
		const checkout = new Checkout(SAY_ARGUMENTS);
		await checkout.run();
		change(checkout.folder);
		await checkout.run();
		expect(checkout.npmCalls).toHaveLength(2);
	});

	it('installs again after an install that did not succeed', async () => {
		const checkout = new Checkout(SAY_ARGUMENTS);
		expect((await checkout.run([], { FAKE_NPM_FAILURE: 'EINTEGRITY' })).code).toBe(1);
		expect((await checkout.run()).code).toBe(7);
	});

	it('says in one line that there is no network', async () => {
		const checkout = new Checkout(SAY_ARGUMENTS);
		const { code, stderr } = await checkout.run([], { FAKE_NPM_FAILURE: 'EAI_AGAIN' });
		expect(code).toBe(1);
		expect(stderr.trim().split('\n')).toEqual([
			'Installing the packages (about 1 minute the first time)…',
			expect.stringContaining('the package registry cannot be reached'),
		]);
	});

	it('installs from what npm has kept when there is no network', async () => {
		const checkout = new Checkout(SAY_ARGUMENTS);
		expect((await checkout.run([], { FAKE_NPM_PING: 'ENOTFOUND' })).code).toBe(7);
		expect(checkout.npmCalls).toEqual([expect.stringMatching(/ offline$/)]);
	});

	it('says what npm said of any other failure', async () => {
		const { stderr } = await new Checkout(SAY_ARGUMENTS).run([], { FAKE_NPM_FAILURE: 'EUSAGE' });
		expect(stderr).toContain('npm error code EUSAGE');
	});

	it('ends an install it is asked to end', async () => {
		const checkout = new Checkout(SAY_ARGUMENTS);
		const child = checkout.start([], { FAKE_NPM_FAILURE: 'hang' });
		expect(await firstOutput(child.stderr)).toContain('Installing');
		const closed = once(child, 'close');
		child.kill('SIGTERM');
		expect(await closed).toEqual([130, null]);
	});

	it('hands SIGTERM on and waits for the script', async () => {
		const child = new Checkout(STAY).start();
		expect(await firstOutput(child.stdout)).toContain('up');
		const closed = once(child, 'close');
		child.kill('SIGTERM');
		expect(await closed).toEqual([9, null]);
	});

	it('killed outright, leaves no script running', async () => {
		const child = new Checkout(STAY).start();
		expect(await firstOutput(child.stdout)).toContain('up');
		// The script holds the other end of this pipe too: it closes when both are gone.
		const closed = once(child, 'close');
		child.kill('SIGKILL');
		expect(await closed).toEqual([null, 'SIGKILL']);
	});
});
