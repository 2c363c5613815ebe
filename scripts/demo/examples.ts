import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../folders.ts';
import type { EditorRest } from '../editor/rest.ts';
import type { SavedCredential } from '../editor/restTypes.ts';
import { itemsOf, type ExecutionData, type WorkflowDefinition } from '../editor/workflow.ts';

/** What `npm start` imports and runs, each for one operation. */
export const EXAMPLES = [
	'mailing-preview',
	'mailing',
	'mailing-status',
	'receipts',
	'copy-and-clean-up',
	'space',
] as const;
export type Example = (typeof EXAMPLES)[number];

/** Where the examples keep copies: n8n may write below its data folder only. */
const EXAMPLE_ARCHIVE = '/files/pec';

export interface ExampleSetting {
	readonly rest: EditorRest;
	readonly credential: SavedCredential;
	/** Takes the place of the examples' own archive folder. */
	readonly archive: string;
}

/** The example workflows as they are in the editor of this demo. */
export class RunningExamples {
	readonly #setting: ExampleSetting;
	readonly #ids = new Map<Example, string>();

	private constructor(setting: ExampleSetting) {
		this.#setting = setting;
	}

	/** Imports every example with the demo's credential. */
	static async create(setting: ExampleSetting): Promise<RunningExamples> {
		const examples = new RunningExamples(setting);
		for (const name of EXAMPLES) {
			const { id } = await setting.rest.createWorkflow(readExample(name, setting));
			examples.#ids.set(name, id);
		}
		return examples;
	}

	idOf(name: Example): string {
		const id = this.#ids.get(name);
		if (id === undefined) throw new Error(`Example ${name} was not imported`);
		return id;
	}

	/** Runs an example by hand. @throws when n8n says that it failed */
	async run(name: Example, timeoutMs: number): Promise<ExecutionData> {
		const execution = await this.#setting.rest.runWorkflow(this.idOf(name), 'Start', timeoutMs);
		if (execution.status !== 'success') {
			const { message = 'no message', description } = execution.error ?? {};
			throw new Error(
				`The workflow "${name}" ended as ${execution.status} at "${execution.lastNode}": ${message}${description ? ` (${description})` : ''}`,
			);
		}
		return execution;
	}

	async activate(name: Example): Promise<void> {
		const { status } = await this.#setting.rest.activate(this.idOf(name));
		if (status !== 'published') throw new Error(`The workflow "${name}" could not be activated`);
	}

	async executionsOf(
		name: Example,
		count: number,
		timeoutMs: number,
	): Promise<readonly ExecutionData[]> {
		return await this.#setting.rest.waitForExecutions(this.idOf(name), count, timeoutMs);
	}
}

function readExample(name: Example, { credential, archive }: ExampleSetting): WorkflowDefinition {
	const text = readFileSync(join(ROOT, 'examples', name, 'workflow.json'), 'utf8');
	const inText = JSON.stringify(archive).slice(1, -1);
	const workflow = JSON.parse(text.replaceAll(EXAMPLE_ARCHIVE, inText)) as WorkflowDefinition;
	const { id, name: shown } = credential;
	return {
		...workflow,
		nodes: workflow.nodes.map((node) =>
			node.credentials ? { ...node, credentials: { pecApi: { id, name: shown } } } : node,
		),
	};
}

/** SHA-256 of the receipt of each run of the receipts example, waiting until there are as many as receipts. */
export async function triggeredReceipts(
	examples: RunningExamples,
	count: number,
	timeoutMs: number,
): Promise<string[]> {
	const executions = await examples.executionsOf('receipts', count, timeoutMs);
	return executions.flatMap((execution) =>
		itemsOf(execution, 'Receipt').map(({ json }) => String(json.sha256)),
	);
}
