import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { rolldown } from 'rolldown';
import { ROOT } from './folders.ts';

/**
 * Sources that use packages which are not installed with ours: each is compiled together with them, into the file that
 * tsc would have made of it alone. From source they find the packages among the development dependencies.
 */
export const BUNDLED: Readonly<Record<string, readonly string[]>> = {
	'nodes/pec/chartLibrary.ts': ['echarts'],
};

/** What may be passed on within an MIT package, its licence text beside it. */
const PASSED_ON: ReadonlySet<string> = new Set([
	'Apache-2.0',
	'BSD-3-Clause',
	'0BSD',
	'MIT',
	'ISC',
]);

const NOTICES = 'THIRD-PARTY-NOTICES.txt';
const LEGAL_FILE = /^(licen[cs]e|notice|copyright)/i;

/** Writes the bundles, and the licences of what is in them, into `dist`. @throws for a licence that is not among ours */
export async function bundleLibraries(dist: string): Promise<void> {
	const packages = new Set<string>();
	for (const source of Object.keys(BUNDLED)) {
		const bundle = await rolldown({
			input: join(ROOT, source),
			platform: 'node',
			logLevel: 'warn',
			transform: { define: { 'process.env.NODE_ENV': '"production"' } },
		});
		try {
			const { output } = await bundle.write({
				file: join(dist, source.replace(/\.ts$/, '.js')),
				format: 'cjs',
				minify: true,
				exports: 'named',
			});
			for (const chunk of output) {
				if (chunk.type !== 'chunk') continue;
				for (const id of chunk.moduleIds) packages.add(packageOf(id) ?? '');
			}
		} finally {
			await bundle.close();
		}
	}
	packages.delete('');
	writeFileSync(join(dist, NOTICES), noticesOf([...packages].sort()));
}

/** The folder of the package that a module lies in. */
function packageOf(id: string): string | undefined {
	return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/.exec(id)?.[0];
}

function noticesOf(folders: readonly string[]): string {
	const sections = new Map(folders.map(sectionOf));
	const opening = `These packages are contained in this one, compiled into one file where they are used.\n`;
	return [opening, ...sections.values()].join(`\n${'='.repeat(78)}\n\n`);
}

/** By name and version: one package may lie in several folders. */
function sectionOf(folder: string): [string, string] {
	const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
		name: string;
		version: string;
		license?: string;
	};
	const title = `${manifest.name} ${manifest.version}`;
	if (!PASSED_ON.has(manifest.license ?? '')) {
		throw new Error(`${title} is under ${manifest.license}: it must not be bundled.`);
	}
	const texts = legalFiles(folder).map((file) => {
		const name = relative(folder, file).split(sep).join('/');
		return `--- ${name} ---\n\n${readFileSync(file, 'utf8').trim()}\n`;
	});
	if (texts.length === 0) throw new Error(`${title} has no licence text to pass on.`);
	return [title, `${title} (${manifest.license})\n\n${texts.join('\n')}`];
}

function legalFiles(folder: string): string[] {
	const own = readdirSync(folder).filter((name) => LEGAL_FILE.test(name) && name !== 'licenses');
	const further = join(folder, 'licenses');
	return [
		...own.map((name) => join(folder, name)),
		...(existsSync(further) ? readdirSync(further).map((name) => join(further, name)) : []),
	].sort();
}
