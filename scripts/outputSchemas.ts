import ts from 'typescript';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './folders.ts';

/** As much of JSON Schema as n8n reads to list the fields of a node that has not run. */
export type OutputSchema =
	| { readonly type: 'boolean' | 'number' | 'string' }
	| { readonly type: 'array'; readonly items: OutputSchema }
	| ObjectSchema;

export interface ObjectSchema {
	readonly type: 'object';
	readonly properties: Readonly<Record<string, OutputSchema>>;
}

type Example = boolean | number | string | Example[] | { readonly [field: string]: Example };
type ExampleObject = { readonly [field: string]: Example };

const PAGE = join(ROOT, 'docs', 'OUTPUT.md');
/** n8n pads the version of a node: 1 -> v1.0.0 (output-schema-resolver). */
const VERSION = 'v1.0.0';
const BLOCK = /^```jsonc (\w+): ([^\n]+)\n(.*?)^```$/gms;

/** Writes what n8n looks for beside each compiled node, `__schema__/v1.0.0/<resource>/<operation>.json`. */
export function writeOutputSchemas(dist: string): void {
	for (const [place, schema] of readOutputSchemas(readFileSync(PAGE, 'utf8'))) {
		const [node = '', ...operation] = place.split('/');
		const folder = `${node.charAt(0).toUpperCase()}${node.slice(1)}`;
		const file = `${join(dist, 'nodes', folder, '__schema__', VERSION, ...operation)}.json`;
		mkdirSync(dirname(file), { recursive: true });
		writeFileSync(file, JSON.stringify(schema));
	}
}

/**
 * @param page docs/OUTPUT.md: the examples whose fences name a node and its operations
 * @returns `pecSend/message/send` -> what it puts out; several examples of one operation together
 * @throws when an example cannot be read, or what it leaves out is nowhere shown
 */
export function readOutputSchemas(page: string): ReadonlyMap<string, ObjectSchema> {
	const blocks = [...page.matchAll(BLOCK)].map(([, node, operations = '', text = '']) => ({
		places: operations.split(',').map((operation) => `${node}/${operation.trim()}`),
		example: readExample(text),
	}));
	const shown = blocks.map(({ example }) => example);
	const schemas = new Map<string, ObjectSchema>();
	for (const { places, example } of blocks) {
		const schema = objectOf(example, shown);
		for (const place of places) schemas.set(place, merged(schemas.get(place), schema));
	}
	return schemas;
}

function readExample(text: string): ExampleObject {
	const { config, error } = ts.parseConfigFileTextToJson('example.json', text);
	if (error) {
		throw new Error(
			`An example of docs/OUTPUT.md cannot be read: ${ts.flattenDiagnosticMessageText(error.messageText, ' ')}\n${text}`,
		);
	}
	return config as ExampleObject;
}

function objectOf(example: ExampleObject, shown: readonly ExampleObject[]): ObjectSchema {
	const properties = Object.entries(example).map(([name, value]) => [
		name,
		schemaOf(name, value, shown),
	]);
	return { type: 'object', properties: Object.fromEntries(properties) };
}

function schemaOf(name: string, example: Example, shown: readonly ExampleObject[]): OutputSchema {
	const full = isEmpty(example) ? elsewhere(name, Array.isArray(example), shown) : example;
	if (Array.isArray(full)) {
		const [item = ''] = full;
		return { type: 'array', items: schemaOf(name, item, shown) };
	}
	if (typeof full === 'object') return objectOf(full, shown);
	return { type: typeof full as 'boolean' | 'number' | 'string' };
}

function isEmpty(example: Example): boolean {
	return typeof example === 'object' && Object.keys(example).length === 0;
}

function elsewhere(name: string, list: boolean, shown: readonly ExampleObject[]): Example {
	const found = named(name, shown).find(
		(example) =>
			typeof example === 'object' && Array.isArray(example) === list && !isEmpty(example),
	);
	if (found === undefined) throw new Error(`docs/OUTPUT.md does not show "${name}" in full`);
	return found;
}

function named(name: string, examples: readonly Example[]): Example[] {
	return examples.flatMap((example) => {
		if (typeof example !== 'object') return [];
		const own = Array.isArray(example) ? undefined : example[name];
		return [...(own === undefined ? [] : [own]), ...named(name, Object.values(example))];
	});
}

function merged(one: ObjectSchema | undefined, other: ObjectSchema): ObjectSchema {
	if (!one) return other;
	const properties = { ...one.properties };
	for (const [name, schema] of Object.entries(other.properties)) {
		const before = properties[name];
		const both = before?.type === 'object' && schema.type === 'object';
		properties[name] = both ? merged(before, schema) : schema;
	}
	return { type: 'object', properties };
}
