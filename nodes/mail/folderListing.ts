import type { ListResponse, StatusObject } from 'imapflow';
import type { FolderInfo, FolderState, ImapSession } from './types';
import type { ImapClient } from './imapClient';
import { connectionLost, type ServerName } from './connectionError';

const STATE_ITEMS = { messages: true, uidNext: true, uidValidity: true } as const;

/** LIST-STATUS counts every folder of the mailbox, asked for or not: worth it while at least one in so many is. */
const LISTED_PER_ASKED = 4;

/** How one session learns what folders there are, and their state. What it throws is not a MailError yet. */
export function folderListingOf(
	client: ImapClient,
	{ server, capabilities }: { server: ServerName; capabilities: ReadonlySet<string> },
): Pick<ImapSession, 'folderStates' | 'listFolders' | 'listStates'> {
	let listed = 0;

	async function listFolders(): Promise<FolderInfo[]> {
		return (await client.list()).map(folderInfo);
	}

	/** All folders with their state, in one request; `undefined` where there is none. A NO may be about a single folder. */
	async function listCounted(): Promise<ListResponse[] | undefined> {
		if (!capabilities.has('LIST-STATUS')) return undefined;
		const folders = await client.list({ statusQuery: STATE_ITEMS }).catch(() => undefined);
		listed = folders?.length ?? 0;
		return folders;
	}

	async function fromListing(asked: ReadonlySet<string>): Promise<Map<string, FolderState>> {
		const found = new Map<string, FolderState>();
		if (asked.size < 2 || asked.size * LISTED_PER_ASKED < listed) return found;
		for (const { path, status } of (await listCounted()) ?? []) {
			const state = stateOf(status);
			if (state && asked.has(path)) found.set(path, state);
		}
		return found;
	}

	async function askState(path: string): Promise<FolderState | undefined> {
		return stateOf(await client.status(path, STATE_ITEMS).catch(() => undefined));
	}

	/** A lost connection answers like a folder that is gone. */
	function assertConnected(): void {
		if (!client.usable) throw connectionLost(server);
	}

	const listStates: ImapSession['listStates'] = async (choose) => {
		const folders = (await listCounted()) ?? (await client.list());
		const counted = new Map(folders.map(({ path, status }) => [path, stateOf(status)]));
		const states = new Map<string, FolderState | undefined>();
		for (const path of choose(folders.map(folderInfo))) {
			states.set(path, counted.get(path) ?? (await askState(path)));
		}
		assertConnected();
		return states;
	};

	const folderStates: ImapSession['folderStates'] = async (paths) => {
		const asked = new Set(paths);
		const isOpen = client.mailbox && asked.has(client.mailbox.path);
		// As for `refresh`: Dovecot's STATUS knows of the open folder what this session was told, other servers' knows more.
		if (isOpen) await client.noop();
		const states = await fromListing(asked);
		for (const path of asked) {
			// A listing may leave out what cannot be counted just now, and folders that are not listed at all.
			if (states.has(path)) continue;
			const state = await askState(path);
			if (state) states.set(path, state);
		}
		if (isOpen) await client.noop();
		assertConnected();
		return states;
	};

	return { folderStates, listFolders, listStates };
}

function folderInfo({ path, specialUse, specialUseSource, flags, delimiter }: ListResponse) {
	return {
		path,
		// imapflow also guesses special uses from folder names; only the server's word counts.
		...(specialUse && specialUseSource === 'extension' ? { specialUse } : {}),
		selectable: ![...flags].some((flag) =>
			['\\noselect', '\\nonexistent'].includes(flag.toLowerCase()),
		),
		...(delimiter ? { delimiter } : {}),
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
