import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import type { ExecutionSummary } from '../../scripts/editor/workflow.ts';
import { openQueueStage, type QueueStage } from '../queue/stage.ts';
import { DOVECOT_MISSING, dovecotPath } from '../servers/dovecot.ts';
import { POSTGRES_MISSING, postgresFolder } from '../servers/postgres.ts';
import { REDIS_MISSING, redisPath } from '../servers/redis.ts';
import type { FlowEditor } from './harness.ts';
import { registerOnce } from './inboundRegistry.ts';
import { sendApprovedList, writeToClients } from './massNotice.ts';
import { OWNER } from './owner.ts';
import { STORAGE_MISSING } from './registryDesk.ts';
import { moveAtNight, writeFilesAtNight } from './scheduledCleanUp.ts';

const missing = [
	...(postgresFolder() === undefined ? [POSTGRES_MISSING] : []),
	...(redisPath() === undefined ? [REDIS_MISSING] : []),
].join('; ');
const noArchive = dovecotPath() === undefined;

/** Five processes of n8n share the machine with the servers. */
const LIMIT_MS = 10 * 60_000;

let stage: QueueStage;
let editor: FlowEditor;

/** The runs of this test alone: those of another are gone with its flows. */
async function runs(): Promise<readonly ExecutionSummary[]> {
	const { results } = await editor.rest.request<{ results: readonly ExecutionSummary[] }>(
		'GET',
		'/executions?limit=100&filter={}',
	);
	return results;
}

/** Every run was a worker's, but for flows that a flow called at the same worker; every file lies in the database. */
async function expectWorkersAndDatabase(): Promise<void> {
	const all = await runs();
	const begun = all.filter(({ mode }) => mode !== 'integrated');
	expect(begun).not.toEqual([]);
	for (const { id, mode } of begun) {
		expect(stage.workerOf(id), `execution ${id} (${mode})`).toBeDefined();
	}
	const files: string[] = [];
	for (const { id } of all) {
		const nodes = Object.values((await editor.rest.executionData(id)).runs).flat();
		for (const { data } of nodes) {
			const items = data?.main?.flatMap((output) => output ?? []) ?? [];
			files.push(...items.flatMap(({ binary }) => Object.values(binary ?? {})).map(placeOf));
		}
	}
	expect(new Set(files)).toEqual(new Set(['database']));
}

/** A flow as it runs in regular mode, and who ran it here. */
function atWorkers(flow: (editor: FlowEditor) => Promise<void>): () => Promise<void> {
	return async () => {
		await flow(editor);
		await expectWorkersAndDatabase();
	};
}

const placeOf = ({ id }: { readonly id?: string }) => id?.split(':')[0] ?? 'the execution';

describe.skipIf(missing !== '')(`flows in queue mode${missing && ` (${missing})`}`, () => {
	beforeAll(async () => {
		const parts = { nodes: inject('nodes'), installation: inject('installation') };
		stage = await openQueueStage(parts, OWNER, inject('trust'));
		editor = {
			rest: stage.main.rest,
			url: stage.webhook.url,
			dataFolder: stage.filesFolder,
			logFile: stage.main.editor.logFile,
		};
	});

	afterAll(async () => await stage?.stop());

	it(
		'mass-notice: forms are those of the webhook process, and what a worker asked another sends when the first is gone',
		{ timeout: LIMIT_MS },
		async () => {
			let asked = '';
			await sendApprovedList(editor, async (flow) => {
				asked = (await editor.rest.listExecutions(flow))[0]?.id ?? '';
				const asker = stage.workerOf(asked);
				await asker?.kill('SIGKILL');
				onTestFinished(async () => await asker?.restart());
			});
			expect(stage.workersOf(asked)).toHaveLength(2);
			await expectWorkersAndDatabase();
		},
	);

	it(
		'mass-notice: clients of a CRM are written to over days, and dead addresses written back',
		{ timeout: LIMIT_MS },
		atWorkers(writeToClients),
	);

	it.skipIf(STORAGE_MISSING !== '')(
		`inbound-registry: each message has one number, two copies and one reader${STORAGE_MISSING && ` (${STORAGE_MISSING})`}`,
		{ timeout: LIMIT_MS },
		atWorkers(registerOnce),
	);

	it.skipIf(noArchive)(
		`scheduled-clean-up: what is safe to move is moved at night and found again${noArchive ? ` (${DOVECOT_MISSING})` : ''}`,
		{ timeout: LIMIT_MS },
		atWorkers(moveAtNight),
	);

	it(
		'scheduled-clean-up: files are written, checked, and what has none stays',
		{ timeout: LIMIT_MS },
		atWorkers(writeFilesAtNight),
	);
});
