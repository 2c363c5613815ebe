import { onTestFinished } from 'vitest';
import { start, type Sandbox, type SandboxOptions } from '../../sandbox/index.ts';
import type { EditorRest } from '../../scripts/editor/rest.ts';
import type { CredentialInput, SavedCredential } from '../../scripts/editor/restTypes.ts';
import type { ExecutionData, WorkflowNode } from '../../scripts/editor/workflow.ts';
import { BY_HAND, inARow, START, type NodeSpec } from '../nodesInARow.ts';
import { insistOnOutput } from '../outputFit.ts';
import { pecCredential } from '../servers/sandboxAccount.ts';

export { rows, type NodeSpec } from '../nodesInARow.ts';

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

/** Nodes in a row behind a Manual Trigger named Start. */
export async function createFlow(
	rest: EditorRest,
	specs: readonly NodeSpec[],
): Promise<{ id: string; run: (timeoutMs?: number) => Promise<ExecutionData> }> {
	const id = await saveFlow(rest, [BY_HAND, ...specs]);
	return {
		id,
		run: async (timeoutMs) => {
			const execution = await rest.runWorkflow(id, START, timeoutMs);
			for (const spec of specs) insistOnOutputs(execution, spec);
			return execution;
		},
	};
}

/** Of what went the ordinary way out of our nodes. */
function insistOnOutputs({ runs }: ExecutionData, { name, type, parameters }: NodeSpec): void {
	const node = /^n8n-nodes-pec\.(pecSend|pecMailbox)$/.exec(type)?.[1];
	const { resource = 'message', operation } = parameters;
	if (node === undefined || operation === undefined) return;
	const items = (runs[name] ?? []).flatMap(({ data }) => data?.main?.[0] ?? []);
	insistOnOutput(
		`${node}/${String(resource)}/${String(operation)}`,
		items.map(({ json }) => json),
	);
}

/** Nodes in a row, the first of which starts the flow by itself. Deactivated and deleted with the test. */
export async function createTriggerFlow(
	rest: EditorRest,
	specs: readonly NodeSpec[],
	settings: Readonly<Record<string, unknown>> = {},
): Promise<{ id: string }> {
	return { id: await saveFlow(rest, specs, settings) };
}

async function saveFlow(
	rest: EditorRest,
	specs: readonly NodeSpec[],
	settings: Readonly<Record<string, unknown>> = {},
): Promise<string> {
	const flow = inARow(`Test ${specs.map(({ name }) => name).join(', ')}`, specs);
	const { id } = await rest.createWorkflow({
		...flow,
		settings: { ...flow.settings, saveDataSuccessExecution: 'all', ...settings },
	});
	onTestFinished(async () => await rest.deleteWorkflow(id));
	return id;
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
