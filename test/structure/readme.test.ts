import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../scripts/folders.ts';

const english = read('README.md');
const italian = read('README.it.md');

function read(name: string): string {
	return readFileSync(join(ROOT, name), 'utf8');
}

/** In order. */
function all(text: string, pattern: RegExp): string[] {
	return [...text.matchAll(pattern)].map(([whole]) => whole);
}

const FENCED = /^```.*?^```$/gms;

/** What both languages say in the same words. */
const SHARED: ReadonlyArray<[what: string, pattern: RegExp]> = [
	['levels of headings', /^#+(?= )/gm],
	['blocks of code', FENCED],
	['list items', /^(- |\d\. )/gm],
	['commands', /`npm [^`]+`/g],
	['files and pages', /\]\((?!README)[^)]+\)/g],
	['variables', /`[A-Z][A-Z_]+(=\w+)?`/g],
];

describe('README.it.md', () => {
	it.each(SHARED)('has the same %s as README.md', (_, pattern) => {
		const beside = (text: string) => (pattern === FENCED ? text : text.replace(FENCED, ''));
		const expected = all(beside(english), pattern);
		expect(expected.length).toBeGreaterThan(1);
		const found = all(beside(italian), pattern).filter((one) => one !== '](docs/GLOSSARY.md)');
		expect(found.toSorted()).toEqual(expected.toSorted());
	});

	it('is linked from README.md, and links back', () => {
		expect(english).toContain('](README.it.md)');
		expect(italian).toContain('](README.md)');
	});
});

/** As GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
	return all(text.replace(FENCED, ''), /^#+ .*$/gm).map((heading) =>
		heading
			.replace(/^#+ /, '')
			.toLowerCase()
			.replace(/[^\p{L}\p{N} _-]/gu, '')
			.replaceAll(' ', '-'),
	);
}

const PAGES = [
	...['README.md', 'README.it.md', 'CONTRIBUTING.md', 'SECURITY.md'],
	...['ARCHITECTURE', 'DEPENDENCIES', 'GLOSSARY', 'INSTALL', 'MAILBOX', 'OUTPUT', 'PROVIDERS'],
	...['READING', 'SANDBOX', 'SCALING', 'SEND', 'TRIGGER'],
].map((name) => (name.includes('.') ? name : `docs/${name}.md`));

describe.each(PAGES)('%s', (page) => {
	it('links to files and headings that are there', () => {
		const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
		const broken = links.filter((link) => {
			if (/^https?:/.test(link)) return false;
			const [path = '', anchor] = link.split('#');
			const target = path === '' ? page : join(dirname(page), path);
			if (!existsSync(join(ROOT, target))) return true;
			return anchor !== undefined && !anchorsOf(read(target)).includes(anchor);
		});
		expect(broken).toEqual([]);
	});
});
