import { isObject } from './recordFormat';
import { sha256Of } from '../pec/sha256';

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
	/** Its run goes on at a worker of n8n's queue although the process that started it ended. */
	readonly handedOver?: true;
}

/** What a trigger did, and where it stands. Events are known by `eventTag`. */
export interface WatchState {
	/** When watching began (ISO 8601, by the server's clock where it is known); the epoch for "from the beginning". */
	readonly since?: string;
	readonly folders: ReadonlyMap<string, FolderPosition>;
	readonly settled: ReadonlySet<string>;
	readonly offers: ReadonlyMap<string, Offer>;
	/** The processes that said that they watch, and of which nobody knows that they ended. */
	readonly watchers: ReadonlySet<string>;
}

/** What changed since the last record. Folding all changes of a watch, in any order of folders, gives its state. */
export interface WatchChange {
	readonly since?: string;
	readonly folders?: Readonly<Record<string, FolderPosition>>;
	readonly settled?: readonly string[];
	readonly offers?: Readonly<Record<string, Offer>>;
	/** Processes that watch, and that do not watch any more. */
	readonly here?: readonly string[];
	readonly gone?: readonly string[];
	/** Questions of the process named by `here` to all others, by a number of their own: which of these events do you hold? */
	readonly asks?: Readonly<Record<string, readonly string[]>>;
	/** Those that the process named by `here` holds of the events it was asked for. */
	readonly answers?: Readonly<Record<string, readonly string[]>>;
}

/** 64 bits of SHA-256 as 16 hex digits: among 100,000 events two are alike once in a thousand million mailboxes. */
export function eventTag(key: string): string {
	return sha256Of(key).slice(0, 16);
}

/** The state of one watch, folded from its changes in the order they were written. */
export class FoldedWatch implements WatchState {
	since: string | undefined;
	readonly folders = new Map<string, FolderPosition>();
	readonly settled = new Set<string>();
	readonly offers = new Map<string, Offer>();
	readonly watchers = new Set<string>();

	fold(change: WatchChange): void {
		this.since ??= change.since;
		for (const [path, position] of Object.entries(change.folders ?? {})) {
			this.folders.set(path, position);
		}
		for (const [tag, offer] of Object.entries(change.offers ?? {})) {
			const known = this.offers.get(tag);
			if (this.settled.has(tag) || offer.times < (known?.times ?? 0)) continue;
			const wasHandedOver = known?.times === offer.times && known.handedOver;
			this.offers.set(tag, wasHandedOver ? { ...offer, handedOver: true } : offer);
		}
		for (const name of change.here ?? []) this.watchers.add(name);
		for (const name of change.gone ?? []) this.watchers.delete(name);
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

/** Changes as one, the later over the earlier. What processes ask each other is left out. */
export function joinedChange(...changes: readonly WatchChange[]): WatchChange {
	const folded = new FoldedWatch();
	for (const change of changes) folded.fold(change);
	const { watchers } = folded;
	return {
		...recentOf(folded, Infinity),
		...(watchers.size === 0 ? {} : { here: [...watchers] }),
	};
}

/** Changes to be written in one record, with what is asked and answered. */
export function pendingChange(...changes: readonly WatchChange[]): WatchChange {
	const gone = new Set<string>();
	for (const change of changes) {
		for (const name of change.here ?? []) gone.delete(name);
		for (const name of change.gone ?? []) gone.add(name);
	}
	const saidIn = (what: 'asks' | 'answers') =>
		Object.fromEntries(changes.flatMap((change) => Object.entries(change[what] ?? {})));
	const asks = saidIn('asks');
	const answers = saidIn('answers');
	return {
		...joinedChange(...changes),
		...(gone.size === 0 ? {} : { gone: [...gone] }),
		...(Object.keys(asks).length === 0 ? {} : { asks }),
		...(Object.keys(answers).length === 0 ? {} : { answers }),
	};
}

/** The change that a record or n8n's static data holds; `undefined` when it holds none. */
export function changeOf(content: Readonly<Record<string, unknown>>): WatchChange | undefined {
	const { since, folders = {}, settled = [], offers = {} } = content;
	const { here = [], gone = [], asks = {}, answers = {} } = content;
	const wellFormed =
		(since === undefined || (typeof since === 'string' && !Number.isNaN(Date.parse(since)))) &&
		isObject(folders) &&
		Object.values(folders).every(isPosition) &&
		isTexts(settled) &&
		isObject(offers) &&
		Object.values(offers).every(isOffer) &&
		isTexts(here) &&
		isTexts(gone) &&
		[asks, answers].every((said) => isObject(said) && Object.values(said).every(isTexts));
	if (!wellFormed) return undefined;
	return { since, folders, settled, offers, here, gone, asks, answers } as WatchChange;
}

function isTexts(value: unknown): boolean {
	return Array.isArray(value) && value.every((text) => typeof text === 'string');
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
		(value.crashes === undefined || Number.isSafeInteger(value.crashes)) &&
		(value.handedOver === undefined || value.handedOver === true)
	);
}
