import type { INodeExecutionData, IRun, ITriggerFunctions } from 'n8n-workflow';
import { toJson, type MessageItem } from '../n8n/messageItem';
import type { RunEnd } from './offers';

type DonePromise = NonNullable<Parameters<ITriggerFunctions['emit']>[2]>;

/** n8n settles what it is given, and reads nothing from it. */
const NEVER = new Promise<never>(() => undefined);

/** How n8n names rejections that say something of a run; it stops runs by hand, by a time limit, and on its way out. */
const STOPPED = /CancelledError$/;
const STOPPED_ON_EXIT = 'SystemShutdownExecutionCancelledError';
/** Of a run that was refused before its first node, as when it may not use a credential: n8n recorded it as failed. */
const REFUSED = 'ExecutionNotFoundError';

/** Starts a run and waits for its end. Never rejects. */
export async function startRun(
	functions: ITriggerFunctions,
	item: MessageItem,
	key: string,
): Promise<RunEnd> {
	try {
		const output = await prepareItem(functions, item);
		const run = await new Promise<IRun | undefined>((resolve, reject) => {
			const done: DonePromise = { promise: NEVER, resolve, reject };
			functions.emit([[output]], undefined, done, key);
		});
		return endOf(run);
	} catch (error) {
		const name = error instanceof Error ? error.constructor.name : '';
		const hasFailed = name === REFUSED || (STOPPED.test(name) && name !== STOPPED_ON_EXIT);
		return hasFailed ? 'failed' : 'interrupted';
	}
}

/** An item as it leaves the trigger, its files stored by n8n. */
export async function prepareItem(
	functions: ITriggerFunctions,
	{ json, binary }: MessageItem,
): Promise<INodeExecutionData> {
	const files = Object.entries(binary);
	if (files.length === 0) return { json: toJson(json) };
	const stored: NonNullable<INodeExecutionData['binary']> = {};
	for (const [name, { content, fileName, mimeType }] of files) {
		stored[name] = await functions.helpers.prepareBinaryData(content, fileName, mimeType);
	}
	return { json: toJson(json), binary: stored };
}

const ENDS: ReadonlyMap<string, RunEnd> = new Map([
	['success', 'succeeded'],
	// A run that waits (Wait node) was handed over: days may pass before it goes on.
	['waiting', 'succeeded'],
	['error', 'failed'],
	['crashed', 'failed'],
	['canceled', 'failed'],
]);

/** @param run `undefined` when n8n knew the key */
export function endOf(run: IRun | undefined): RunEnd {
	if (run === undefined) return 'duplicate';
	// n8n 2.0 still says "running" of a run that has ended: then its error tells.
	const { resultData } = run.data ?? {};
	return ENDS.get(run.status) ?? (resultData?.error ? 'failed' : 'succeeded');
}
