import { lstatSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runNode } from '../../scripts/command.ts';
import { INSTALL_ARGUMENTS, packPackage, STRIPPED } from '../../scripts/editor/packPackage.ts';
import { createWorkFolder, removeFolder, ROOT } from '../../scripts/folders.ts';
import { SCHEMAS } from '../outputFit.ts';
import { useEditor } from './harness.ts';
import { filesIn, isNative, mayBeUsed, packagesIn, runsAtInstall } from './installedPackages.ts';
import type { InstalledPackage } from './installedPackages.ts';

const MB = 1_000_000;
const DEPENDENCIES = join(ROOT, 'docs', 'DEPENDENCIES.md');

let work: string;
let folder: string;
let packages: readonly InstalledPackage[];

beforeAll(async () => {
	work = createWorkFolder();
	// Into empty folders: not what an earlier run left in the cache.
	({ folder } = await packPackage(work, ROOT, join(work, 'cache')));
	packages = packagesIn(folder);
});

afterAll(() => removeFolder(work));

const named = ({ manifest }: InstalledPackage) => `${manifest.name} ${manifest.version}`;

describe('the package as n8n installs it', () => {
	it('is installed with what n8n gives to npm', () => {
		const service = join(
			dirname(dirname(inject('installation').command)),
			'dist/modules/community-packages/community-packages.service.js',
		);
		const source = readFileSync(service, 'utf8').replace(/\s+/g, ' ');
		const list = INSTALL_ARGUMENTS.map((argument) => `'${argument}',`).join(' ');
		expect(source).toContain(`[ ${list} ]`);
		expect(source).toContain(`const { ${STRIPPED.join(', ')}, ...packageJson }`);
	});

	it('takes less than 30 MB', () => {
		const bytes = filesIn(folder).reduce((sum, file) => sum + lstatSync(file).size, 0);
		expect(bytes).toBeLessThan(30 * MB);
		// A package without its libraries would be smaller still.
		expect(packages.length).toBeGreaterThan(30);
	});

	it('runs nothing when it is installed, and brings no compiled code', () => {
		expect(packages.filter(runsAtInstall).map(named)).toEqual([]);
		expect(filesIn(folder).filter(isNative)).toEqual([]);
	});

	it('is told from what would run or is compiled', () => {
		const manifest = { name: 'a', version: '1', scripts: { postinstall: 'node x.js' } };
		expect(runsAtInstall({ folder, manifest })).toBe(true);
		expect(['x.node', 'binding.gyp', 'libx.so'].filter(isNative)).toHaveLength(3);
		expect(['MIT', '(MIT OR GPL-2.0)', 'GPL-3.0', '', 'MIT AND GPL-2.0'].filter(mayBeUsed)).toEqual(
			['MIT', '(MIT OR GPL-2.0)'],
		);
	});

	it('brings only what may be passed on, as docs/DEPENDENCIES.md lists it', () => {
		const foreign = packages.filter(({ manifest }) => !mayBeUsed(manifest.license));
		expect(foreign.map(named)).toEqual([]);
		const listed = [
			...readFileSync(DEPENDENCIES, 'utf8').matchAll(/^\| `([^`]+)` +\| ([^|]+) \|/gm),
		];
		const brought = packages.filter((each) => each.folder !== folder);
		expect(Object.fromEntries(listed.map(([, name, license]) => [name, license?.trim()]))).toEqual(
			Object.fromEntries(brought.map(({ manifest }) => [manifest.name, manifest.license])),
		);
	});

	it('tells the editor the fields of every operation before it has run', async () => {
		const { rest } = await useEditor();
		expect(SCHEMAS.size).toBeGreaterThan(25);
		for (const [place, schema] of SCHEMAS) {
			// As the editor asks (getSchemaPreview): the version of the node padded to three numbers.
			const asked = place.replace('/', '/1.0.0/');
			expect([place, await rest.outputSchema(asked)]).toEqual([place, schema]);
		}
		await expect(rest.outputSchema('pecSend/1.0.0/message/none')).rejects.toThrow(/404/);
	});

	it('has all of its nodes and credentials in n8n', async () => {
		const { n8n } = packages.find((each) => each.folder === folder)?.manifest ?? {};
		const { rest } = await useEditor();
		// At once: while these megabytes are read on a busy machine, n8n closes the connection that a next request would use.
		const [nodes, credentials] = await Promise.all([rest.nodeTypes(), rest.credentialTypes()]);
		expect(nodes.map(({ name }) => name)).toEqual(
			expect.arrayContaining(n8n?.nodes.map((file) => `n8n-nodes-pec.${nameIn(file)}`) ?? ['-']),
		);
		expect(credentials.map(({ name }) => name)).toEqual(
			expect.arrayContaining(n8n?.credentials.map(nameIn) ?? ['-']),
		);
	});

	it('reads messages where there is no n8n', async () => {
		const program = `
			const { readPecMessage } = require(${JSON.stringify(folder)});
			readPecMessage(Buffer.from('Subject: x\\r\\n\\r\\n'), { trust: { issuers: [] }, now: new Date() })
				.then(({ kind }) => console.log(kind));`;
		const { stdout, output } = await runNode(['--eval', program], { cwd: work });
		expect(stdout.trim(), output).toBe('ordinary');
	});
});

/** `dist/nodes/PecSend/PecSend.node.js` -> `pecSend` */
function nameIn(file: string): string {
	const [name = ''] = basename(file).split('.');
	return name.charAt(0).toLowerCase() + name.slice(1);
}
