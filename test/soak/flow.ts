import type { WorkflowDefinition, WorkflowNode } from '../../scripts/editor/workflow.ts';

/** A trigger, a node that says that the run began and may be answered 500, and the effect. */
export function soakFlow(
	name: string,
	trigger: Omit<WorkflowNode, 'name' | 'position'>,
	{ url, pecKey }: { url: string; pecKey: string },
): WorkflowDefinition {
	const body = `={{ JSON.stringify({ pecKey: ${pecKey}, execution: $execution.id }) }}`;
	const post = (path: string) => ({
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.2,
		parameters: {
			method: 'POST',
			url: url + path,
			sendBody: true,
			specifyBody: 'json',
			jsonBody: body,
			options: {},
		},
	});
	const nodes: WorkflowNode[] = [
		{ name: 'Trigger', ...trigger, position: [0, 0] },
		{ name: 'Run', ...post('/run'), position: [200, 0] },
		{ name: 'Effect', ...post('/effect'), position: [400, 0] },
	];
	const to = (node: string) => ({ main: [[{ node, type: 'main', index: 0 }]] });
	return {
		name,
		nodes,
		connections: { Trigger: to('Run'), Run: to('Effect') },
		settings: { executionOrder: 'v1' },
	};
}
