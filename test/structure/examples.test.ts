import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXAMPLES } from '../../scripts/demo/examples.ts';
import type { WorkflowDefinition } from '../../scripts/editor/workflow.ts';
import { ROOT } from '../../scripts/folders.ts';

const FOLDER = join(ROOT, 'examples');

function workflows(): Array<[path: string, workflow: WorkflowDefinition]> {
	return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
		.filter((path) => path.endsWith('.json'))
		.map((path) => [path, JSON.parse(readFileSync(join(FOLDER, path), 'utf8'))]);
}

const ofTheDemo: readonly string[] = EXAMPLES;
const flows = readdirSync(FOLDER).filter((name) => !ofTheDemo.includes(name));

describe.each(workflows())('examples/%s', (_, { nodes, connections }) => {
	const names = nodes.map(({ name }) => name);

	it('explains itself on the canvas', () => {
		const notes = nodes.filter(({ type }) => type === 'n8n-nodes-base.stickyNote');
		expect(notes.length).toBeGreaterThan(0);
	});

	it('brings no credential but its name, and no password', () => {
		const given = nodes.flatMap(({ credentials = {} }) => Object.values(credentials));
		expect(given.flatMap((credential) => Object.keys(credential))).toEqual(given.map(() => 'name'));
		expect(JSON.stringify(nodes)).not.toMatch(/"(password|token|apiKey|secret)":\s*"[^"]/i);
	});

	it('names each node once, and connects those that are there', () => {
		expect(new Set(names).size).toBe(names.length);
		const targets = Object.values(connections).flatMap((kinds) =>
			Object.values(kinds).flatMap((outputs) => outputs.flatMap((output) => output ?? [])),
		);
		for (const name of [...Object.keys(connections), ...targets.map(({ node }) => node)]) {
			expect(names).toContain(name);
		}
	});

	it('refers to nodes that are there', () => {
		const text = JSON.stringify(nodes);
		for (const [, name] of text.matchAll(/\$\('([^']+)'\)/g)) expect(names).toContain(name);
	});
});

describe.each(flows)('examples/%s', (name) => {
	it.each(['README.md', 'README.it.md'])('has a %s that shows its canvas', (file) => {
		const text = readFileSync(join(FOLDER, name, file), 'utf8');
		const images = [...text.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, image = '']) => image);
		expect(images.length).toBeGreaterThan(0);
		for (const image of images) expect(existsSync(join(FOLDER, name, image)), image).toBe(true);
	});

	it('says what happens to what fails', () => {
		const here = workflows().filter(([path]) => path.startsWith(`${name}/`));
		const failing = here.flatMap(([, { nodes, settings }]) => [
			...nodes.filter(({ onError }) => onError === 'continueErrorOutput'),
			...nodes.filter(({ type }) => type === 'n8n-nodes-base.errorTrigger'),
			...(settings?.errorWorkflow === undefined ? [] : [settings]),
		]);
		expect(failing.length).toBeGreaterThan(0);
	});
});
