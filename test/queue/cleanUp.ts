import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Sandbox } from '../../sandbox/index.ts';
import type { SavedCredential } from '../../scripts/editor/restTypes.ts';
import type { ExecutionData } from '../../scripts/editor/workflow.ts';
import { createFlow, folder, pec, rows, STUDIO, type NodeSpec } from '../e2e/flows.ts';
import { RECORDS_FOLDER } from '../servers/watchRecords.ts';
import type { QueueStage } from './stage.ts';
import { sha256 } from '../sha256.ts';

/** A mailbox whose messages are copied to a folder of this machine, checked, and then deleted. */
export interface CleanUpDesk {
	/** Copies what lies in these folders, and checks the copies. */
	copyAndCheck(...folders: readonly string[]): Promise<void>;
	/** Begins to delete what has a checked copy. @returns the execution */
	readonly startDeletion: () => Promise<string>;
	runDeletion(): Promise<ExecutionData>;
	/** Hashes of the messages that are in the mailbox. */
	held(): string[];
	/** Hashes of the copies. */
	copied(): string[];
}

export async function openCleanUpDesk(
	{ main: { rest }, filesFolder }: Pick<QueueStage, 'filesFolder' | 'main'>,
	sandbox: Sandbox,
	credential: SavedCredential,
): Promise<CleanUpDesk> {
	const archive = join(filesFolder, 'archive');
	mkdirSync(archive);
	const run = async (...nodes: NodeSpec[]) => await (await createFlow(rest, nodes)).run();
	const deletion = await createFlow(rest, [
		pec('pecMailbox', 'Clean', credential, {
			resource: 'cleanUp',
			operation: 'delete',
			folders: '',
			olderThanDays: 0,
			keepUnread: false,
		}),
	]);
	return {
		copyAndCheck: async (...folders) => {
			for (const path of folders) {
				await run(
					pec('pecMailbox', 'List', credential, {
						resource: 'message',
						operation: 'getMany',
						folder: folder(path),
						returnAll: true,
						filters: {},
					}),
					pec('pecMailbox', 'Export', credential, {
						resource: 'preservation',
						operation: 'export',
						pecKey: '={{ $json.pecKey }}',
						outputField: 'data',
					}),
					files('Write', {
						operation: 'write',
						fileName: `=${archive}/{{ $json.fileName }}`,
						dataPropertyName: 'data',
					}),
				);
			}
			await run(
				rows([{}]),
				files('Read', { operation: 'read', fileSelector: `${archive}/*.eml` }),
				pec('pecMailbox', 'Check', credential, {
					resource: 'preservation',
					operation: 'checkCopy',
					binaryField: 'data',
					location: `=${archive}/{{ $json.fileName }}`,
				}),
			);
		},
		startDeletion: async () => await rest.startRun(deletion.id, 'Start'),
		runDeletion: async () => await deletion.run(),
		held: () => {
			const all = sandbox.store.account(STUDIO)?.folders() ?? [];
			return all
				.filter(({ path }) => path !== RECORDS_FOLDER)
				.flatMap(({ messages }) => messages.map(({ raw }) => sha256(raw)));
		},
		copied: () => readdirSync(archive).map((name) => sha256(readFileSync(join(archive, name)))),
	};
}

function files(name: string, parameters: Readonly<Record<string, unknown>>): NodeSpec {
	return {
		name,
		type: 'n8n-nodes-base.readWriteFile',
		typeVersion: 1.1,
		parameters: { ...parameters, options: {} },
	};
}
