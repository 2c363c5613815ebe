import type { IBinaryKeyData, INodeExecutionData } from 'n8n-workflow';
import { PecSend } from '../../nodes/PecSend/PecSend.node.ts';
import { pecKeyOf } from '../../nodes/pec/pecKey.ts';
import { readPecMessage } from '../../nodes/pec/message.ts';
import type { PecMessage } from '../../nodes/pec/types.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { insistOnOutput } from '../outputFit.ts';
import { pecCredential } from '../servers/sandboxAccount.ts';
import { executeFunctions, type FakeExecution } from './executeFunctions.ts';

export const STUDIO = 'studio@pec.alfa.test';
export const CLIENT = 'cliente02@pec.beta.test';

export function itemWith(files: Readonly<Record<string, Buffer>> = {}): INodeExecutionData {
	const binary: IBinaryKeyData = {};
	for (const [field, bytes] of Object.entries(files)) {
		binary[field] = {
			data: bytes.toString('base64'),
			bytes: bytes.length,
			mimeType: 'application/pdf',
			fileName: `${field}.pdf`,
		};
	}
	return { json: {}, binary };
}

/**
 * PEC Send as a person would fill it in, from the studio's mailbox. Each call is another execution unless one is named.
 * @param execution.reads names of files are put here as they are read
 * @param execution.storesNothing n8n's storage for files is full
 */
export async function runPecSend(
	sandbox: Sandbox,
	parameters: Readonly<Record<string, unknown>>,
	{
		reads,
		storesNothing,
		...execution
	}: Partial<FakeExecution> & {
		readonly reads?: string[];
		readonly storesNothing?: boolean;
	} = {},
): Promise<INodeExecutionData[]> {
	const items = execution.items ?? [itemWith()];
	executions += 1;
	const functions = executeFunctions({
		credential: pecCredential(sandbox, STUDIO).data as FakeExecution['credential'],
		parameters: {
			resource: 'message',
			operation: 'send',
			to: CLIENT,
			subject: 'Avviso',
			text: 'Buongiorno',
			attachments: '',
			options: {},
			...parameters,
		},
		executionId: `execution-${executions}`,
		...execution,
		items,
	});
	functions.helpers = {
		getBinaryDataBuffer: async (index: number, field: string) => {
			reads?.push(`${index}:${field}`);
			return Buffer.from(items[index]?.binary?.[field]?.data ?? '', 'base64');
		},
		prepareBinaryData: async (content: Buffer, fileName: string, mimeType: string) => {
			if (storesNothing) throw new Error('ENOSPC');
			return { data: content.toString('base64'), fileName, mimeType };
		},
	} as unknown as typeof functions.helpers;
	const [output = []] = await new PecSend().execute.call(functions);
	insistOnOutput(
		`pecSend/${String(parameters.resource ?? 'message')}/${String(parameters.operation ?? 'send')}`,
		output.map(({ json }) => json),
	);
	await sandbox.settled();
	return output;
}

let executions = 0;

export function bytesIn(item: INodeExecutionData | undefined, field = 'data'): Buffer | undefined {
	const data = item?.binary?.[field]?.data;
	return data === undefined ? undefined : Buffer.from(data, 'base64');
}

/** Oldest first. */
export function rawIn(sandbox: Sandbox, address: string, folder = 'INBOX'): Buffer[] {
	const messages = sandbox.store.account(address)?.folder(folder)?.messages ?? [];
	return messages.map(({ raw }) => raw);
}

export async function readIn(
	sandbox: Sandbox,
	address: string,
	folder = 'INBOX',
): Promise<PecMessage[]> {
	const trust = { issuers: [sandbox.pecCa] };
	const read = rawIn(sandbox, address, folder).map(async (raw) => {
		return await readPecMessage(raw, { trust, now: new Date() });
	});
	return await Promise.all(read);
}

/** The latest message of a kind in a mailbox. */
export async function latestIn(
	sandbox: Sandbox,
	address: string,
	kind: PecMessage['kind'],
): Promise<PecMessage> {
	const message = (await readIn(sandbox, address)).findLast((one) => one.kind === kind);
	if (!message) throw new Error(`no ${kind} arrived`);
	return message;
}

export function keyOf(raw: Buffer): string {
	return pecKeyOf(raw, raw.length);
}
