import { presentFields } from './presentFields';

export interface FolderSpace {
	readonly path: string;
	readonly messages: number;
	/** Bytes. */
	readonly size: number;
	/** Its messages lie in other folders too, and are counted there. */
	readonly shownAgain?: true;
}

/** How full a mailbox is; sizes in bytes (docs/OUTPUT.md). */
export interface Space {
	readonly used: number;
	/** Absent where neither the server nor the user names one; then `percent`, `free` and `overThreshold` are too. */
	readonly limit?: number;
	/** One decimal; above 100 when more lies there than may. */
	readonly percent?: number;
	readonly free?: number;
	/** Of `used`: `quota` is the server's word, `sum` the folders added up. */
	readonly source: 'quota' | 'sum';
	readonly limitSource?: 'server' | 'given';
	/** Of `folders`: `status` is the server's word (RFC 8438), `sum` the messages added up. */
	readonly foldersSource: 'status' | 'sum';
	readonly folders: readonly FolderSpace[];
	/** What this package remembers in the mailbox: counted in `used`, and no folder of the user's. Absent without any. */
	readonly records?: FolderSpace;
	/** Paths of folders that nobody may look into: what lies there is not in `folders`, nor in a `used` that is a sum. */
	readonly closed?: readonly string[];
	readonly threshold: number;
	readonly overThreshold?: boolean;
}

export interface SpaceFacts {
	readonly quota?: { readonly used: number; readonly limit: number };
	readonly folders: readonly FolderSpace[];
	readonly foldersSource: 'status' | 'sum';
	readonly records?: FolderSpace;
	readonly closed: readonly string[];
	/** What the user says the mailbox holds; counts where the server names no limit. */
	readonly givenLimit?: number;
	/** Percent. */
	readonly threshold: number;
}

/** How full a mailbox is, from what its server says of it. */
export function spaceOf(facts: SpaceFacts): Space {
	const { quota, folders, foldersSource, records, closed, givenLimit, threshold } = facts;
	const used = quota?.used ?? sumOf(folders) + (records?.size ?? 0);
	const limit = quota?.limit ?? givenLimit;
	const percent = limit === undefined ? undefined : Math.round((used / limit) * 1000) / 10;
	return presentFields<Space>({
		used,
		limit,
		percent,
		free: limit === undefined ? undefined : Math.max(0, limit - used),
		source: quota ? 'quota' : 'sum',
		limitSource: quota ? 'server' : limit === undefined ? undefined : 'given',
		foldersSource,
		folders,
		records,
		closed: closed.length === 0 ? undefined : closed,
		threshold,
		overThreshold: percent === undefined ? undefined : percent > threshold,
	});
}

function sumOf(folders: readonly FolderSpace[]): number {
	return folders.reduce((sum, { size, shownAgain }) => sum + (shownAgain ? 0 : size), 0);
}
