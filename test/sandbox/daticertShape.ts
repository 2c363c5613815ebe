import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { XMLParser } from 'fast-xml-parser';

import { contentOf, partsOf } from './mimeShape.ts';

const DTD = join(import.meta.dirname, 'daticert.dtd');
const hasXmllint = spawnSync('xmllint', ['--version']).status === 0;
/** Only a desk may go without xmllint. */
export const withoutXmllint = !hasXmllint && process.env['CI'] === undefined;

/** daticert.xml of a provider's message; throws when it has none. */
export function daticertOf(raw: Buffer): string {
	const { daticert } = partsOf(raw);
	if (daticert === undefined) throw new Error('there is no certification data');
	return contentOf(daticert).toString('utf8');
}

/** What the first element of that name holds, as it is written; empty when there is none. */
export function elementOf(raw: Buffer, name: string): string {
	return new RegExp(`<${name}(?: [^>]*)?>([^<]*)<`).exec(daticertOf(raw))?.[1] ?? '';
}

type Node = Readonly<Record<string, unknown>>;

/** Elements with their attributes and the pattern of their text, one a line, indented. */
export function daticertShape(xml: string): string[] {
	const parser = new XMLParser({
		preserveOrder: true,
		ignoreDeclaration: true,
		ignoreAttributes: false,
		attributeNamePrefix: '',
		parseTagValue: false,
	});
	return (parser.parse(xml) as Node[]).flatMap((node) => linesOf(node, 0));
}

function linesOf(node: Node, depth: number): string[] {
	const indent = '  '.repeat(depth);
	if ('#text' in node) return [`${indent}stray text`];
	const [name = ''] = Object.keys(node).filter((key) => key !== ':@');
	const attributes = Object.entries((node[':@'] ?? {}) as Record<string, string>)
		.map(([attribute, value]) => ` ${attribute}=${attribute === 'zona' ? pattern(value) : value}`)
		.join('');
	const children = node[name] as readonly Node[];
	const only = children.length === 1 ? children[0]?.['#text'] : undefined;
	const text = only === undefined ? '' : ` ${pattern(String(only))}`;
	const inner = only === undefined ? children.flatMap((child) => linesOf(child, depth + 1)) : [];
	return [`${indent}${name}${attributes}${text}`, ...inner];
}

const PATTERNS: readonly (readonly [RegExp, string])[] = [
	[/^\d\d\/\d\d\/\d{4}$/, '{day}'],
	[/^\d\d:\d\d:\d\d$/, '{time}'],
	[/^[+-]\d{4}$/, '{zone}'],
	[/^<[^<>]+>$/, '{<id>}'],
	[/^[^\s<>@]+@[^\s<>@]+$/, '{address}'],
	[/^\d\.\d\.\d - .+ - .+$/, '{status - provider - words}'],
];

function pattern(text: string): string {
	const decoded = text.replaceAll('&lt;', '<').replaceAll('&gt;', '>');
	return PATTERNS.find(([form]) => form.test(decoded))?.[1] ?? '{text}';
}

/** What xmllint holds against each certification data by the DTD of RFC 6109 4.4: nothing, when all are valid. */
export function invalidDaticerts(documents: readonly (string | Buffer)[]): string {
	const folder = mkdtempSync(join(tmpdir(), 'pec-test-'));
	try {
		const files = documents.map((xml, index) => {
			const file = join(folder, `${index}.xml`);
			writeFileSync(file, xml);
			return file;
		});
		const run = spawnSync('xmllint', ['--noout', '--nonet', '--dtdvalid', DTD, ...files], {
			encoding: 'utf8',
			maxBuffer: 1e8,
		});
		if (run.status === 0) return '';
		return run.stderr || `xmllint ended with ${run.status ?? run.signal}`;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
