import type { FolderInfo, FolderSize, FolderSizes, OpenFolder } from './types';
import type { ImapClient } from './imapClient';
import type { ServerName } from './connectionError';
import { MailError, unless } from './errors';
import { refused } from './imapError';

/** RFC 6154: what such a folder shows lies in others. */
const SHOWN_AGAIN: ReadonlySet<string> = new Set(['\\All', '\\Flagged']);

interface SizesContext {
	readonly server: ServerName;
	readonly capabilities: ReadonlySet<string>;
	ask<T>(folder: string, work: () => Promise<T>): Promise<T>;
	listFolders(): Promise<FolderInfo[]>;
	open(path: string, options: { readOnly: boolean }): Promise<OpenFolder>;
}

/** Messages and bytes of every folder; see `ImapSession.folderSizes`. */
export function folderSizesOf(client: ImapClient, context: SizesContext) {
	const { server, capabilities, ask, listFolders, open } = context;

	async function statusSize(path: string): Promise<Counted | undefined> {
		return await ask(path, async () => {
			const status = await client.status(path, { messages: true, size: true });
			if (!status || status.size === undefined) throw refused(server);
			return { messages: status.messages ?? 0, size: status.size };
		}).catch(noneIfRefused);
	}

	async function summedSize(path: string): Promise<Counted | undefined> {
		try {
			const folder = await open(path, { readOnly: true });
			const uids = await folder.search({});
			const sizes = await folder.sizes(uids);
			const size = [...sizes.values()].reduce((sum, each) => sum + each, 0);
			return { messages: uids.length, size };
		} catch (error) {
			return noneIfRefused(error);
		}
	}

	return async function folderSizes(): Promise<FolderSizes> {
		const folders: FolderSize[] = [];
		const closed: string[] = [];
		let source: FolderSizes['source'] = capabilities.has('STATUS=SIZE') ? 'status' : 'sum';
		for (const { path, selectable, specialUse } of await listFolders()) {
			if (!selectable) continue;
			// A folder that somebody removed meanwhile has no size, and is no trouble either.
			const counted = await unless('folderMissing', count(path));
			if (counted === undefined) continue;
			if (counted === 'closed') {
				closed.push(path);
				continue;
			}
			const { summed, ...size } = counted;
			if (summed) source = 'sum';
			const isShownAgain = specialUse !== undefined && SHOWN_AGAIN.has(specialUse);
			folders.push({ path, ...size, ...(isShownAgain ? { shownAgain: true } : {}) });
		}
		return { source, folders, closed };
	};

	async function count(path: string): Promise<(Counted & { summed: boolean }) | 'closed'> {
		const status = capabilities.has('STATUS=SIZE') ? await statusSize(path) : undefined;
		if (status) return { ...status, summed: false };
		const sum = await summedSize(path);
		return sum ? { ...sum, summed: true } : 'closed';
	}
}

interface Counted {
	readonly messages: number;
	readonly size: number;
}

/** One folder that may not be looked into does not hide the others. */
function noneIfRefused(error: unknown): undefined {
	if (error instanceof MailError && error.code === 'refused') return undefined;
	throw error;
}
