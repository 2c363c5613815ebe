import { createHash } from 'node:crypto';
import { isObject } from './recordFormat';

/** Where watching a folder stands. */
export interface FolderPosition {
	readonly uidValidity: string;
	/** Every UID up to this one needs no look any more. */
	readonly lastUid: number;
	/** Up to here messages were there before watching reached the folder: the old among them are not wanted. */
	readonly olderUpTo?: number;
}

/** An event that was offered and is not settled. */
export interface Offer {
	/** How often it was offered; part of the key by which n8n knows a run. */
	readonly times: number;
	/** How many of its runs failed. */
	readonly failures: number;
	/** How many of its runs were started and their end not seen: n8n itself ended. None unless given. */
	readonly crashes?: number;
}

/** What a trigger did, and where it stands. Events are known by `eventTag`. */
export interface WatchState {
	/** When watching began (ISO 8601, by the server's clock where it is known); the epoch for "from the beginning". */
	readonly since?: string;
	readonly folders: ReadonlyMap<string, FolderPosition>;
	readonly settled: ReadonlySet<string>;
	readonly offers: ReadonlyMap<string, Offer>;
}

/** What changed since the last record. Folding all changes of a watch, in any order of folders, gives its state. */
export interface WatchChange {
	readonly since?: string;
	readonly folders?: Readonly<Record<string, FolderPosition>>;
	readonly settled?: readonly string[];
	readonly offers?: Readonly<Record<string, Offer>>;
}

/** 64 bits of SHA-256 as 16 hex digits: among 100,000 events two are alike once in a thousand million mailboxes. */
export function eventTag(key: string): string {
	return createHash('sha256').update(key).digest('hex').slice(0, 16);
}

/** The state of one watch, folded from its changes in the order they were written. */
export class FoldedWatch implements WatchState {
	since: string | undefined;
	readonly folders = new Map<string, FolderPosition>();
	readonly settled = new Set<string>();
	readonly offers = new Map<string, Offer>();

	fold(change: WatchChange): void {
		this.since ??= change.since;
		for (const [path, position] of Object.entries(change.folders ?? {})) {
			this.folders.set(path, position);
		}
		for (const [tag, offer] of Object.entries(change.offers ?? {})) {
			if (!this.settled.has(tag)) this.offers.set(tag, offer);
		}
		for (const tag of change.settled ?? []) {
			this.settled.add(tag);
			this.offers.delete(tag);
		}
	}
}

/** What is worth a cache: all but the settled events of long ago. */
export function recentOf(state: WatchState, settled: number): WatchChange {
	const { since, folders, offers } = state;
	return {
		...(since === undefined ? {} : { since }),
		folders: Object.fromEntries(folders),
		settled: [...state.settled].slice(-settled),
		offers: Object.fromEntries(offers),
	};
}

/** Changes as one, the later over the earlier. */
export function joinedChange(...changes: readonly WatchChange[]): WatchChange {
	const folded = new FoldedWatch();
	for (const change of changes) folded.fold(change);
	return recentOf(folded, Infinity);
}

/** The change that a record or n8n's static data holds; `undefined` when it holds none. */
export function changeOf(content: Readonly<Record<string, unknown>>): WatchChange | undefined {
	const { since, folders = {}, settled = [], offers = {} } = content;
	const wellFormed =
		(since === undefined || (typeof since === 'string' && !Number.isNaN(Date.parse(since)))) &&
		isObject(folders) &&
		Object.values(folders).every(isPosition) &&
		Array.isArray(settled) &&
		settled.every((tag) => typeof tag === 'string') &&
		isObject(offers) &&
		Object.values(offers).every(isOffer);
	return wellFormed ? ({ since, folders, settled, offers } as WatchChange) : undefined;
}

function isPosition(value: unknown): boolean {
	return (
		isObject(value) &&
		typeof value.uidValidity === 'string' &&
		Number.isSafeInteger(value.lastUid) &&
		(value.olderUpTo === undefined || Number.isSafeInteger(value.olderUpTo))
	);
}

function isOffer(value: unknown): boolean {
	return (
		isObject(value) &&
		Number.isSafeInteger(value.times) &&
		Number.isSafeInteger(value.failures) &&
		(value.crashes === undefined || Number.isSafeInteger(value.crashes))
	);
}
