import type { WorkflowDefinition, WorkflowNode } from '../scripts/editor/workflow.ts';

export type NodeSpec = Omit<WorkflowNode, 'position'>;

export const START = 'Start';

/** Starts a flow by hand. */
export const BY_HAND: NodeSpec = {
	name: START,
	type: 'n8n-nodes-base.manualTrigger',
	typeVersion: 1,
	parameters: {},
};

/** Items for a flow, as a sheet or a CRM would give them. */
export function rows(items: ReadonlyArray<Readonly<Record<string, unknown>>>): NodeSpec {
	return rowsFrom(`return ${JSON.stringify(items)}.map((json) => ({ json }));`);
}

/** The same, made by code. */
export function rowsFrom(jsCode: string): NodeSpec {
	return {
		name: 'Rows',
		type: 'n8n-nodes-base.code',
		typeVersion: 2,
		parameters: { jsCode },
	};
}

/** A flow in which each node gets what the one before puts out. */
export function inARow(name: string, specs: readonly NodeSpec[]): WorkflowDefinition {
	const connections = Object.fromEntries(
		specs
			.slice(1)
			.map((node, index) => [
				specs[index]?.name ?? '',
				{ main: [[{ node: node.name, type: 'main', index: 0 }]] },
			]),
	);
	return {
		name,
		nodes: specs.map((node, index) => ({ ...node, position: [index * 200, 0] })),
		connections,
		settings: { executionOrder: 'v1' },
	};
}
