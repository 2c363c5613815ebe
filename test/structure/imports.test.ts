import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { BUNDLED } from '../../scripts/bundle.ts';

const root = resolve(import.meta.dirname, '../..');

/** Who may import whom: docs/ARCHITECTURE.md. A room not named may not be imported. */
const mayImport: Record<string, readonly string[]> = {
	'nodes/PecTrigger': ['nodes/n8n', 'nodes/account', 'nodes/mail', 'nodes/pec'],
	'nodes/PecSend': ['nodes/n8n', 'nodes/account', 'nodes/mail', 'nodes/pec'],
	'nodes/PecMailbox': ['nodes/n8n', 'nodes/account', 'nodes/mail', 'nodes/pec'],
	'nodes/n8n': ['nodes/account', 'nodes/mail', 'nodes/pec'],
	'nodes/account': ['nodes/mail', 'nodes/pec'],
	'nodes/mail': [],
	'nodes/pec': [],
	credentials: [],
	sandbox: [],
	scripts: ['sandbox'],
};

/** Only the nodes and their shared room know n8n. */
const knowsN8n = [
	'nodes/PecTrigger',
	'nodes/PecSend',
	'nodes/PecMailbox',
	'nodes/n8n',
	'credentials',
];

/** The domain gets bytes, times and randomness as arguments. */
const forbiddenInPec =
	/^(node:)?(net|tls|fs|fs\/promises|http|https|dns|child_process|timers|timers\/promises|os)$/;
const forbiddenCallsInPec =
	/\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\brandomBytes\(|\brandomUUID\(/;

interface Import {
	readonly file: string;
	readonly room: string;
	readonly specifier: string;
	/** Room of the imported file; undefined for a package. */
	readonly target: string | undefined;
}

function roomOf(path: string): string {
	const [top = '', second = ''] = relative(root, path).split('/');
	return top === 'nodes' ? `nodes/${second}` : top;
}

function sourcesUnder(folder: string): string[] {
	return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
		.filter((name) => /\.m?ts$/.test(name))
		.map((name) => join(root, folder, name));
}

function importsOf(file: string): Import[] {
	const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true);
	return importedFiles.map(({ fileName: specifier }) => {
		const target = specifier.startsWith('.')
			? roomOf(resolve(dirname(file), specifier))
			: undefined;
		return { file: relative(root, file), room: roomOf(file), specifier, target };
	});
}

const files = ['nodes', 'credentials', 'sandbox', 'scripts'].flatMap(sourcesUnder);
const imports = files.flatMap(importsOf);
const shown = (list: readonly Import[]) =>
	list.map(({ file, specifier }) => `${file} -> ${specifier}`);

describe('who may import whom', () => {
	it('sees the imports it judges', () => {
		expect(imports.length).toBeGreaterThan(100);
		expect(new Set(imports.map(({ room }) => room))).toEqual(new Set(Object.keys(mayImport)));
	});

	it('lets a room import only the rooms it may', () => {
		const forbidden = imports.filter(
			({ room, target }) =>
				target !== undefined && target !== room && !mayImport[room]?.includes(target),
		);
		expect(shown(forbidden)).toEqual([]);
	});

	it('keeps n8n out of the library', () => {
		const forbidden = imports.filter(
			({ room, specifier }) => /^n8n-(workflow|core)/.test(specifier) && !knowsN8n.includes(room),
		);
		expect(shown(forbidden)).toEqual([]);
	});

	it('keeps sockets, files, the clock and randomness out of the domain', () => {
		const forbidden = imports.filter(
			({ room, specifier }) => room === 'nodes/pec' && forbiddenInPec.test(specifier),
		);
		expect(shown(forbidden)).toEqual([]);
		const impure = files.filter(
			(file) =>
				roomOf(file) === 'nodes/pec' && forbiddenCallsInPec.test(readFileSync(file, 'utf8')),
		);
		expect(impure).toEqual([]);
	});

	it('imports only packages that package.json declares', () => {
		const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
			'dependencies' | 'devDependencies',
			Record<string, string>
		>;
		const runtime = new Set([...Object.keys(manifest.dependencies), 'n8n-workflow']);
		const undeclared = imports.filter(({ file, room, specifier, target }) => {
			if (target !== undefined || specifier.startsWith('node:')) return false;
			const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
			if (name in manifest.devDependencies && BUNDLED[file]?.includes(name)) return false;
			return room.startsWith('nodes/') || room === 'credentials'
				? !runtime.has(name)
				: !runtime.has(name) && !(name in manifest.devDependencies);
		});
		expect(shown(undeclared)).toEqual([]);
	});
});
