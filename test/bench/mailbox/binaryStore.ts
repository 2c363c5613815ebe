import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { IExecuteFunctions } from 'n8n-workflow';
import { putAside } from './putAside.ts';

type PrepareBinaryData = IExecuteFunctions['helpers']['prepareBinaryData'];

/** n8n's own binary store, on disk (`filesystem`, its default), without an n8n round it. */
export interface BinaryStore {
	/** As the node helper of that name. */
	readonly prepareBinaryData: PrepareBinaryData;
	/** Leaves no file in it. */
	empty(): void;
}

interface Core {
	readonly BinaryDataService: new () => { init(): Promise<void> };
	getBinaryHelperFunctions(
		execution: { executionId: string },
		workflowId: string,
	): { prepareBinaryData: PrepareBinaryData };
}

/** Once in a process: n8n reads its settings from the environment when it is loaded. @param folder made */
export async function openBinaryStore(folder: string): Promise<BinaryStore> {
	const files = join(folder, 'files');
	const before = join(folder, 'before');
	for (const each of [files, before]) mkdirSync(each, { recursive: true });
	process.env.N8N_USER_FOLDER = folder;
	process.env.N8N_BINARY_DATA_STORAGE_PATH = files;
	process.env.N8N_DEFAULT_BINARY_DATA_MODE = 'filesystem';
	// Else it says on standard output that it made one.
	process.env.N8N_ENCRYPTION_KEY = 'bench';
	const require = createRequire(import.meta.url);
	const core = require('n8n-core') as Core;
	const { Container } = require('@n8n/di') as { Container: { get<T>(token: new () => T): T } };
	await Container.get(core.BinaryDataService).init();
	const { prepareBinaryData } = core.getBinaryHelperFunctions({ executionId: '1' }, 'bench');
	return { prepareBinaryData, empty: () => putAside(join(files, 'workflows'), before) };
}
