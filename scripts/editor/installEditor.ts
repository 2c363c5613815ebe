import { createHash } from 'node:crypto';
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { choosePackageSource, runCommand, runNode, runNpm } from '../command.ts';
import type { RunNpm } from '../command.ts';
import { cacheFolder, removeFolder, ROOT } from '../folders.ts';
import { isAlive, withLock } from '../lock.mjs';
import { withProgress } from '../progress.ts';
import { explainNpmFailure, SetUpFailure } from '../setUpFailure.mjs';

/** An n8n that is ready to be started, outside the checkout: it is 2.8 GB and a second checkout uses it again. */
export interface EditorInstallation {
	readonly folder: string;
	/** n8n's command, a JavaScript file. */
	readonly command: string;
	readonly version: string;
}

/** Where n8n runs: its sandbox for expressions comes compiled, for these and for no others. */
const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64'];
const MANIFEST_FOLDER = join(ROOT, 'scripts', 'editor');
const MANIFESTS = ['package.json', 'package-lock.json'];
const STAMP = 'editor.json';

interface Manifest {
	readonly dependencies: { readonly n8n: string };
}

function readManifest(): Manifest {
	return JSON.parse(readFileSync(join(MANIFEST_FOLDER, 'package.json'), 'utf8')) as Manifest;
}

/** One folder for each n8n, set of packages, Node and platform: none of them can be exchanged for another. */
export function editorFolder(cache: string = cacheFolder()): string {
	const lockfile = readFileSync(join(MANIFEST_FOLDER, 'package-lock.json'));
	const hash = createHash('sha256').update(lockfile).digest('hex').slice(0, 12);
	const node = process.versions.node.split('.')[0];
	const { n8n } = readManifest().dependencies;
	return join(cache, `editor-${n8n}-${hash}-node${node}-${process.platform}-${process.arch}`);
}

function removeInterrupted(folder: string): void {
	const prefix = `${basename(folder)}.tmp-`;
	for (const name of readdirSync(dirname(folder))) {
		if (!name.startsWith(prefix) || isAlive(Number(name.slice(prefix.length)))) continue;
		removeFolder(join(dirname(folder), name));
	}
}

async function missingBuildTools(): Promise<string[]> {
	const missing: string[] = [];
	for (const tool of ['python3', 'make', 'g++']) {
		const { code } = await runCommand(tool, ['--version'], { cwd: ROOT });
		if (code !== 0) missing.push(tool);
	}
	return missing;
}

/** n8n's database driver: the only package of n8n's whose own set-up has to run. It is downloaded ready, or compiled. */
async function buildDatabaseDriver(folder: string, npm: RunNpm): Promise<void> {
	const result = await npm(
		['rebuild', 'sqlite3', '--ignore-scripts=false', '--foreground-scripts'],
		{ cwd: folder },
	);
	const check = await runNode(['--eval', "require('sqlite3')"], { cwd: folder });
	if (check.code === 0) return;
	const missing = process.platform === 'win32' ? [] : await missingBuildTools();
	if (missing.length > 0) {
		throw new SetUpFailure(
			`n8n's database driver has to be compiled, and ${missing.join(', ')} cannot be found. Install python3, make and g++ (Debian, Ubuntu: apt-get install python3 make g++; macOS: xcode-select --install), then run the command again.`,
		);
	}
	throw explainNpmFailure("Compiling n8n's database driver", result.output + check.output);
}

async function installPackages(folder: string, npm: RunNpm): Promise<void> {
	const source = await choosePackageSource(folder, npm);
	const args = ['ci', '--ignore-scripts', source, '--no-audit', '--no-fund'];
	const result = await npm(args, { cwd: folder });
	if (result.code !== 0) throw explainNpmFailure('Installing n8n', result.output);
}

async function verify(folder: string, version: string): Promise<void> {
	const command = join(folder, 'node_modules', 'n8n', 'bin', 'n8n');
	const { code, output, stdout } = await runNode([command, '--version'], { cwd: folder });
	if (code === 0 && stdout.trim() === version) return;
	throw new SetUpFailure(
		`n8n ${version} was installed and does not start. It said:\n  ${output.trim().split('\n').slice(-15).join('\n  ')}`,
	);
}

interface InstallOptions {
	/** The cache's folder. */
	readonly cache?: string;
	readonly npm?: RunNpm;
	/** Aborted when the person does not want to wait any more: what is half done is then left to the next install. */
	readonly signal?: AbortSignal;
}

async function install(
	folder: string,
	version: string,
	{ npm, signal }: { readonly npm: RunNpm; readonly signal?: AbortSignal | undefined },
): Promise<void> {
	removeInterrupted(folder);
	const temporary = `${folder}.tmp-${process.pid}`;
	removeFolder(temporary);
	mkdirSync(temporary, { recursive: true });
	try {
		for (const name of MANIFESTS) copyFileSync(join(MANIFEST_FOLDER, name), join(temporary, name));
		const label = `Installing n8n ${version} (2.8 GB, 3 to 5 minutes, once)`;
		await withProgress(label, async () => await installPackages(temporary, npm));
		await withProgress(
			"Preparing n8n's database driver (about 1 minute, once)",
			async () => await buildDatabaseDriver(temporary, npm),
		);
		await verify(temporary, version);
		writeFileSync(join(temporary, STAMP), JSON.stringify({ n8n: version }));
		removeFolder(folder);
		renameSync(temporary, folder);
	} catch (error) {
		// Removing gigabytes takes longer than Ctrl+C may.
		if (signal?.aborted !== true) removeFolder(temporary);
		throw error;
	}
}

/**
 * Gives the n8n of `scripts/editor/package.json`, installing it into the user's cache where it is not there yet.
 * Two callers at once install it once. Throws `SetUpFailure`.
 */
export async function installEditor({
	cache = cacheFolder(),
	npm = runNpm,
	signal,
}: InstallOptions = {}): Promise<EditorInstallation> {
	const platform = `${process.platform}-${process.arch}`;
	if (!PLATFORMS.includes(platform)) {
		throw new SetUpFailure(
			`n8n does not run on ${platform}. It runs on Linux (x64, arm64), macOS (Apple silicon) and Windows (x64).`,
		);
	}
	const folder = editorFolder(cache);
	const version = readManifest().dependencies.n8n;
	const isReady = () => existsSync(join(folder, STAMP));
	if (!isReady()) {
		const onWait = () => console.error('Waiting for another process that is installing n8n…');
		await withLock(
			`${folder}.lock`,
			async () => {
				if (!isReady()) await install(folder, version, { npm, signal });
			},
			onWait,
		);
	}
	return { folder, command: join(folder, 'node_modules', 'n8n', 'bin', 'n8n'), version };
}
