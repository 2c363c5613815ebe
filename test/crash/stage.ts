import { start, type Sandbox } from '../../sandbox/index.ts';
import { startEditor } from '../../scripts/editor/editor.ts';
import { EditorRest } from '../../scripts/editor/rest.ts';
import type { Owner, SavedCredential } from '../../scripts/editor/restTypes.ts';
import { Host } from '../editorHost.ts';
import type { EditorParts } from '../prepareEditor.ts';
import { pecCredential } from '../servers/sandboxAccount.ts';
import { RECORDS_FOLDER } from '../servers/watchRecords.ts';
import { ACCEPTANCE_LATE_MS } from './points.ts';

const STUDIO = 'studio@pec.alfa.test';

/** Not a secret: this n8n listens on 127.0.0.1 alone and is gone at the end. */
const OWNER: Owner = { email: 'crash@example.test', password: 'Only-For-Crashes-1' };

export interface Sender {
	readonly address: string;
	readonly credential: SavedCredential;
}

/** A provider, and an n8n that is killed and started again. */
export interface CrashStage {
	readonly sandbox: Sandbox;
	readonly host: Host;
	/** The account that sends all mailings. */
	readonly sender: Sender;
	/** One that never sent anything. */
	newSender(): Promise<Sender>;
	stop(): Promise<void>;
}

export async function openStage(parts: EditorParts): Promise<CrashStage> {
	const sandbox = await start({
		dialects: {
			slow: [
				{ subject: '*acceptance.late*', acceptance: { delayMs: ACCEPTANCE_LATE_MS } },
				{ subject: '*acceptance.never*', acceptance: 'never' },
			],
		},
	});
	try {
		const editor = await startEditor(parts);
		const stop = async () => void (await Promise.allSettled([editor.stop(), sandbox.stop()]));
		try {
			const rest = new EditorRest(editor.url);
			await rest.setUpOwner(OWNER);
			let senders = 0;
			return {
				sandbox,
				host: new Host(editor, rest),
				sender: {
					address: STUDIO,
					credential: await rest.createCredential(pecCredential(sandbox, STUDIO)),
				},
				newSender: async () => {
					senders += 1;
					const address = `nuovo${senders}@pec.alfa.test`;
					const password = `prova-${senders}`;
					sandbox.store.addAccount({ address, password });
					const credential = pecCredential(sandbox, address, { password });
					return { address, credential: await rest.createCredential(credential) };
				},
				stop,
			};
		} catch (error) {
			await stop();
			throw error;
		}
	} catch (error) {
		await sandbox.stop();
		throw error;
	}
}

/** Removes every message of a mailbox but the nodes' own records. @param options.folders and the folders that can be removed */
export function emptyMailbox(
	sandbox: Sandbox,
	address: string,
	{ folders }: { folders: boolean },
): void {
	const account = sandbox.store.account(address);
	for (const folder of account?.folders() ?? []) {
		if (folder.path === RECORDS_FOLDER) continue;
		folder.expunge(folder.messages.map(({ uid }) => uid));
		if (folders && folder.path !== 'INBOX') account?.deleteFolder(folder.path);
	}
}
