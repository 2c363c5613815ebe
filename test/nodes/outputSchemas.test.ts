import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodePropertyOptions, INodeTypeDescription } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';
import { PecMailbox } from '../../nodes/PecMailbox/PecMailbox.node.ts';
import { PecSend } from '../../nodes/PecSend/PecSend.node.ts';
import { readOutputSchemas, writeOutputSchemas } from '../../scripts/outputSchemas.ts';
import { insistOnOutput, misfits, SCHEMAS } from '../outputFit.ts';
import { temporaryFolder } from '../scripts/temporary.ts';

function operationsOf({ name, properties }: INodeTypeDescription): string[] {
	return properties
		.filter((property) => property.name === 'operation')
		.flatMap(({ displayOptions, options = [] }) =>
			(displayOptions?.show?.resource ?? []).flatMap((resource) =>
				(options as INodePropertyOptions[]).map(
					({ value }) => `${name}/${String(resource)}/${String(value)}`,
				),
			),
		);
}

const example = (text: string) =>
	`\`\`\`jsonc pecSend: message/send, message/reply\n${text}\n\`\`\`\n`;

describe('the examples of docs/OUTPUT.md', () => {
	it('show what each operation puts out', () => {
		const nodes = [new PecSend(), new PecMailbox()].map(({ description }) => description);
		expect([...SCHEMAS.keys()].sort()).toEqual(nodes.flatMap(operationsOf).sort());
	});

	it('become fields and their types, those of several examples together', () => {
		const page = `${example('{ "a": 1, "b": { "c": "…" } } // words')}text\n${example('{ "b": { "d": [true] } }')}`;
		const schema = {
			type: 'object',
			properties: {
				a: { type: 'number' },
				b: {
					type: 'object',
					properties: {
						c: { type: 'string' },
						d: { type: 'array', items: { type: 'boolean' } },
					},
				},
			},
		};
		expect(Object.fromEntries(readOutputSchemas(page))).toEqual({
			'pecSend/message/send': schema,
			'pecSend/message/reply': schema,
		});
	});

	it('take what they leave out from where it is shown', () => {
		const page = example('{ "a": {}, "list": [], "b": { "a": { "x": 1 }, "list": ["…"] } }');
		expect(readOutputSchemas(page).get('pecSend/message/send')).toMatchObject({
			properties: {
				a: { properties: { x: { type: 'number' } } },
				list: { items: { type: 'string' } },
			},
		});
	});

	it.each([
		['{ "a": {} }', /does not show "a" in full/],
		['{ "a": ', /cannot be read/],
	])('are refused as %s', (text, message) => {
		expect(() => readOutputSchemas(example(text))).toThrow(message);
	});

	it('lie where n8n looks for them', () => {
		const dist = temporaryFolder();
		writeOutputSchemas(dist);
		for (const [place, schema] of SCHEMAS) {
			const [node, ...operation] = place.split('/');
			const folder = node === 'pecSend' ? 'PecSend' : 'PecMailbox';
			const file = join(dist, 'nodes', folder, '__schema__', 'v1.0.0', ...operation);
			expect(existsSync(`${file}.json`), file).toBe(true);
			expect(JSON.parse(readFileSync(`${file}.json`, 'utf8'))).toEqual(schema);
		}
	});
});

describe('what holds outputs against them', () => {
	const schema = readOutputSchemas(example('{ "a": 1, "b": [{ "c": "…" }] }')).get(
		'pecSend/message/send',
	)!;

	it.each([
		[{ a: 1, b: [{ c: 'x' }, {}] }, []],
		[{}, []],
		[{ a: '1' }, ['a (string)']],
		[{ a: null }, ['a (null)']],
		[{ b: {} }, ['b (object)']],
		[{ b: [{ c: 'x', d: 1 }] }, ['b[].d (number)']],
		[{ constructor: 'x' }, ['constructor (string)']],
	])('says of %j: %j', (json, expected) => {
		expect(misfits(schema, json)).toEqual(expected);
	});

	it('lets failures pass, and knows which operation it is asked about', () => {
		insistOnOutput('pecSend/mailing/forget', [{ error: 'x', message: 'y', any: 1 }]);
		expect(() => insistOnOutput('pecSend/mailing/forget', [{ any: 1 }])).toThrow(/any \(number\)/);
		expect(() => insistOnOutput('pecSend/mailing/all', [])).toThrow(/no example for/);
	});
});
