import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { EditorRest } from '../../scripts/editor/rest.ts';
import type { SavedCredential } from '../../scripts/editor/restTypes.ts';
import type { WorkflowDefinition, WorkflowNode } from '../../scripts/editor/workflow.ts';
import { ROOT } from '../../scripts/folders.ts';

/** The node of each example that holds what its user changes. */
export const SETTINGS = 'Settings';

/** What a user does after the import. */
export interface ExampleParts {
	/** By the name that the example gives each credential. */
	readonly credentials: Readonly<Record<string, SavedCredential>>;
	/** Values of the node "Settings", by field. */
	readonly settings?: Readonly<Record<string, boolean | number | string>>;
	/** Ids of workflows that it calls, by the name that the example shows for each. */
	readonly workflows?: Readonly<Record<string, string>>;
	/** What stands in the workflow's own settings besides, as `errorWorkflow`. */
	readonly own?: Readonly<Record<string, unknown>>;
}

/**
 * Imports `examples/<path>` as its user would, and removes it with the test.
 * @param path with the file: `mass-notice/workflow.json`
 * @returns its id
 * @throws Error when the example names something that the parts lack, or the parts name something that it lacks
 */
export async function importExample(
	rest: EditorRest,
	path: string,
	parts: ExampleParts,
): Promise<string> {
	const { id } = await rest.createWorkflow(withParts(readExample(path), path, parts));
	onTestFinished(async () => await rest.deleteWorkflow(id));
	return id;
}

function readExample(path: string): WorkflowDefinition {
	return JSON.parse(
		readFileSync(join(ROOT, 'examples', path), 'utf8'),
	) as unknown as WorkflowDefinition;
}

function withParts(
	example: WorkflowDefinition,
	path: string,
	{ credentials, settings = {}, workflows = {}, own = {} }: ExampleParts,
): WorkflowDefinition {
	const unused = new Set([...Object.keys(credentials), ...Object.keys(settings)]);
	const nodes = example.nodes.map((node) => {
		const filled = calling(node.name === SETTINGS ? filledIn(node, settings, unused) : node);
		return node.credentials ? { ...filled, credentials: signedIn(node) } : filled;
	});
	if (unused.size > 0) throw new Error(`${path} has nothing named ${[...unused].join(', ')}`);
	return {
		...example,
		nodes,
		settings: { ...example.settings, saveDataSuccessExecution: 'all', ...own },
	};

	function signedIn(node: WorkflowNode): NonNullable<WorkflowNode['credentials']> {
		return Object.fromEntries(
			Object.entries(node.credentials ?? {}).map(([type, { name }]) => {
				const saved = credentials[name];
				if (!saved) throw new Error(`${path}: no credential is given for "${name}"`);
				unused.delete(name);
				return [type, { id: saved.id, name: saved.name }];
			}),
		);
	}

	function calling(node: WorkflowNode): WorkflowNode {
		const called = node.parameters.workflowId as
			{ cachedResultName?: string; value?: string } | undefined;
		// An expression takes it from the settings, or is the workflow itself: its user chooses nothing here.
		if (called === undefined || called.value?.startsWith('=') === true) return node;
		const value = workflows[called.cachedResultName ?? ''];
		if (value === undefined) throw new Error(`${path}: no workflow is given for "${node.name}"`);
		return { ...node, parameters: { ...node.parameters, workflowId: { ...called, value } } };
	}
}

interface Assignment {
	readonly name: string;
	readonly value: unknown;
}

function filledIn(
	node: WorkflowNode,
	settings: Readonly<Record<string, unknown>>,
	unused: Set<string>,
): WorkflowNode {
	const { assignments } = node.parameters.assignments as { assignments: readonly Assignment[] };
	const filled = assignments.map((assignment) => {
		if (!unused.delete(assignment.name)) return assignment;
		return { ...assignment, value: settings[assignment.name] };
	});
	return { ...node, parameters: { ...node.parameters, assignments: { assignments: filled } } };
}
