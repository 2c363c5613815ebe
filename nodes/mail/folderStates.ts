import type { StatusObject } from 'imapflow';
import type { FolderState } from './types';
import type { ImapClient } from './imapClient';
import { connectionLost, type ServerName } from './connectionError';

const STATE_ITEMS = { messages: true, uidNext: true, uidValidity: true } as const;

/** LIST-STATUS counts every folder of the mailbox, asked for or not: worth it while at least one in so many is. */
const LISTED_PER_ASKED = 4;

/** How one session learns the state of folders (`ImapSession.folderStates`). What it throws is not a MailError yet. */
export function folderStatesOf(
	client: ImapClient,
	{ server, capabilities }: { server: ServerName; capabilities: ReadonlySet<string> },
): (paths: readonly string[]) => Promise<Map<string, FolderState>> {
	let listed = 0;

	async function fromListing(asked: ReadonlySet<string>): Promise<Map<string, FolderState>> {
		const found = new Map<string, FolderState>();
		if (!capabilities.has('LIST-STATUS') || asked.size < 2) return found;
		if (asked.size * LISTED_PER_ASKED < listed) return found;
		// A NO may be about one of the folders: then each is asked by itself.
		const folders = await client.list({ statusQuery: STATE_ITEMS }).catch(() => []);
		listed = folders.length;
		for (const { path, status } of folders) {
			const state = stateOf(status);
			if (state && asked.has(path)) found.set(path, state);
		}
		return found;
	}

	return async (paths) => {
		const asked = new Set(paths);
		const isOpen = client.mailbox && asked.has(client.mailbox.path);
		// As for `refresh`: Dovecot's STATUS knows of the open folder what this session was told, other servers' knows more.
		if (isOpen) await client.noop();
		const states = await fromListing(asked);
		for (const path of asked) {
			// A listing may leave out what cannot be counted just now, and folders that are not listed at all.
			if (states.has(path)) continue;
			const state = stateOf(await client.status(path, STATE_ITEMS).catch(() => undefined));
			if (state) states.set(path, state);
		}
		if (isOpen) await client.noop();
		// A lost connection answers like a folder that is gone.
		if (!client.usable) throw connectionLost(server);
		return states;
	};
}

/** `undefined` when it was refused, or is incomplete. */
function stateOf(status: StatusObject | false | undefined): FolderState | undefined {
	if (!status) return undefined;
	const { uidNext, uidValidity, messages } = status;
	if (uidNext === undefined || uidValidity === undefined || messages === undefined)
		return undefined;
	return { uidNext, uidValidity: String(uidValidity), messages };
}
