import { onTestFinished } from 'vitest';
import { start, type Sandbox, type SandboxOptions } from '../../sandbox/index.ts';
import type { EditorRest } from '../../scripts/editor/rest.ts';
import type { CredentialInput, SavedCredential } from '../../scripts/editor/restTypes.ts';
import type { ExecutionData, WorkflowNode } from '../../scripts/editor/workflow.ts';
import { pecCredential } from '../servers/sandboxAccount.ts';

export const STUDIO = 'studio@pec.alfa.test';

/** A sandbox of the test's own, ended with the test. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
	const sandbox = await start(options);
	onTestFinished(async () => await sandbox.stop());
	return sandbox;
}

export function credentialFor(
	sandbox: Sandbox,
	changes: Readonly<Record<string, unknown>> = {},
	address = STUDIO,
): CredentialInput {
	return pecCredential(sandbox, address, changes);
}

export type NodeSpec = Omit<WorkflowNode, 'position'>;

/** Nodes in a row behind a Manual Trigger named Start. */
export async function createFlow(
	rest: EditorRest,
	specs: readonly NodeSpec[],
): Promise<{ id: string; run: (timeoutMs?: number) => Promise<ExecutionData> }> {
	const nodes: WorkflowNode[] = [
		{ name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} },
		...specs,
	].map((node, index) => ({ ...node, position: [index * 200, 0] }));
	const id = await saveFlow(rest, nodes);
	return { id, run: async (timeoutMs) => await rest.runWorkflow(id, 'Start', timeoutMs) };
}

/** Nodes in a row, the first of which starts the flow by itself. Deactivated and deleted with the test. */
export async function createTriggerFlow(
	rest: EditorRest,
	specs: readonly NodeSpec[],
	settings: Readonly<Record<string, unknown>> = {},
): Promise<{ id: string }> {
	const nodes: WorkflowNode[] = specs.map((node, index) => ({
		...node,
		position: [index * 200, 0],
	}));
	return { id: await saveFlow(rest, nodes, settings) };
}

async function saveFlow(
	rest: EditorRest,
	nodes: readonly WorkflowNode[],
	settings: Readonly<Record<string, unknown>> = {},
): Promise<string> {
	const connections = Object.fromEntries(
		nodes
			.slice(1)
			.map((node, index) => [
				nodes[index]?.name ?? '',
				{ main: [[{ node: node.name, type: 'main', index: 0 }]] },
			]),
	);
	const { id } = await rest.createWorkflow({
		name: `Test ${nodes.map(({ name }) => name).join(', ')}`,
		nodes,
		connections,
		settings: { executionOrder: 'v1', saveDataSuccessExecution: 'all', ...settings },
	});
	onTestFinished(async () => await rest.deleteWorkflow(id));
	return id;
}

/** Items for a flow, as a sheet or a CRM would give them. */
export function rows(items: ReadonlyArray<Readonly<Record<string, unknown>>>): NodeSpec {
	return {
		name: 'Rows',
		type: 'n8n-nodes-base.code',
		typeVersion: 2,
		parameters: {
			jsCode: `return ${JSON.stringify(items)}.map((json) => ({ json }));`,
		},
	};
}

export function pec(
	type: 'pecSend' | 'pecMailbox' | 'pecTrigger',
	name: string,
	credential: SavedCredential,
	parameters: Readonly<Record<string, unknown>>,
	extra: Partial<WorkflowNode> = {},
): NodeSpec {
	return {
		name,
		type: `n8n-nodes-pec.${type}`,
		typeVersion: 1,
		parameters,
		credentials: { pecApi: { id: credential.id, name: credential.name } },
		...extra,
	};
}

export function folder(path: string): object {
	return { __rl: true, mode: 'path', value: path };
}

export function mailing(
	credential: SavedCredential,
	name: string,
	extra: Partial<WorkflowNode> = {},
): NodeSpec {
	return pec(
		'pecSend',
		'Send',
		credential,
		{
			resource: 'mailing',
			operation: 'send',
			mailingName: name,
			recipient: '={{ $json.pec }}',
			rowKey: '={{ $json.file }}',
			subject: '=Pratica {{ $json.file }}',
			text: 'Buongiorno',
			options: {},
		},
		extra,
	);
}
