import type { Readable } from 'node:stream';
import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

type PrepareBinaryData = IExecuteFunctions['helpers']['prepareBinaryData'];

export interface FakeExecution {
	/** Without it, asking for one fails as in n8n. */
	readonly credential: IDataObject | undefined;
	/** Of each item in turn, or one for all. */
	readonly parameters: Readonly<Record<string, unknown>>;
	readonly items?: readonly INodeExecutionData[];
	readonly continueOnFail?: boolean;
	readonly executionId?: string;
	readonly instanceId?: string;
	readonly signal?: AbortSignal;
	/** Hints given are put here. */
	readonly hints?: unknown[];
	/** In place of a store that keeps every file in its item. */
	readonly prepareBinaryData?: PrepareBinaryData;
}

/** As much of n8n's execution as the nodes use, for what a whole n8n cannot be brought to do at will. */
export function executeFunctions(execution: FakeExecution): IExecuteFunctions {
	const items: readonly INodeExecutionData[] = execution.items ?? [{ json: {} }];
	const fake: Partial<IExecuteFunctions> = {
		getNodeParameter: ((name: string, index: number, fallback?: unknown) => {
			const value = execution.parameters[name] ?? fallback;
			return Array.isArray(value) ? value[index] : value;
		}) as IExecuteFunctions['getNodeParameter'],
		getCredentials: (async () => {
			if (!execution.credential) throw new Error('Credentials not found');
			return execution.credential;
		}) as IExecuteFunctions['getCredentials'],
		getNode: () => ({
			id: 'node-1',
			name: 'Node',
			type: 'n8n-nodes-pec.pecSend',
			typeVersion: 1,
			position: [0, 0],
			parameters: {},
		}),
		getWorkflow: () => ({ id: 'workflow-1', active: false }),
		getInstanceId: () => execution.instanceId ?? 'instance-1',
		getExecutionId: () => execution.executionId ?? '1',
		getInputData: () => [...items],
		getMode: () => 'trigger',
		getTimezone: () => 'Europe/Rome',
		evaluateExpression: () => 0,
		continueOnFail: () => execution.continueOnFail ?? false,
		getExecutionCancelSignal: () => execution.signal,
		addExecutionHints: (...hints) => void execution.hints?.push(...hints),
		helpers: {
			prepareBinaryData: execution.prepareBinaryData ?? keptInItem,
			getBinaryDataBuffer: async (index: number, field: string) =>
				await Promise.resolve(Buffer.from(items[index]?.binary?.[field]?.data ?? '', 'base64')),
		} as unknown as IExecuteFunctions['helpers'],
		logger: { info: () => undefined } as unknown as IExecuteFunctions['logger'],
	};
	return fake as IExecuteFunctions;
}

export const keptInItem: PrepareBinaryData = async (content, fileName, mimeType = '') => ({
	data: (await bytesOf(content)).toString('base64'),
	mimeType,
	...(fileName === undefined ? {} : { fileName }),
});

async function bytesOf(content: Buffer | Readable): Promise<Buffer> {
	if (Buffer.isBuffer(content)) return content;
	const pieces: Buffer[] = [];
	for await (const piece of content) pieces.push(piece as Buffer);
	return Buffer.concat(pieces);
}
