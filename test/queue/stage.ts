import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startEditor, type Editor, type EditorOptions } from '../../scripts/editor/editor.ts';
import { findFreePort } from '../../scripts/editor/ports.ts';
import { EditorRest } from '../../scripts/editor/rest.ts';
import type { Owner } from '../../scripts/editor/restTypes.ts';
import { createWorkFolder, removeFolder } from '../../scripts/folders.ts';
import type { EditorParts } from '../prepareEditor.ts';
import { startPostgres, type Postgres } from '../servers/postgres.ts';
import { startRedis, type Redis } from '../servers/redis.ts';

/** A process of n8n that answers requests, and a client signed in there. */
export interface Main {
	readonly editor: Editor;
	readonly rest: EditorRest;
}

/** n8n in queue mode: each process with a folder of its own, as in a container; they share what is named here alone. */
export interface QueueStage {
	readonly main: Main;
	readonly webhook: Editor;
	readonly workers: readonly Editor[];
	/** What every process may read and write. */
	readonly filesFolder: string;
	/** Another main with the same database: it activates all that is active, since only a licence lets mains agree on who does. */
	startSecondMain(): Promise<Main>;
	/** The worker that began this execution, by its log. */
	workerOf(execution: string): Editor | undefined;
	/** All that had a part in it, as after a wait. */
	workersOf(execution: string): readonly Editor[];
	stop(): Promise<void>;
}

const WORKERS = 2;

/** Four start at once, and share the processors. */
const START_MS = 5 * 60_000;

/** @param more variables of every process, beside what queue mode needs */
export async function openQueueStage(
	parts: EditorParts,
	owner: Owner,
	more: Readonly<Record<string, string>> = {},
): Promise<QueueStage> {
	const folder = createWorkFolder();
	const closings: (() => Promise<void>)[] = [];
	const stop = async () => {
		// Who uses a server ends before it.
		for (const close of closings.toReversed()) await close();
		removeFolder(folder);
	};
	try {
		const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
		closings.push(async () => void (await Promise.all([postgres.stop(), redis.stop()])));
		const filesFolder = join(folder, 'files');
		await mkdir(filesFolder);
		const webhookPort = await findFreePort();
		const env = {
			...queueEnvironment({ postgres, redis, filesFolder, webhookPort }),
			...more,
		};
		const editors: Editor[] = [];
		closings.push(async () => {
			await Promise.all(
				editors.map(async (editor) => {
					// What they know is gone with them: they need no time to end in order.
					await editor.kill('SIGKILL');
					await editor.stop();
				}),
			);
		});
		const start = async (role: EditorOptions['role'], port?: number) => {
			const startTimeoutMs = START_MS;
			const place = port === undefined ? {} : { port };
			const editor = await startEditor({ ...parts, ...place, role, env, startTimeoutMs });
			editors.push(editor);
			return editor;
		};
		// One of them makes the tables; n8n has the others wait for it.
		const [editor, webhook, ...workers] = await Promise.all([
			start('main'),
			start('webhook', webhookPort),
			...Array.from({ length: WORKERS }, async () => await start('worker')),
		]);
		const rest = new EditorRest(editor.url);
		await rest.setUpOwner(owner);
		const workersOf = (execution: string) =>
			workers.filter((worker) => hasBegun(worker, execution));
		return {
			main: { editor, rest },
			webhook,
			workers,
			filesFolder,
			startSecondMain: async () => {
				const second = await start('main');
				const secondRest = new EditorRest(second.url);
				await secondRest.signIn(owner);
				return { editor: second, rest: secondRest };
			},
			workerOf: (execution) => workersOf(execution)[0],
			workersOf,
			stop,
		};
	} catch (error) {
		await stop();
		throw error;
	}
}

function queueEnvironment({
	postgres,
	redis,
	filesFolder,
	webhookPort,
}: {
	readonly postgres: Postgres;
	readonly redis: Redis;
	readonly filesFolder: string;
	readonly webhookPort: number;
}): Record<string, string> {
	return {
		EXECUTIONS_MODE: 'queue',
		// As n8n 3 does without being told.
		OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: '127.0.0.1',
		DB_POSTGRESDB_PORT: String(postgres.port),
		DB_POSTGRESDB_USER: postgres.user,
		DB_POSTGRESDB_DATABASE: postgres.database,
		QUEUE_BULL_REDIS_HOST: '127.0.0.1',
		QUEUE_BULL_REDIS_PORT: String(redis.port),
		N8N_ENCRYPTION_KEY: randomBytes(24).toString('base64'),
		N8N_DEFAULT_BINARY_DATA_MODE: 'database',
		N8N_RESTRICT_FILE_ACCESS_TO: filesFolder,
		// Addresses in mails and pages, also those that a worker writes.
		WEBHOOK_URL: `http://127.0.0.1:${webhookPort}/`,
		// What is called or filled in is taken by the webhook process, or not at all.
		N8N_DISABLE_PRODUCTION_MAIN_PROCESS: 'true',
	};
}

function hasBegun(worker: Editor, execution: string): boolean {
	return readFileSync(worker.logFile, 'utf8').includes(`Worker started execution ${execution} (`);
}
