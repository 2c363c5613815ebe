import { FlagSpelling } from './flags.ts';
import type { MessageBytes } from './messageBytes.ts';
import { HeldMessage } from './storedMessage.ts';
import type { StoredMessage } from './storedMessage.ts';
import { indexOfUid } from './uidOrder.ts';

export type FolderChange =
	| { readonly kind: 'append'; readonly message: StoredMessage }
	| { readonly kind: 'expunge'; readonly message: StoredMessage }
	| { readonly kind: 'flags'; readonly message: StoredMessage }
	/** UIDVALIDITY moved: every UID known so far is void. */
	| { readonly kind: 'reset' }
	| { readonly kind: 'deleted' };

export type FlagAction = 'replace' | 'add' | 'remove';

/** One folder of an account. Changes are told to listeners at once and in order. */
export class Folder {
	/** Full name, levels separated by `/`. Changed by `AccountStore.renameFolder` only. */
	path: string;
	/** RFC 6154, e.g. `\Sent`. */
	readonly specialUse: string | undefined;
	/** Whether LSUB shows it. */
	subscribed = true;
	/** The lowest UID no session has been told of as `\Recent` (RFC 3501 2.3.2). */
	recentFrom = 1;
	/** Survives a new name and a new UIDVALIDITY (RFC 8474 4.1). Unique in the store. */
	readonly mailboxId: string;

	readonly #nextUidValidity: () => number;
	readonly #now: () => Date;
	readonly #keep: (raw: Buffer) => MessageBytes;
	readonly #spelling = new FlagSpelling();
	readonly #listeners = new Set<(change: FolderChange) => void>();
	#messages: HeldMessage[] = [];
	/** Ascending by modseq. */
	#expunged: { readonly uid: number; readonly modseq: number }[] = [];
	#highestModseq = 1;
	#uidValidity: number;
	#uidNext = 1;
	#size = 0;

	/**
	 * @param options.nextUidValidity gives a number higher than any it gave before.
	 * @param options.keep puts bytes where they stay; may throw StorageFullError
	 */
	constructor(options: {
		path: string;
		specialUse?: string;
		nextUidValidity: () => number;
		now: () => Date;
		keep: (raw: Buffer) => MessageBytes;
	}) {
		this.path = options.path;
		this.specialUse = options.specialUse;
		this.#nextUidValidity = options.nextUidValidity;
		this.#now = options.now;
		this.#keep = options.keep;
		this.#uidValidity = options.nextUidValidity();
		this.mailboxId = `F${this.#uidValidity}`;
	}

	get uidValidity(): number {
		return this.#uidValidity;
	}

	get uidNext(): number {
		return this.#uidNext;
	}

	/** Ascending by UID. */
	get messages(): readonly StoredMessage[] {
		return this.#messages;
	}

	/** Bytes of all messages. */
	get size(): number {
		return this.#size;
	}

	/** Grows with every change, also with a removal (RFC 7162 3.1.2.1). */
	get highestModseq(): number {
		return this.#highestModseq;
	}

	/** Keywords seen in this folder, in order of appearance. */
	get keywords(): readonly string[] {
		return this.#spelling.keywords;
	}

	get keywordCount(): number {
		return this.#spelling.keywordCount;
	}

	/** Those of `flags` that are keywords this folder has never seen, each once. */
	newKeywords(flags: Iterable<string>): string[] {
		return this.#spelling.unseen(flags);
	}

	/** UIDs that were removed after `modseq`, ascending. */
	expungedAfter(modseq: number): number[] {
		const uids: number[] = [];
		for (let i = this.#expunged.length - 1; i >= 0; i -= 1) {
			const gone = this.#expunged[i];
			if (gone === undefined || gone.modseq <= modseq) break;
			uids.push(gone.uid);
		}
		return uids.sort((a, b) => a - b);
	}

	message(uid: number): StoredMessage | undefined {
		return this.#messages[indexOfUid(this.#messages, uid)];
	}

	/** Calls `listener` at each change, within the call that makes it. Returns how to stop it. */
	subscribe(listener: (change: FolderChange) => void): () => void {
		this.#listeners.add(listener);
		return () => {
			this.#listeners.delete(listener);
		};
	}

	/**
	 * Adds a message under the next UID: a buffer, which must not be changed afterwards, or the bytes of a message that
	 * is stored already, which both then share. Knows no quota; `AccountStore.deliver` does. `emailId`: of the message
	 * this is a copy of.
	 * Throws StorageFullError, for a buffer.
	 */
	append(
		content: Buffer | MessageBytes,
		options: { flags?: Iterable<string>; internalDate?: Date; emailId?: string } = {},
	): StoredMessage {
		const bytes = Buffer.isBuffer(content) ? this.#keep(content) : content;
		this.#highestModseq += 1;
		const message = new HeldMessage(this.#uidNext, bytes, {
			internalDate: options.internalDate ?? this.#now(),
			flags: new Set(this.#spelling.canonical(options.flags ?? [])),
			modseq: this.#highestModseq,
			// No UIDVALIDITY is given twice in a store: where it was first put names a message for ever.
			emailId: options.emailId ?? `M${this.#uidValidity}-${this.#uidNext}`,
		});
		this.#uidNext += 1;
		this.#size += message.size;
		this.#messages.push(message);
		this.#tell({ kind: 'append', message });
		return message;
	}

	/** Removes the messages of these UIDs for good, whatever their flags; returns the removed ones. */
	expunge(uids: Iterable<number>): StoredMessage[] {
		const doomed = new Set(uids);
		const removed: StoredMessage[] = [];
		const kept: HeldMessage[] = [];
		for (const message of this.#messages) (doomed.has(message.uid) ? removed : kept).push(message);
		this.#messages = kept;
		if (removed.length > 0) this.#highestModseq += 1;
		for (const message of removed) {
			this.#expunged.push({ uid: message.uid, modseq: this.#highestModseq });
			this.#size -= message.size;
			this.#tell({ kind: 'expunge', message });
		}
		return removed;
	}

	/** Changes flags of the messages of these UIDs; UIDs that are not there are passed over. */
	setFlags(uids: Iterable<number>, flags: Iterable<string>, action: FlagAction = 'replace'): void {
		const given = this.#spelling.canonical(flags);
		const modseq = this.#highestModseq + 1;
		for (const uid of uids) {
			const message = this.#messages[indexOfUid(this.#messages, uid)];
			if (message === undefined) continue;
			const before = message.flags;
			const after = new Set(action === 'replace' ? [] : before);
			for (const flag of given) {
				if (action === 'remove') after.delete(flag);
				else after.add(flag);
			}
			if (after.size === before.size && [...after].every((flag) => before.has(flag))) continue;
			message.flags = after;
			message.modseq = modseq;
			this.#highestModseq = modseq;
			this.#tell({ kind: 'flags', message });
		}
	}

	/** What a server does after losing its index: a new UIDVALIDITY, and new UIDs from 1 in the same order. */
	resetUidValidity(): void {
		this.#uidValidity = this.#nextUidValidity();
		this.#messages = this.#messages.map((message, index) => message.renumbered(index + 1));
		this.#uidNext = this.#messages.length + 1;
		this.recentFrom = this.#uidNext;
		this.#expunged = [];
		this.#tell({ kind: 'reset' });
	}

	/** Tells who has it open that it is gone; called by `AccountStore.deleteFolder`. */
	tellDeleted(): void {
		this.#tell({ kind: 'deleted' });
	}

	#tell(change: FolderChange): void {
		for (const listener of [...this.#listeners]) listener(change);
	}
}
