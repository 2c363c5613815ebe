/** The parts of n8n's own shapes that the demo and the tests use (n8n-workflow, interfaces.ts). */
export interface WorkflowNode {
	readonly id?: string;
	readonly name: string;
	readonly type: string;
	readonly typeVersion: number;
	readonly position: readonly [number, number];
	readonly parameters: Readonly<Record<string, unknown>>;
	readonly credentials?: Readonly<Record<string, { readonly id: string; readonly name: string }>>;
	readonly disabled?: boolean;
	readonly onError?: 'continueErrorOutput' | 'continueRegularOutput' | 'stopWorkflow';
	readonly webhookId?: string;
	readonly executeOnce?: boolean;
	readonly retryOnFail?: boolean;
	readonly notes?: string;
}

export interface ConnectionTarget {
	readonly node: string;
	readonly type: string;
	readonly index: number;
}

/** Node name -> kind of connection (`main`) -> output -> targets. */
export type Connections = Readonly<
	Record<string, Readonly<Record<string, readonly (readonly ConnectionTarget[] | null)[]>>>
>;

export interface WorkflowDefinition {
	readonly name: string;
	readonly nodes: readonly WorkflowNode[];
	readonly connections: Connections;
	readonly settings?: Readonly<Record<string, unknown>>;
}

export interface SavedWorkflow extends WorkflowDefinition {
	readonly id: string;
	readonly versionId: string;
	/** The published version; absent or null while the workflow is off. */
	readonly activeVersionId?: string | null;
	readonly active: boolean;
	/** What nodes keep: `node:<name>` -> theirs, `global` -> everybody's. */
	readonly staticData?: Readonly<Record<string, unknown>> | null;
}

export interface BinaryReference {
	readonly id?: string;
	/** Base64 where n8n keeps binaries in the item. */
	readonly data?: string;
	readonly mimeType: string;
	readonly fileName?: string;
	/** n8n's text for people ("1.2 kB"). */
	readonly fileSize?: string;
	/** Bytes. */
	readonly bytes?: number;
}

export interface Item {
	readonly json: Record<string, unknown>;
	readonly binary?: Readonly<Record<string, BinaryReference>>;
	readonly error?: unknown;
}

export interface NodeRun {
	readonly executionStatus?: string;
	/** Milliseconds. */
	readonly executionTime?: number;
	readonly error?: { readonly message?: string; readonly description?: string | null };
	/** Output -> items; `null` for an output nothing came from. */
	readonly data?: { readonly main?: readonly (readonly Item[] | null)[] };
}

export type ExecutionStatus =
	'canceled' | 'crashed' | 'error' | 'new' | 'running' | 'success' | 'unknown' | 'waiting';

export interface ExecutionSummary {
	readonly id: string;
	readonly workflowId: string;
	readonly status: ExecutionStatus;
	/** manual, trigger, webhook, error, … */
	readonly mode: string;
	/** When n8n stored it, before it ran. */
	readonly createdAt?: string;
	readonly startedAt?: string;
	readonly stoppedAt?: string;
}

export interface ExecutionData extends ExecutionSummary {
	/** Node name -> its runs, in order. */
	readonly runs: Readonly<Record<string, readonly NodeRun[]>>;
	/** What ended the whole execution, where something did. */
	readonly error?: { readonly message?: string; readonly description?: string | null };
	readonly lastNode?: string;
}

/** The items one output of a node gave in one of its runs (all counted from 0; a negative run counts from the end). */
export function itemsOf(
	execution: ExecutionData,
	node: string,
	{ output = 0, run = -1 }: { output?: number; run?: number } = {},
): readonly Item[] {
	return execution.runs[node]?.at(run)?.data?.main?.[output] ?? [];
}
