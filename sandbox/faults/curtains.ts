import type { Folder } from '../store/folder.ts';

/** Hides the newest messages of a folder from all connections but its owner. */
export class Curtain {
	readonly folder: Folder;
	readonly fromUid: number;
	readonly owner: number | undefined;
	readonly #uidValidity: number;
	readonly #onLift: (curtain: Curtain) => void;
	#until = Infinity;

	constructor(
		folder: Folder,
		fromUid: number,
		owner: number | undefined,
		onLift: (curtain: Curtain) => void,
	) {
		this.folder = folder;
		this.fromUid = fromUid;
		this.owner = owner;
		this.#uidValidity = folder.uidValidity;
		this.#onLift = onLift;
	}

	/** Whether there is, or was, something behind it. */
	get hidesAny(): boolean {
		return this.folder.uidNext > this.fromUid;
	}

	/** Void under another UIDVALIDITY. */
	hidesFrom(connection: number, now: Date): boolean {
		return (
			this.owner !== connection &&
			this.#uidValidity === this.folder.uidValidity &&
			now.getTime() < this.#until
		);
	}

	/** By the clock, in ms since 1970. */
	endAt(time: number): void {
		this.#until = time;
	}

	/** May be called any number of times. */
	lift(): void {
		this.#onLift(this);
	}
}

/**
 * Messages that are stored and not yet seen by others, as on a provider with several servers. What a connection sees
 * of a folder is always a prefix by UID: what came after a hidden message waits too (RFC 3501 2.3.1.1).
 */
export class Curtains {
	readonly #now: () => Date;
	readonly #drawn = new Set<Curtain>();
	readonly #listeners = new Map<Folder, Set<() => void>>();

	constructor(now: () => Date) {
		this.#now = now;
	}

	/** The lowest UID a connection does not see; Infinity when it sees all. */
	horizon(folder: Folder, connection: number): number {
		let lowest = Infinity;
		for (const curtain of this.#drawn) {
			if (curtain.folder !== folder || !curtain.hidesFrom(connection, this.#now())) continue;
			lowest = Math.min(lowest, curtain.fromUid);
		}
		return lowest;
	}

	/** Hides what is in the folder from a UID on, until it is lifted. */
	draw(folder: Folder, fromUid: number, owner: number | undefined): Curtain {
		const curtain = new Curtain(folder, fromUid, owner, (lifted) => {
			if (!this.#drawn.delete(lifted)) return;
			for (const listener of [...(this.#listeners.get(folder) ?? [])]) listener();
		});
		this.#drawn.add(curtain);
		return curtain;
	}

	/** Calls back when a curtain before the folder is lifted. The answer stops it. */
	onLift(folder: Folder, listener: () => void): () => void {
		const listeners = this.#listeners.get(folder) ?? new Set();
		this.#listeners.set(folder, listeners.add(listener));
		return () => {
			listeners.delete(listener);
			if (listeners.size === 0) this.#listeners.delete(folder);
		};
	}
}
