import type { Sandbox, SandboxOptions } from '../../sandbox/index.ts';
import type { EditorRest } from '../../scripts/editor/rest.ts';
import type { SavedCredential } from '../../scripts/editor/restTypes.ts';
import { itemsOf, type ExecutionData } from '../../scripts/editor/workflow.ts';
import { createFlow, credentialFor, pec, STUDIO, startSandbox, type NodeSpec } from './flows.ts';
import { useEditor } from './harness.ts';

export const SEND = 'Send';

/** PEC Send in the shared n8n, in front of a provider of its own. */
export interface SendDesk {
	readonly rest: EditorRest;
	readonly sandbox: Sandbox;
	readonly credential: SavedCredential;
	/** Runs these nodes in a flow of their own. */
	run(...nodes: NodeSpec[]): Promise<ExecutionData>;
	/** PEC Send, Mailing. */
	mailing(
		operation: string,
		parameters: Readonly<Record<string, unknown>>,
		extra?: Partial<NodeSpec>,
	): NodeSpec;
	/** Recipients of what the provider took, sorted: letters go over several connections side by side. */
	sent(): string[];
	/** Of an account's inbox, as it is. */
	received(address: string): Buffer[];
}

export async function openSendDesk(
	options: SandboxOptions = {},
	changes: Readonly<Record<string, unknown>> = {},
): Promise<SendDesk> {
	const { rest } = await useEditor();
	const sandbox = await startSandbox(options);
	const credential = await rest.createCredential(credentialFor(sandbox, changes));
	return {
		rest,
		sandbox,
		credential,
		run: async (...nodes) => await (await createFlow(rest, nodes)).run(120_000),
		mailing: (operation, parameters, extra) =>
			pec('pecSend', SEND, credential, { resource: 'mailing', operation, ...parameters }, extra),
		sent: () =>
			sandbox.log
				.submissions()
				.flatMap(({ recipients }) => recipients)
				.toSorted(),
		received: (address) =>
			(sandbox.store.account(address)?.folder('INBOX')?.messages ?? []).map(({ raw }) => raw),
	};
}

/** What PEC Send put out, as data. */
export function outcomesIn(execution: ExecutionData, node = SEND): Record<string, unknown>[] {
	return itemsOf(execution, node).map(({ json }) => json);
}

export function actionsIn(execution: ExecutionData, node = SEND): unknown[] {
	return outcomesIn(execution, node).map(({ action }) => action);
}

export function failureOf({ error }: ExecutionData): string {
	return `${error?.message} ${error?.description ?? ''}`;
}

export const LETTER = {
	recipient: '={{ $json.pec }}',
	rowKey: '={{ $json.file }}',
	subject: '=Pratica {{ $json.file }}',
	text: 'Buongiorno',
	options: {},
} as const;

/** Rows with the addresses of clients who have a mailbox. */
export function clients(count: number): { readonly pec: string; readonly file: string }[] {
	return Array.from({ length: count }, (_, index) => ({
		pec: `cliente${String((index % 10) + 1).padStart(2, '0')}@pec.beta.test`,
		file: `P${index + 1}`,
	}));
}

export { STUDIO };
