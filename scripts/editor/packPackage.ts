import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { choosePackageSource, runCommand, runNpm } from '../command.ts';
import { cacheFolder, removeFolder, ROOT } from '../folders.ts';
import { withLock } from '../lock.mjs';
import { withProgress } from '../progress.ts';
import { explainNpmFailure, SetUpFailure } from '../setUpFailure.mjs';

/** A package of nodes as n8n's installer leaves it: unpacked, its dependencies inside. */
export interface PackedPackage {
	readonly name: string;
	readonly version: string;
	readonly folder: string;
}

interface Manifest {
	readonly name: string;
	readonly version: string;
	readonly dependencies?: Readonly<Record<string, string>>;
}

async function pack(packageFolder: string, into: string): Promise<string> {
	const result = await runNpm(['pack', '--json', '--ignore-scripts'], {
		cwd: packageFolder,
		env: { npm_config_pack_destination: into },
	});
	if (result.code !== 0) throw explainNpmFailure('Packing the package', result.output);
	const [packed] = JSON.parse(result.stdout) as { filename: string }[];
	if (packed === undefined) throw new SetUpFailure('npm packed nothing.');
	return packed.filename;
}

/** What n8n's installer gives to npm, in its order (community-packages.service, downloadPackage). */
export const INSTALL_ARGUMENTS = [
	'install',
	'--audit=false',
	'--fund=false',
	'--bin-links=false',
	'--install-strategy=shallow',
	'--ignore-scripts=true',
	'--package-lock=false',
] as const;

/** What it takes out of package.json before. */
export const STRIPPED = ['devDependencies', 'peerDependencies', 'optionalDependencies'] as const;

function stripManifest(folder: string): Manifest {
	const file = join(folder, 'package.json');
	const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest & Record<string, unknown>;
	for (const key of STRIPPED) {
		delete manifest[key];
	}
	writeFileSync(file, JSON.stringify(manifest, null, 2));
	return manifest;
}

async function installDependencies(manifest: Manifest, into: string): Promise<void> {
	const temporary = `${into}.tmp-${process.pid}`;
	removeFolder(temporary);
	mkdirSync(temporary, { recursive: true });
	try {
		const { name, version, dependencies } = manifest;
		writeFileSync(
			join(temporary, 'package.json'),
			JSON.stringify({ name, version, dependencies }, null, 2),
		);
		const args = [...INSTALL_ARGUMENTS, await choosePackageSource(temporary)];
		const result = await runNpm(args, { cwd: temporary });
		if (result.code !== 0) {
			throw explainNpmFailure("Installing the package's dependencies", result.output);
		}
		renameSync(temporary, into);
	} catch (error) {
		removeFolder(temporary);
		throw error;
	}
}

/** The installed dependencies of such a manifest, from the cache where an earlier run left them. */
async function provideDependencies(manifest: Manifest, cache: string): Promise<string> {
	const wanted = JSON.stringify(manifest.dependencies ?? {});
	const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
	const folder = join(cache, `dependencies-${hash}`);
	await withLock(`${folder}.lock`, async () => {
		if (existsSync(folder)) return;
		await withProgress(
			"Installing the package's dependencies",
			async () => await installDependencies(manifest, folder),
		);
	});
	return join(folder, 'node_modules');
}

/**
 * Packs the built package (`npm pack`: what would be published and nothing else) and unpacks it into a new folder below
 * `workFolder`, with its dependencies beside it as n8n's own installer puts them. Throws `SetUpFailure`.
 */
export async function packPackage(
	workFolder: string,
	packageFolder: string = ROOT,
	cache: string = cacheFolder(),
): Promise<PackedPackage> {
	const tarball = await pack(packageFolder, workFolder);
	const folder = join(workFolder, 'package');
	removeFolder(folder);
	mkdirSync(folder);
	const untar = await runCommand(
		'tar',
		['-xzf', tarball, '-C', 'package', '--strip-components=1'],
		{ cwd: workFolder },
	);
	if (untar.code !== 0) {
		throw new SetUpFailure(`The packed package could not be unpacked: ${untar.output.trim()}`);
	}
	const manifest = stripManifest(folder);
	const dependencies = await provideDependencies(manifest, cache);
	if (existsSync(dependencies)) {
		cpSync(dependencies, join(folder, 'node_modules'), { recursive: true });
	}
	return { name: manifest.name, version: manifest.version, folder };
}
