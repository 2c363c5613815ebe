import type { Folder, FolderChange } from '../store/folder.ts';
import type { StoredMessage } from '../store/storedMessage.ts';
import { indexAtOrAbove, indexOfUid } from '../store/uidOrder.ts';
import { folderView } from './folderView.ts';
import { flagsResponse, permanentFlagsResponse } from './keywords.ts';
import type { Sight } from './points.ts';
import { sequenceSetOf } from './responseText.ts';

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
	/** UIDs a search put aside, ascending (RFC 5182). */
	saved: readonly number[] = [];
	/** Of all changes up to this mod-sequence the client was told. */
	toldModseq: number;
	/** Set when the view is void and the session has to end. */
	lost: 'reset' | 'deleted' | undefined;

	readonly #unsubscribe: () => void;
	readonly #onChange: () => void;
	readonly #sight: Sight;
	#appended: StoredMessage[] = [];
	readonly #expunged = new Set<number>();
	readonly #reflagged = new Set<number>();
	readonly #takesKeywords: boolean;
	#keywordsTold: number;
	#muted = false;

	/**
	 * @param options.keywords whether clients may make new ones
	 * @param options.onChange called at each change that `takeUpdates` or `lost` will show
	 */
	constructor(
		folder: Folder,
		options: { readOnly: boolean; keywords: boolean; sight: Sight; onChange: () => void },
	) {
		this.folder = folder;
		this.readOnly = options.readOnly;
		this.#sight = options.sight;
		const { messages, highestModseq } = folderView(folder, options.sight.horizon());
		this.view = [...messages];
		this.#appended = folder.messages.slice(this.view.length);
		this.#onChange = options.onChange;
		this.#takesKeywords = options.keywords;
		this.#keywordsTold = folder.keywordCount;
		this.toldModseq = highestModseq;
		for (const { uid } of this.view) this.#claimRecent(uid);
		const unsubscribe = folder.subscribe((change) => this.#note(change));
		const unlift = options.sight.onLift(options.onChange);
		this.#unsubscribe = () => {
			unsubscribe();
			unlift();
		};
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

	/** What a FETCH response with a keyword unheard of needs before it (RFC 3501 7.2.6, 7.1): FLAGS and PERMANENTFLAGS. */
	takeKeywords(): string {
		if (this.folder.keywordCount === this.#keywordsTold) return '';
		this.#keywordsTold = this.folder.keywordCount;
		return this.keywordResponses();
	}

	keywordResponses(): string {
		const takesKeywords = this.#takesKeywords;
		return flagsResponse(this.folder, takesKeywords) + permanentFlagsResponse(this, takesKeywords);
	}

	/**
	 * The untagged responses that bring the client up to date; the view then is what they say.
	 * @param options.modseq with mod-sequences (RFC 7162 3.1)
	 * @param options.vanished VANISHED instead of EXPUNGE (RFC 7162 3.2.10)
	 */
	takeUpdates(options: { expunges: boolean; modseq: boolean; vanished: boolean }): string[] {
		const updates: string[] = [];
		if (options.expunges) updates.push(...this.#takeExpunges(options.vanished));
		let arrived = false;
		const shown = indexAtOrAbove(this.#appended, this.#sight.horizon());
		for (const message of this.#appended.slice(0, shown)) {
			// Came and went between two updates: the client never hears of it.
			if (this.#expunged.delete(message.uid)) {
				this.recent.delete(message.uid);
				continue;
			}
			this.#claimRecent(message.uid);
			this.view.push(message);
			arrived = true;
		}
		this.#appended = this.#appended.slice(shown);
		if (arrived) {
			updates.push(`* ${this.view.length} EXISTS\r\n`, `* ${this.recent.size} RECENT\r\n`);
		}
		updates.push(...this.#takeFlags(options.modseq));
		if (this.#expunged.size === 0)
			this.toldModseq = folderView(this.folder, this.#sight.horizon()).highestModseq;
		return updates;
	}

	#takeExpunges(vanished: boolean): string[] {
		const gone = [...this.#expunged]
			.map((uid) => ({ uid, index: indexOfUid(this.view, uid) }))
			.filter(({ index }) => index !== -1)
			.sort((a, b) => a.uid - b.uid);
		if (gone.length === 0) return [];
		for (const { uid } of gone) {
			this.recent.delete(uid);
			this.#expunged.delete(uid);
		}
		this.#close(new Set(gone.map(({ index }) => index)));
		const uids = gone.map(({ uid }) => uid);
		this.saved = this.saved.filter((uid) => indexOfUid(this.view, uid) !== -1);
		if (vanished) return [`* VANISHED ${sequenceSetOf(uids)}\r\n`];
		// From the last to the first: no number moves that is still to be told.
		return gone.reverse().map(({ index }) => `* ${index + 1} EXPUNGE\r\n`);
	}

	/** Closes the gaps at these places of the view in one pass. */
	#close(gaps: ReadonlySet<number>): void {
		let kept = 0;
		this.view.forEach((message, index) => {
			if (gaps.has(index)) return;
			this.view[kept] = message;
			kept += 1;
		});
		this.view.length = kept;
	}

	#takeFlags(modseq: boolean): string[] {
		const keywords = this.takeKeywords();
		const updates: string[] = keywords === '' ? [] : [keywords];
		for (const uid of this.#reflagged) {
			const index = indexOfUid(this.view, uid);
			const message = this.view[index];
			if (message === undefined) continue;
			const since = modseq ? ` MODSEQ (${message.modseq})` : '';
			const flags = this.flagsText(message);
			updates.push(`* ${index + 1} FETCH (UID ${uid} FLAGS ${flags}${since})\r\n`);
		}
		this.#reflagged.clear();
		return updates;
	}

	#note(change: FolderChange): void {
		if (change.kind === 'append') {
			if (change.message.uid < this.#sight.horizon()) this.#claimRecent(change.message.uid);
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
