// node scripts/bootstrap.mjs <script.ts> [arguments]
//
// The way in on a fresh clone: runs on any Node from 20 on and needs no package. It installs the packages, provides the
// Node 24 that n8n and the TypeScript sources need, and runs the script on it.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock.mjs';
import { onNpmGone } from './npmWatch.mjs';
import { explainNpmFailure, isNetworkFailure, SetUpFailure } from './setUpFailure.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const WINDOWS = process.platform === 'win32';
const OLDEST_NODE = 20;
// Native parts of n8n are built for exact Node versions, so a newer Node than this one does not do either.
const WANTED_NODE = 24;
const NODE_PACKAGES = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64'];
const STAMP = join(ROOT, 'node_modules', '.n8n-nodes-pec.json');
const NODE_PACKAGE = join(ROOT, 'node_modules', 'node');
const PROVIDED_NODE = join(NODE_PACKAGE, 'bin', WINDOWS ? 'node.exe' : 'node');
// What a shell shows for a program ended by Ctrl+C.
const INTERRUPTED_STATUS = 130;
const PARENT_WATCH = new URL('endWithParent.mjs', import.meta.url).href;

function majorOf(version) {
	return Number(version.replace(/^v/, '').split('.')[0]);
}

function checkMachine() {
	if (majorOf(process.versions.node) < OLDEST_NODE) {
		throw new SetUpFailure(
			`This needs Node.js ${OLDEST_NODE} or newer; this machine runs ${process.versions.node}. Install a current Node.js (https://nodejs.org), then run the command again.`,
		);
	}
	const platform = `${process.platform}-${process.arch}`;
	if (!NODE_PACKAGES.includes(platform)) {
		throw new SetUpFailure(
			`This does not run on ${platform}. It runs on Linux (x64, arm64), macOS and Windows (x64).`,
		);
	}
	const usesGlibc =
		process.platform !== 'linux' ||
		process.report.getReport().header.glibcVersionRuntime !== undefined;
	if (!usesGlibc && majorOf(process.versions.node) !== WANTED_NODE) {
		throw new SetUpFailure(
			`On a Linux without glibc (such as Alpine) install Node.js ${WANTED_NODE} yourself, then run the command again.`,
		);
	}
}

function lockfileHash() {
	return createHash('sha256')
		.update(readFileSync(join(ROOT, 'package-lock.json')))
		.digest('hex');
}

/** npm ci empties node_modules first and the stamp is written last, so an interrupted install has no stamp. */
function packagesAreInstalled(hash) {
	try {
		return JSON.parse(readFileSync(STAMP, 'utf8')).lockfile === hash;
	} catch {
		return false;
	}
}

function providedNodeWorks() {
	if (!existsSync(PROVIDED_NODE)) return false;
	const { stdout } = spawnSync(PROVIDED_NODE, ['--version'], { encoding: 'utf8' });
	return majorOf(stdout ?? '') === WANTED_NODE;
}

/** The Node that is to run the script, once the packages are there. `undefined`: it has to be installed. */
function findNode() {
	// The machine's own file may have been one of node_modules, gone since.
	if (majorOf(process.versions.node) === WANTED_NODE && existsSync(process.execPath)) {
		return process.execPath;
	}
	return providedNodeWorks() ? PROVIDED_NODE : undefined;
}

let stopping = false;

/** Ends what runs now: at first this process itself, which may be waiting for another window. */
let endRunning = () => process.exit(INTERRUPTED_STATUS);

/** Runs a command with its output kept back, and says each 20 s that it is still at it. */
function runQuietly(command, args, options) {
	return new Promise((resolve, reject) => {
		const startedAt = Date.now();
		const chunks = [];
		// A process group of its own that ends with this process: endWithParent.mjs.
		const child = spawn(command, args, {
			...options,
			stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
			detached: !WINDOWS,
			env: {
				...process.env,
				...options.env,
				NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${PARENT_WATCH}`.trim(),
				N8N_NODES_PEC_PARENT: 'pipe',
			},
		});
		child.stdio[3].on('error', () => child.stdio[3].destroy());
		// SIGKILL: npm takes its time about the others, and what it leaves is redone.
		const endSelf = endRunning;
		endRunning = () => {
			const gone = child.exitCode !== null || child.signalCode !== null;
			if (!gone) process.kill(WINDOWS ? child.pid : -child.pid, 'SIGKILL');
		};
		const progress = setInterval(() => {
			console.error(`  still at it, ${Math.round((Date.now() - startedAt) / 1000)} s`);
		}, 20_000);
		child.stdout.on('data', (chunk) => chunks.push(chunk));
		child.stderr.on('data', (chunk) => chunks.push(chunk));
		child.on('error', (error) => {
			clearInterval(progress);
			reject(error);
		});
		child.on('close', (code) => {
			clearInterval(progress);
			endRunning = endSelf;
			if (stopping) reject(new Error('asked to end'));
			else resolve({ code, output: Buffer.concat(chunks).toString() });
		});
	});
}

async function runNpm(args, env) {
	return await runQuietly('npm', args, { cwd: ROOT, shell: WINDOWS, env }).catch(() => {
		throw new SetUpFailure('npm was not found. It comes with Node.js: https://nodejs.org');
	});
}

/** npm's settings: its own cache alone without a network, which an install would try for minutes to reach. */
async function choosePackageSource() {
	const ping = await runNpm(['ping', '--fetch-retries=0']);
	return isNetworkFailure(ping.output)
		? { npm_config_offline: 'true' }
		: { npm_config_prefer_offline: 'true' };
}

async function installPackages(source, hash) {
	const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
	const result = await runNpm(args, source);
	if (result.code !== 0) throw explainNpmFailure('Installing the packages', result.output);
	writeFileSync(STAMP, JSON.stringify({ lockfile: hash }));
}

/** What npm does for a package's command, and could not before the command was there: npm's scripts then run on it. */
function linkNode() {
	const link = join(ROOT, 'node_modules', '.bin', 'node');
	if (WINDOWS) return;
	rmSync(link, { force: true });
	symlinkSync(join('..', 'node', 'bin', 'node'), link);
}

/** The set-up script of the package `node`, run by itself: whether npm runs it depends on npm's version and settings. */
async function installNode(source) {
	const result = await runQuietly(
		existsSync(process.execPath) ? process.execPath : 'node',
		['installArchSpecificPackage.js'],
		{ cwd: NODE_PACKAGE, env: source },
	);
	const node = findNode();
	if (node === undefined) {
		throw explainNpmFailure(`Providing Node.js ${WANTED_NODE}`, result.output);
	}
	linkNode();
	return node;
}

async function setUp() {
	checkMachine();
	const hash = lockfileHash();
	if (packagesAreInstalled(hash)) {
		const node = findNode();
		if (node !== undefined) return node;
	}
	// `npm start` and `npm test` in two windows of the same checkout must not install into the same folder at once.
	const name = createHash('sha256').update(ROOT).digest('hex').slice(0, 16);
	return await withLock(
		join(tmpdir(), `n8n-nodes-pec-install-${name}`),
		async () => {
			if (!packagesAreInstalled(hash)) {
				console.error('Installing the packages (about 1 minute the first time)…');
				await installPackages(await choosePackageSource(), hash);
			}
			const node = findNode();
			if (node !== undefined) return node;
			console.error(`Providing Node.js ${WANTED_NODE}…`);
			return await installNode(await choosePackageSource());
		},
		() => console.error('Waiting for another window that is installing the packages…'),
	);
}

function runScript(node, [script, ...args]) {
	const child = spawn(node, ['--import', PARENT_WATCH, join(ROOT, script), ...args], {
		stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
		env: {
			...process.env,
			PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`,
			N8N_NODES_PEC_PARENT: 'channel',
		},
	});
	endRunning = (signal) => child.kill(signal);
	child.on('error', (error) => {
		console.error(`${node} did not start: ${error.message}`);
		process.exitCode = 1;
	});
	child.on('exit', (code, signal) => {
		process.exitCode = code ?? 128 + constants.signals[signal];
	});
}

function stop(signal) {
	stopping = true;
	endRunning(signal);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);

onNpmGone(() => stop('SIGTERM'));

try {
	const node = await setUp();
	if (stopping) process.exitCode = INTERRUPTED_STATUS;
	else runScript(node, process.argv.slice(2));
} catch (error) {
	if (stopping) process.exitCode = INTERRUPTED_STATUS;
	else if (error instanceof SetUpFailure) {
		console.error(error.message);
		process.exitCode = 1;
	} else throw error;
}
