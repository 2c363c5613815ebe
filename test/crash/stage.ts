import { start, type Sandbox } from '../../sandbox/index.ts';
import { startEditor, type Editor } from '../../scripts/editor/editor.ts';
import { EditorRest } from '../../scripts/editor/rest.ts';
import type { Owner, SavedCredential } from '../../scripts/editor/restTypes.ts';
import { Host } from '../editorHost.ts';
import type { EditorParts } from '../prepareEditor.ts';
import { pecCredential } from '../servers/sandboxAccount.ts';
import { RECORDS_FOLDER } from '../servers/watchRecords.ts';
import { ACCEPTANCES } from './acceptancePoints.ts';

const STUDIO = 'studio@pec.alfa.test';

/** Not a secret: this n8n listens on 127.0.0.1 alone and is gone at the end. */
const OWNER: Owner = { email: 'crash@example.test', password: 'Only-For-Crashes-1' };

/** A password only where the sandbox does not tell it. */
export interface Sender {
	readonly address: string;
	readonly password?: string;
}

/** One n8n, with a database of its own. */
export interface Desk {
	readonly host: Host;
	credentialOf(sender: Sender): Promise<SavedCredential>;
}

/** A provider, and n8n that are killed and started again. */
export interface CrashStage {
	readonly sandbox: Sandbox;
	readonly first: Desk;
	/** Another n8n, which knows nothing of the first; it is started when it is asked for. */
	second(): Promise<Desk>;
	/** Those that were started. */
	desks(): readonly Desk[];
	/** The account that sends all mailings. */
	readonly sender: Sender;
	/** One that never sent anything. */
	newSender(): Sender;
	stop(): Promise<void>;
}

export async function openStage(parts: EditorParts): Promise<CrashStage> {
	const sandbox = await start({ dialects: ACCEPTANCES });
	const editors: Editor[] = [];
	const desks: Desk[] = [];
	const stop = async () => {
		await Promise.allSettled([...editors.map(async (one) => await one.stop()), sandbox.stop()]);
	};
	const openDesk = async (): Promise<Desk> => {
		const editor = await startEditor(parts);
		editors.push(editor);
		const desk = await deskOf(editor, sandbox);
		desks.push(desk);
		return desk;
	};
	try {
		const first = await openDesk();
		let second: Promise<Desk> | undefined;
		let senders = 0;
		return {
			sandbox,
			first,
			second: async () => await (second ??= openDesk()),
			desks: () => desks,
			sender: { address: STUDIO },
			newSender: () => {
				senders += 1;
				const sender = { address: `nuovo${senders}@pec.alfa.test`, password: `prova-${senders}` };
				sandbox.store.addAccount(sender);
				return sender;
			},
			stop,
		};
	} catch (error) {
		await stop();
		throw error;
	}
}

async function deskOf(editor: Editor, sandbox: Sandbox): Promise<Desk> {
	const rest = new EditorRest(editor.url);
	await rest.setUpOwner(OWNER);
	const credentials = new Map<string, SavedCredential>();
	return {
		host: new Host(editor, rest),
		credentialOf: async ({ address, ...password }) => {
			const known = credentials.get(address);
			if (known) return known;
			const made = await rest.createCredential(pecCredential(sandbox, address, password));
			credentials.set(address, made);
			return made;
		},
	};
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
