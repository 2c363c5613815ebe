import type { Sandbox } from '../../../sandbox/index.ts';
import type { EditorRest } from '../../../scripts/editor/rest.ts';
import type { CredentialInput } from '../../../scripts/editor/restTypes.ts';
import type { WorkflowNode } from '../../../scripts/editor/workflow.ts';
import { pecCredential } from '../../servers/sandboxAccount.ts';
import type { Effects } from './effects.ts';
import { EMITTER_TYPE, type Emission } from './emitter.ts';

/** Who starts the runs of what comes into a mailbox. */
export type Contender = 'ours' | 'theirs';

/** Each flow has a mailbox of its own. */
const MAILBOX_FLOWS = ['ours', 'theirs', 'ours-small', 'ours-backlog', 'theirs-backlog'] as const;
export type MailboxFlow = (typeof MAILBOX_FLOWS)[number];
/** These have none: their trigger only starts runs. */
export type EmittedFlow = 'emitted-small' | 'emitted-backlog';
export type Flow = MailboxFlow | EmittedFlow;

/** Any, by the contender that its name begins with. */
export type FlowName = `${Contender}${string}`;

export function mailboxOf(flow: FlowName): string {
	return `${flow}@pec.alfa.test`;
}

export const MAILBOXES = Object.fromEntries(
	MAILBOX_FLOWS.map((flow) => [flow, mailboxOf(flow)]),
) as Readonly<Record<MailboxFlow, string>>;

export const PASSWORD = 'prova-alfa';

type TriggerNode = Pick<WorkflowNode, 'type' | 'typeVersion' | 'parameters'>;

/** As they come, but for what has to be chosen: everything else is the node's own default. */
const TRIGGERS: Readonly<Record<Contender, TriggerNode>> = {
	ours: {
		type: 'n8n-nodes-pec.pecTrigger',
		typeVersion: 1,
		parameters: { watchFor: 'newPec' },
	},
	theirs: { type: 'n8n-nodes-base.emailReadImap', typeVersion: 2.2, parameters: {} },
};

/** What a run says of its message. */
const OURS_SAYS =
	'id={{ encodeURIComponent($json.envelope.messageId) }}&verified={{ $json.verified }}';
const SAYS: Readonly<Record<Contender, string>> = {
	ours: OURS_SAYS,
	theirs: 'id={{ encodeURIComponent($json.metadata["message-id"]) }}',
};

interface FlowStage {
	readonly rest: EditorRest;
	readonly sandbox: Sandbox;
	readonly effects: Effects;
}

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
 * Saves a flow whose trigger watches a mailbox.
 * @returns its id
 */
export async function saveFlow(
	flow: FlowName,
	stage: FlowStage,
	{ pecCa, startFrom }: { pecCa: string; startFrom: 'now' | 'beginning' },
): Promise<string> {
	const contender = contenderOf(flow);
	const trigger = TRIGGERS[contender];
	const input = credentialOf(flow, stage.sandbox, pecCa);
	const { id, name } = await stage.rest.createCredential(input);
	return await saveWithEffect(flow, stage, SAYS[contender], {
		...trigger,
		parameters: { ...trigger.parameters, ...(contender === 'ours' ? { startFrom } : {}) },
		credentials: { [input.type]: { id, name } },
	});
}

/**
 * Saves a flow whose trigger only starts runs, with items as PEC Trigger's.
 * @returns its id
 */
export async function saveEmittedFlow(
	flow: EmittedFlow,
	stage: FlowStage,
	emission: Emission,
): Promise<string> {
	return await saveWithEffect(flow, stage, OURS_SAYS, {
		type: EMITTER_TYPE,
		typeVersion: 1,
		parameters: { ...emission },
	});
}

/** A flow of two nodes: the trigger, and an HTTP Request by which each message has its effect. */
async function saveWithEffect(
	flow: FlowName | EmittedFlow,
	{ rest, effects }: FlowStage,
	says: string,
	trigger: TriggerNode & Pick<WorkflowNode, 'credentials'>,
): Promise<string> {
	const nodes: WorkflowNode[] = [
		{ name: 'Trigger', position: [0, 0], ...trigger },
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
