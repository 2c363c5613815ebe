import type { Folder, FolderChange } from '../store/folder.ts';
import type { StoredMessage } from '../store/storedMessage.ts';
import { indexOfUid } from '../store/uidOrder.ts';

/**
 * A folder as one session sees it. The folder changes at once; the session's numbering changes only when its client is
 * told, because an EXPUNGE may not come at any time (RFC 3501 7.4.1).
 */
export class SelectedFolder {
	readonly folder: Folder;
	readonly readOnly: boolean;
	/** What the client was told of, ascending by UID; the first is message 1. */
	readonly view: StoredMessage[];
	/** UIDs that are `\Recent` in this session. */
	readonly recent = new Set<number>();
	/** Set when the view is void and the session has to end. */
	lost: 'reset' | 'deleted' | undefined;

	readonly #unsubscribe: () => void;
	readonly #onChange: () => void;
	#appended: StoredMessage[] = [];
	readonly #expunged = new Set<number>();
	readonly #reflagged = new Set<number>();
	#muted = false;

	/** @param onChange called at each change that `takeUpdates` or `lost` will show */
	constructor(folder: Folder, options: { readOnly: boolean; onChange: () => void }) {
		this.folder = folder;
		this.readOnly = options.readOnly;
		this.view = [...folder.messages];
		this.#onChange = options.onChange;
		for (const { uid } of this.view) this.#claimRecent(uid);
		this.#unsubscribe = folder.subscribe((change) => this.#note(change));
	}

	/** Stops following the folder. */
	close(): void {
		this.#unsubscribe();
	}

	/** Flags as FETCH shows them: `(\Seen \Recent)`. */
	flagsText(message: StoredMessage): string {
		const recent = this.recent.has(message.uid) ? ['\\Recent'] : [];
		return `(${[...message.flags, ...recent].join(' ')})`;
	}

	/** Changes flags without a response about it to this session; the others are told. */
	silently(change: () => void): void {
		this.#muted = true;
		change();
		this.#muted = false;
	}

	/** The untagged responses that bring the client up to date; the view then is what they say. */
	takeUpdates(options: { expunges: boolean }): string[] {
		const updates: string[] = [];
		if (options.expunges) updates.push(...this.#takeExpunges());
		let arrived = false;
		for (const message of this.#appended) {
			// Came and went between two updates: the client never hears of it.
			if (this.#expunged.delete(message.uid)) {
				this.recent.delete(message.uid);
				continue;
			}
			this.view.push(message);
			arrived = true;
		}
		this.#appended = [];
		if (arrived) {
			updates.push(`* ${this.view.length} EXISTS\r\n`, `* ${this.recent.size} RECENT\r\n`);
		}
		updates.push(...this.#takeFlags());
		return updates;
	}

	#takeExpunges(): string[] {
		const updates: string[] = [];
		// From the last to the first: no number moves that is still to be told.
		for (const uid of [...this.#expunged].sort((a, b) => b - a)) {
			const index = indexOfUid(this.view, uid);
			if (index === -1) continue;
			this.view.splice(index, 1);
			this.recent.delete(uid);
			this.#expunged.delete(uid);
			updates.push(`* ${index + 1} EXPUNGE\r\n`);
		}
		return updates;
	}

	#takeFlags(): string[] {
		const updates: string[] = [];
		for (const uid of this.#reflagged) {
			const index = indexOfUid(this.view, uid);
			const message = this.view[index];
			if (message === undefined) continue;
			updates.push(`* ${index + 1} FETCH (UID ${uid} FLAGS ${this.flagsText(message)})\r\n`);
		}
		this.#reflagged.clear();
		return updates;
	}

	#note(change: FolderChange): void {
		if (change.kind === 'append') {
			this.#claimRecent(change.message.uid);
			this.#appended.push(change.message);
		} else if (change.kind === 'expunge') {
			this.#expunged.add(change.message.uid);
		} else if (change.kind === 'flags') {
			if (this.#muted) return;
			this.#reflagged.add(change.message.uid);
		} else {
			this.lost = change.kind;
		}
		this.#onChange();
	}

	/** `\Recent` goes to the first session that may change the folder and sees the message (RFC 3501 2.3.2). */
	#claimRecent(uid: number): void {
		if (uid < this.folder.recentFrom) return;
		this.recent.add(uid);
		if (!this.readOnly) this.folder.recentFrom = uid + 1;
	}
}
