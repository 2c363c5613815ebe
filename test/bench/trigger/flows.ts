import type { Sandbox } from '../../../sandbox/index.ts';
import type { EditorRest } from '../../../scripts/editor/rest.ts';
import type { CredentialInput } from '../../../scripts/editor/restTypes.ts';
import type { WorkflowNode } from '../../../scripts/editor/workflow.ts';
import { pecCredential } from '../../servers/sandboxAccount.ts';
import type { Effects } from './effects.ts';

/** Who starts the runs. */
export type Contender = 'ours' | 'theirs';

/** Each flow has a mailbox of its own. */
const FLOWS = ['ours', 'theirs', 'ours-small', 'ours-backlog', 'theirs-backlog'] as const;
export type Flow = (typeof FLOWS)[number];

/** Any, by the contender that its name begins with. */
export type FlowName = `${Contender}${string}`;

export function mailboxOf(flow: FlowName): string {
	return `${flow}@pec.alfa.test`;
}

export const MAILBOXES = Object.fromEntries(
	FLOWS.map((flow) => [flow, mailboxOf(flow)]),
) as Readonly<Record<Flow, string>>;

export const PASSWORD = 'prova-alfa';

/** As they come, but for what has to be chosen: everything else is the node's own default. */
const TRIGGERS: Readonly<
	Record<Contender, { type: string; typeVersion: number; parameters: object; says: string }>
> = {
	ours: {
		type: 'n8n-nodes-pec.pecTrigger',
		typeVersion: 1,
		parameters: { watchFor: 'newPec' },
		says: 'id={{ encodeURIComponent($json.envelope.messageId) }}&verified={{ $json.verified }}',
	},
	theirs: {
		type: 'n8n-nodes-base.emailReadImap',
		typeVersion: 2.2,
		parameters: {},
		says: 'id={{ encodeURIComponent($json.metadata["message-id"]) }}',
	},
};

function contenderOf(flow: FlowName): Contender {
	return flow.startsWith('ours') ? 'ours' : 'theirs';
}

function credentialOf(flow: FlowName, sandbox: Sandbox, pecCa: string): CredentialInput {
	const user = mailboxOf(flow);
	if (contenderOf(flow) === 'theirs') {
		const { port } = sandbox.imap;
		// The certificate is checked here, too: by NODE_EXTRA_CA_CERTS, for which the credential has no field.
		const data = { user, password: PASSWORD, host: 'localhost', port, secure: true };
		return { name: flow, type: 'imap', data };
	}
	return { ...pecCredential(sandbox, user, { pecCa }), name: flow };
}

/**
 * Saves a flow of two nodes: the trigger, and an HTTP Request by which each message has its effect.
 * @returns its id
 */
export async function saveFlow(
	flow: FlowName,
	stage: { readonly rest: EditorRest; readonly sandbox: Sandbox; readonly effects: Effects },
	{ pecCa, startFrom }: { pecCa: string; startFrom: 'now' | 'beginning' },
): Promise<string> {
	const { rest, sandbox, effects } = stage;
	const contender = contenderOf(flow);
	const { type, typeVersion, parameters, says } = TRIGGERS[contender];
	const input = credentialOf(flow, sandbox, pecCa);
	const { id, name } = await rest.createCredential(input);
	const nodes: WorkflowNode[] = [
		{
			name: 'Trigger',
			type,
			typeVersion,
			position: [0, 0],
			parameters: { ...parameters, ...(contender === 'ours' ? { startFrom } : {}) },
			credentials: { [input.type]: { id, name } },
		},
		{
			name: 'Effect',
			type: 'n8n-nodes-base.httpRequest',
			typeVersion: 4.2,
			position: [200, 0],
			parameters: { url: `=${effects.urlOf(flow)}?${says}`, options: {} },
		},
	];
	const workflow = await rest.createWorkflow({
		name: flow,
		nodes,
		connections: { Trigger: { main: [[{ node: 'Effect', type: 'main', index: 0 }]] } },
		settings: { executionOrder: 'v1' },
	});
	return workflow.id;
}
