import { setTimeout as delay } from 'node:timers/promises';
import { parseFlatted } from './flatted.ts';
import type {
	CredentialInput,
	CredentialVerdict,
	NodeType,
	Owner,
	Publication,
	SavedCredential,
} from './restTypes.ts';
import type {
	ExecutionData,
	ExecutionStatus,
	ExecutionSummary,
	NodeRun,
	SavedWorkflow,
	WorkflowDefinition,
} from './workflow.ts';

/** n8n refused a request; `message` is its own. */
export class RestError extends Error {
	override readonly name = 'RestError';
	readonly status: number;

	constructor(request: string, status: number, message: string) {
		super(`${request}: ${status} ${message}`);
		this.status = status;
	}
}

const LOOK_AGAIN_MS = 100;
const ENDED: ReadonlySet<ExecutionStatus> = new Set(['canceled', 'crashed', 'error', 'success']);
/** n8n ties a session to the browser that signed in; this client is one browser. */
const BROWSER_ID = 'n8n-nodes-pec';

/** n8n answers a refusal with `{ message, … }`; what stands before it (an express handler) with any text. */
function readMessage(body: string): string {
	try {
		const { message } = JSON.parse(body) as { message?: unknown };
		if (typeof message === 'string') return message;
	} catch {
		// Not JSON: the text itself is the message.
	}
	return body.slice(0, 500);
}

async function waitFor<T>(
	what: string,
	timeoutMs: number,
	read: () => Promise<T>,
	done: (value: T) => boolean,
): Promise<T> {
	const deadline = performance.now() + timeoutMs;
	for (;;) {
		const value = await read();
		if (done(value)) return value;
		if (performance.now() > deadline) {
			throw new Error(`Waited ${timeoutMs / 1000} s in vain for ${what}.`);
		}
		await delay(LOOK_AGAIN_MS);
	}
}

interface RunData {
	readonly resultData?: {
		readonly runData?: Record<string, readonly NodeRun[]>;
		readonly error?: { readonly message?: string; readonly description?: string | null };
		readonly lastNodeExecuted?: string;
	};
}

/**
 * A client of the interface n8n's own editor uses, signed in as the owner. Every method throws `RestError` when n8n
 * refuses. Read in n8n 2.40.5's controllers: nothing of it is promised to stay, which is why that version is pinned.
 */
export class EditorRest {
	readonly #url: string;
	#cookie = '';

	/** `url` without a slash at the end. */
	constructor(url: string) {
		this.#url = url;
	}

	async #send(method: string, path: string, body?: unknown): Promise<Response> {
		const response = await fetch(this.#url + path, {
			method,
			headers: {
				'browser-id': BROWSER_ID,
				// A connection that is used again may be one that n8n is closing: 'other side closed', and a POST is not repeated.
				connection: 'close',
				...(this.#cookie === '' ? {} : { cookie: this.#cookie }),
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
			},
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		if (!response.ok) {
			throw new RestError(`${method} ${path}`, response.status, readMessage(await response.text()));
		}
		const session = response.headers
			.getSetCookie()
			.find((cookie) => cookie.startsWith('n8n-auth='));
		if (session !== undefined) this.#cookie = session.split(';', 1)[0] ?? '';
		return response;
	}

	/** `path` below `/rest`; gives what n8n puts into `data`. */
	async request<T>(method: string, path: string, body?: unknown): Promise<T> {
		const response = await this.#send(method, `/rest${path}`, body);
		return ((await response.json()) as { data: T }).data;
	}

	/** Makes the first user of a new n8n, and signs in. */
	async setUpOwner(owner: Owner): Promise<void> {
		await this.request('POST', '/owner/setup', { ...owner, firstName: 'Demo', lastName: 'Owner' });
	}

	async signIn(owner: Owner): Promise<void> {
		await this.request('POST', '/login', {
			emailOrLdapLoginId: owner.email,
			password: owner.password,
		});
	}

	async createCredential(credential: CredentialInput): Promise<SavedCredential> {
		return await this.request('POST', '/credentials', credential);
	}

	/** Saves it as it is given here; what is left out is gone. */
	async replaceCredential(id: string, credential: CredentialInput): Promise<void> {
		await this.request('PATCH', `/credentials/${id}`, credential);
	}

	/** What the button "Test" in the credential's form says. */
	async testCredential(
		credential: CredentialInput & { readonly id?: string },
	): Promise<CredentialVerdict> {
		return await this.request('POST', '/credentials/test', {
			credentials: { ...credential, id: credential.id ?? '' },
		});
	}

	async createWorkflow(workflow: WorkflowDefinition): Promise<SavedWorkflow> {
		return await this.request('POST', '/workflows', { settings: {}, ...workflow });
	}

	async getWorkflow(id: string): Promise<SavedWorkflow> {
		return await this.request('GET', `/workflows/${id}`);
	}

	async updateWorkflow(id: string, changes: Partial<WorkflowDefinition>): Promise<SavedWorkflow> {
		return await this.request('PATCH', `/workflows/${id}`, changes);
	}

	async publication(id: string): Promise<Publication> {
		return await this.request('GET', `/workflows/${id}/publication-status`);
	}

	/**
	 * Publishes the workflow as it is saved now, and waits until its triggers run or n8n gave up on one of them (after
	 * five tries, about 15 s): see `status` and `triggers` of the answer.
	 */
	async activate(id: string, timeoutMs = 60_000): Promise<Publication> {
		const { versionId } = await this.getWorkflow(id);
		await this.request('POST', `/workflows/${id}/activate`, { versionId });
		return await waitFor(
			`workflow ${id} to be published`,
			timeoutMs,
			async () => await this.publication(id),
			// n8n reads what is under way and what has begun side by side: in the moment between, it sees neither.
			({ status }) => status !== 'in_progress' && status !== 'not_published',
		);
	}

	/** Takes the workflow's triggers down, and waits until they are. */
	async deactivate(id: string, timeoutMs = 60_000): Promise<void> {
		await this.request('POST', `/workflows/${id}/deactivate`, {});
		await waitFor(
			`workflow ${id} to be taken down`,
			timeoutMs,
			async () => await this.publication(id),
			({ status }) => status === 'not_published',
		);
	}

	/** Takes it down first where it is published. */
	async deleteWorkflow(id: string): Promise<void> {
		await this.deactivate(id);
		await this.request('POST', `/workflows/${id}/archive`, {});
		await this.request('DELETE', `/workflows/${id}`);
	}

	/** Runs a saved workflow by hand from its trigger `trigger`, and gives the execution's id. */
	async startRun(id: string, trigger: string): Promise<string> {
		const { executionId } = await this.request<{ executionId?: string }>(
			'POST',
			`/workflows/${id}/run`,
			{ triggerToStartFrom: { name: trigger } },
		);
		if (executionId === undefined) {
			throw new Error(`Workflow ${id} waits for a call of its webhook instead of running.`);
		}
		return executionId;
	}

	/** Runs a saved workflow by hand, waits for its end and gives what every node put out. */
	async runWorkflow(id: string, trigger: string, timeoutMs = 60_000): Promise<ExecutionData> {
		return await this.waitForExecution(await this.startRun(id, trigger), timeoutMs);
	}

	/** Waits until the execution ended, well or not. */
	async waitForExecution(id: string, timeoutMs = 60_000): Promise<ExecutionData> {
		return await waitFor(
			`execution ${id} to end`,
			timeoutMs,
			async () => await this.executionData(id),
			(execution) => ENDED.has(execution.status),
		);
	}

	/** Waits until the workflow has `count` executions that ended, and gives all of those, the oldest first. */
	async waitForExecutions(
		workflowId: string,
		count: number,
		timeoutMs = 60_000,
	): Promise<readonly ExecutionData[]> {
		const ended = await waitFor(
			`${count} executions of workflow ${workflowId}`,
			timeoutMs,
			async () => (await this.listExecutions(workflowId)).filter(({ status }) => ENDED.has(status)),
			(executions) => executions.length >= count,
		);
		const data = ended.map(async ({ id }) => await this.executionData(id));
		return await Promise.all(data);
	}

	/** The latest 100, the oldest first. */
	async listExecutions(workflowId: string): Promise<readonly ExecutionSummary[]> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const { results } = await this.request<{ results: ExecutionSummary[] }>(
			'GET',
			`/executions?limit=100&filter=${filter}`,
		);
		return results.toSorted((one, other) => Number(one.id) - Number(other.id));
	}

	async executionData(id: string): Promise<ExecutionData> {
		const { data, ...summary } = await this.request<ExecutionSummary & { data: string }>(
			'GET',
			`/executions/${id}`,
		);
		// Nothing is stored before the first node ended.
		const { resultData } = (data === '[]' ? {} : parseFlatted(data)) as RunData;
		return {
			id: summary.id,
			workflowId: summary.workflowId,
			status: summary.status,
			mode: summary.mode,
			...(summary.createdAt === undefined ? {} : { createdAt: summary.createdAt }),
			...(summary.startedAt === undefined ? {} : { startedAt: summary.startedAt }),
			...(summary.stoppedAt === undefined ? {} : { stoppedAt: summary.stoppedAt }),
			runs: resultData?.runData ?? {},
			...(resultData?.error === undefined ? {} : { error: resultData.error }),
			...(resultData?.lastNodeExecuted === undefined
				? {}
				: { lastNode: resultData.lastNodeExecuted }),
		};
	}

	/** The bytes of a binary that an item refers to by its id. */
	async binaryData(id: string): Promise<Buffer> {
		const path = `/rest/binary-data?id=${encodeURIComponent(id)}&action=download`;
		return Buffer.from(await (await this.#send('GET', path)).arrayBuffer());
	}

	/** Every credential type n8n loaded, likewise. */
	async credentialTypes(): Promise<readonly { readonly name: string }[]> {
		const response = await this.#send('GET', '/types/credentials.json');
		return (await response.json()) as { name: string }[];
	}

	/** What the editor lists of an operation before it has run; `place` as `pecSend/1.0.0/message/send`. */
	async outputSchema(place: string): Promise<unknown> {
		return await (await this.#send('GET', `/schemas/n8n-nodes-pec.${place}.json`)).json();
	}

	/** Every node type n8n loaded, of every package. */
	async nodeTypes(): Promise<readonly NodeType[]> {
		const response = await this.#send('GET', '/types/nodes.json');
		return (await response.json()) as NodeType[];
	}
}
