import type { Readable } from 'node:stream';
import type {
	IBinaryData,
	IExecuteFunctions,
	INodeExecutionData,
	NodeOperationError,
} from 'n8n-workflow';
import type { Trust } from '../pec/types';
import { MailError } from '../mail/errors';
import { nodeError, UserError } from './errors';
import { inTurns } from './turns';
import { openAccount, type AccountSession } from './account';
import { archiveAccessOf, openArchive, type ArchiveSession } from './archive';
import { credentialOf, offlineTrustOf } from './credential';
import { toJson } from './messageItem';
import { Parameters, type BinaryFile } from './parameters';

/** What an operation puts out; `itemIndex` is the input item it stands for. */
export interface Output {
	readonly itemIndex: number;
	readonly json: object;
	readonly binary?: Readonly<Record<string, BinaryFile | StoredFile>>;
	/** Where it stands among the outputs of its item, when they are made in another order. */
	readonly order?: number;
}

export interface FileToStore extends Omit<BinaryFile, 'content'> {
	readonly content: Buffer | Readable;
}

/** A file that n8n's binary store has already: `tools.store` gives it. */
export interface StoredFile {
	readonly stored: IBinaryData;
}

/**
 * What n8n takes for a failed item, and puts out as it is: with these fields alone (`handleNodeErrorOutput`). Of an item
 * that has an `error` beside its `json` it keeps the message and nothing else (`normalizeNodeErrors`).
 */
export interface FailedOutput extends Output {
	readonly json: {
		readonly error: string;
		/** What to do. */
		readonly message?: string;
		/** n8n 2.0 knows no such field, and takes an item that has it for one that did not fail. */
		readonly details?: object;
	};
}

/** What an operation gets that works without an account. */
export interface OfflineTools {
	readonly trust: Trust;
	readonly signal: AbortSignal | undefined;
	/** The same for every try of one execution of this node (n8n's Retry On Fail), different in a loop's next pass. */
	readonly runKey: string;
	now(): Date;
	progress(message: string): void;
	hint(message: string): void;
	/**
	 * Gives a file to n8n before its output is made: when that fails, nothing was done yet. A stream is written while it comes,
	 * so that a large file is never in memory as a whole.
	 */
	store(file: FileToStore): Promise<StoredFile>;
	/** Ends the run with this fault of one item, or, when the node continues on failure, gives the item's output for it. */
	fail(error: unknown, itemIndex: number): FailedOutput;
}

export interface OperationTools extends OfflineTools {
	readonly account: AccountSession;
	/** Of operations whose form asks for an ordinary mailbox. */
	readonly archive: ArchiveSession;
}

export interface ItemValues<V> {
	readonly itemIndex: number;
	readonly values: V;
}

interface Run<T extends OfflineTools> {
	readonly items: readonly Parameters[];
	readonly tools: T;
}

export type Operation = (run: Run<OperationTools>) => AsyncIterable<Output>;
export type OfflineOperation = (run: Run<OfflineTools>) => AsyncIterable<Output>;

/** An operation on one item at a time: a failure belongs to its item alone. */
export function eachItem<V>(
	read: (parameters: Parameters) => V | Promise<V>,
	work: (values: V, tools: OperationTools, itemIndex: number) => Promise<Output[]>,
): Operation {
	return eachItemInTurn<V, OperationTools>(read, async function* (...of) {
		yield* await work(...of);
	});
}

/** The same for an item that gives many outputs: each goes out before the next is made. */
export function eachItemInTurn<V, T extends OfflineTools = OfflineTools>(
	read: (parameters: Parameters) => V | Promise<V>,
	work: (values: V, tools: T, itemIndex: number) => AsyncIterable<Output>,
): (run: Run<T>) => AsyncIterable<Output> {
	return async function* (run) {
		for (const item of run.items) {
			run.tools.signal?.throwIfAborted();
			try {
				yield* work(await read(item), run.tools, item.itemIndex);
			} catch (error) {
				run.tools.signal?.throwIfAborted();
				yield run.tools.fail(error, item.itemIndex);
			}
		}
	};
}

/**
 * An operation on all items together. All are read before anything is done: one bad item stops the run with nothing
 * done, unless the node continues on failure; then it comes out as an error and the others go on. What all items share is
 * read from the first item, and without it nothing is done at all.
 */
export function allItems<S, V>(
	readShared: (first: Parameters) => S | Promise<S>,
	read: (parameters: Parameters) => V | Promise<V>,
	work: (
		shared: S,
		items: ReadonlyArray<ItemValues<V>>,
		tools: OperationTools,
	) => AsyncIterable<Output>,
): Operation {
	return async function* (run) {
		const [first] = run.items;
		if (first === undefined) return;
		const shared = await readShared(first);
		const readable: Array<ItemValues<V>> = [];
		for await (const item of inTurns(run.items)) {
			try {
				readable.push({ itemIndex: item.itemIndex, values: await read(item) });
			} catch (error) {
				yield run.tools.fail(error, item.itemIndex);
			}
		}
		yield* work(shared, readable, run.tools);
	};
}

/**
 * Runs one operation over the items of an execution: the only item loop, and the only place that knows continueOnFail.
 * @param offline operations that need no account: their credential may be absent
 */
export async function runItems(
	functions: IExecuteFunctions,
	operations: Readonly<Record<string, Operation>>,
	offline: Readonly<Record<string, OfflineOperation>> = {},
): Promise<INodeExecutionData[][]> {
	const resource = functions.getNodeParameter('resource', 0) as string;
	const name = functions.getNodeParameter('operation', 0) as string;
	const offlineOperation = offline[`${resource}:${name}`];
	if (offlineOperation) {
		const trust = await offlineTrustOf(functions);
		return await collect(functions, offlineOperation(runOf(functions, { trust })));
	}
	const operation = operations[`${resource}:${name}`];
	if (operation === undefined) {
		throw nodeError(functions.getNode(), new Error(`There is no operation "${resource}: ${name}"`));
	}
	const account = openAccount(await credentialOf(functions), () => new Date());
	const archive = openArchive(archiveAccessOf(functions), account.settings);
	const { trust } = account;
	try {
		return await collect(functions, operation(runOf(functions, { account, archive, trust })));
	} finally {
		await Promise.all([account.close(), archive.close()]);
	}
}

async function collect(
	functions: IExecuteFunctions,
	made: AsyncIterable<Output>,
): Promise<INodeExecutionData[][]> {
	// Of an output only its place is kept: its files are n8n's now.
	const outputs: Array<Pick<Output, 'itemIndex' | 'order'> & { item: INodeExecutionData }> = [];
	const add = async (output: Output) => {
		const { itemIndex, order } = output;
		const item = await toItem(functions, output);
		outputs.push({ itemIndex, ...(order === undefined ? {} : { order }), item });
	};
	try {
		for await (const output of made) await add(output);
	} catch (error) {
		if (!functions.continueOnFail() || functions.getExecutionCancelSignal()?.aborted) {
			throw nodeError(functions.getNode(), error);
		}
		// For a node that continues, n8n would put its input out as if all had succeeded.
		const done = new Set(outputs.map(({ itemIndex }) => itemIndex));
		const open = [...functions.getInputData().keys()].filter((item) => !done.has(item));
		// An item may have more outputs than came: of the last one that is told, and nothing that failed is kept quiet.
		const last = outputs.at(-1)?.itemIndex ?? 0;
		for (const itemIndex of open.length > 0 ? open : [last]) {
			const told = failed(nodeError(functions.getNode(), error, itemIndex), itemIndex);
			await add({ ...told, order: Infinity });
		}
	}
	outputs.sort(
		(one, other) => one.itemIndex - other.itemIndex || (one.order ?? 0) - (other.order ?? 0),
	);
	return [outputs.map(({ item }) => item)];
}

function runOf<A extends Pick<OfflineTools, 'trust'>>(
	functions: IExecuteFunctions,
	access: A,
): Run<OfflineTools & A> {
	const node = functions.getNode();
	const runIndex = functions.evaluateExpression('{{ $runIndex }}', 0) as number;
	const continueOnFail = functions.continueOnFail();
	return {
		items: functions.getInputData().map((_, index) => new Parameters(functions, index)),
		tools: {
			...access,
			signal: functions.getExecutionCancelSignal(),
			// Execution numbers begin again in another n8n or a new database, and node ids travel with a workflow file.
			runKey: [
				functions.getInstanceId(),
				functions.getWorkflow().id,
				functions.getExecutionId(),
				node.id,
				runIndex,
			].join(':'),
			now: () => new Date(),
			progress: (message) => {
				functions.logger.info(`${node.name}: ${message}`);
				if (functions.getMode() === 'manual') functions.sendMessageToUI(message);
			},
			hint: (message) => functions.addExecutionHints({ message, location: 'outputPane' }),
			store: async (file) => ({ stored: await storedBy(functions, file).catch(notStored) }),
			fail: (error, itemIndex) => {
				const shown = nodeError(node, error, itemIndex);
				if (!continueOnFail) throw shown;
				return failed(shown, itemIndex);
			},
		},
	};
}

function failed({ message, description }: NodeOperationError, itemIndex: number): FailedOutput {
	return {
		itemIndex,
		json: { error: message, ...(description ? { message: description } : {}) },
	};
}

async function toItem(functions: IExecuteFunctions, output: Output): Promise<INodeExecutionData> {
	const item: INodeExecutionData = {
		json: toJson(output.json),
		pairedItem: { item: output.itemIndex },
	};
	for (const [field, file] of Object.entries(output.binary ?? {})) {
		item.binary ??= {};
		item.binary[field] = 'stored' in file ? file.stored : await storedBy(functions, file);
	}
	return item;
}

async function storedBy(
	{ helpers }: IExecuteFunctions,
	{ content, fileName, mimeType }: FileToStore,
): Promise<IBinaryData> {
	return await helpers.prepareBinaryData(content, fileName, mimeType);
}

/** What keeps a stream from being read is told as what it is. */
function notStored(error: unknown): never {
	if (error instanceof MailError) throw error;
	throw new UserError(
		'n8n could not keep the file of the message, so nothing was done with it',
		"Look whether n8n's storage for files (binary data) has room and may be written, then run it again.",
	);
}
