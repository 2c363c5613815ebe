import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readOutputSchemas, type OutputSchema } from '../scripts/outputSchemas.ts';
import { ROOT } from '../scripts/folders.ts';

export const SCHEMAS = readOutputSchemas(readFileSync(join(ROOT, 'docs', 'OUTPUT.md'), 'utf8'));

/**
 * Makes sure that an operation puts out what docs/OUTPUT.md says it does, and nothing besides: workflows and n8n's lists of
 * fields rest on it. Items of failures are n8n's own shape and not looked at.
 * @param place `pecSend/message/send`
 * @throws Error naming each field that is not there, or is of another type
 */
export function insistOnOutput(place: string, items: readonly object[]): void {
	const schema = SCHEMAS.get(place);
	if (!schema) throw new Error(`docs/OUTPUT.md has no example for ${place}`);
	const wrong = new Set(items.filter(succeeded).flatMap((json) => misfits(schema, json)));
	if (wrong.size === 0) return;
	throw new Error(`${place} puts out what docs/OUTPUT.md does not show: ${[...wrong].join(', ')}`);
}

function succeeded(json: { readonly error?: unknown }): boolean {
	return typeof json.error !== 'string';
}

export function misfits(schema: OutputSchema, value: unknown, path = ''): string[] {
	const wrong = [`${path || 'the item'} (${typeOf(value)})`];
	if (typeOf(value) !== schema.type) return wrong;
	if (schema.type === 'array') {
		return (value as unknown[]).flatMap((item) => misfits(schema.items, item, `${path}[]`));
	}
	if (schema.type !== 'object') return [];
	return Object.entries(value as object).flatMap(([name, field]: [string, unknown]) => {
		const here = path === '' ? name : `${path}.${name}`;
		const known = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
		return known ? misfits(known, field, here) : [`${here} (${typeOf(field)})`];
	});
}

function typeOf(value: unknown): string {
	if (value === null) return 'null';
	return Array.isArray(value) ? 'array' : typeof value;
}
