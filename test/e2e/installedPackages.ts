import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';

export interface Manifest {
	readonly name: string;
	readonly version: string;
	readonly license?: string;
	readonly scripts?: Readonly<Record<string, string>>;
	readonly dependencies?: Readonly<Record<string, string>>;
	readonly n8n?: { readonly nodes: readonly string[]; readonly credentials: readonly string[] };
}

export interface InstalledPackage {
	readonly folder: string;
	readonly manifest: Manifest;
}

/** What may be used in an MIT package without a second thought. */
const ACCEPTED: ReadonlySet<string> = new Set([
	'MIT',
	'MIT-0',
	'ISC',
	'BSD-2-Clause',
	'BSD-3-Clause',
	'0BSD',
	'Apache-2.0',
]);

/** Of an installed dependency npm runs these; `prepare` it runs for its author alone. */
const AT_INSTALL = ['preinstall', 'install', 'postinstall'];

const NATIVE = /\.(node|so|dll|dylib|exe|o|a)$|^binding\.gyp$/;

export function filesIn(folder: string): string[] {
	return readdirSync(folder, { recursive: true, encoding: 'utf8' })
		.map((name) => join(folder, name))
		.filter((file) => !lstatSync(file).isDirectory());
}

/** The package and everything that came with it. */
export function packagesIn(folder: string): InstalledPackage[] {
	return filesIn(folder)
		.filter((file) => basename(file) === 'package.json')
		.map((file) => dirname(file))
		.filter((place) => place === folder || isInstalled(relative(folder, place).split(sep)))
		.map((place) => ({
			folder: place,
			manifest: JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')) as Manifest,
		}));
}

/** A package may have further package.json in it, which say how its files are to be read. */
function isInstalled(path: readonly string[]): boolean {
	const below = path.slice(path.lastIndexOf('node_modules') + 1);
	return path.includes('node_modules') && below.length === (below[0]?.startsWith('@') ? 2 : 1);
}

export function runsAtInstall({ manifest }: InstalledPackage): boolean {
	return AT_INSTALL.some((script) => script in (manifest.scripts ?? {}));
}

export function isNative(file: string): boolean {
	return NATIVE.test(basename(file));
}

/** @param license as package.json has it: an SPDX expression, of which a choice is enough */
export function mayBeUsed(license = ''): boolean {
	const choices = license.replace(/^\(|\)$/g, '').split(' OR ');
	return choices.some((one) => ACCEPTED.has(one));
}
