import { FolderError, OverQuotaError } from './errors.ts';
import { Folder } from './folder.ts';
import type { MessageBytes } from './messageBytes.ts';

export const DEFAULT_QUOTA_LIMIT = 1024 ** 3;

/** Characters of a folder's full name: with more, its levels would cost more than its messages. */
const MAX_PATH = 1000;

/** What a new account of an Italian provider has, with RFC 6154 uses. */
const DEFAULT_FOLDERS: readonly { path: string; specialUse?: string }[] = [
	{ path: 'INBOX' },
	{ path: 'Inviata', specialUse: '\\Sent' },
	{ path: 'Bozze', specialUse: '\\Drafts' },
	{ path: 'Cestino', specialUse: '\\Trash' },
	{ path: 'Archivio', specialUse: '\\Archive' },
];

/** One mailbox of the sandbox: its folders, its password and its quota. */
export class AccountStore {
	readonly address: string;
	readonly user: string;
	/** May be changed at any time; who is signed in stays so. */
	password: string;
	/** Bytes. */
	quotaLimit: number;

	readonly #folders = new Map<string, Folder>();
	readonly #nextUidValidity: () => number;
	readonly #now: () => Date;
	readonly #keep: (raw: Buffer) => MessageBytes;

	constructor(options: {
		address: string;
		user: string;
		password: string;
		quotaLimit?: number;
		nextUidValidity: () => number;
		now: () => Date;
		keep: (raw: Buffer) => MessageBytes;
	}) {
		this.address = options.address;
		this.user = options.user;
		this.password = options.password;
		this.quotaLimit = options.quotaLimit ?? DEFAULT_QUOTA_LIMIT;
		this.#nextUidValidity = options.nextUidValidity;
		this.#now = options.now;
		this.#keep = options.keep;
		for (const { path, specialUse } of DEFAULT_FOLDERS) this.createFolder(path, specialUse);
	}

	/** Bytes of all messages in all folders. */
	get usedBytes(): number {
		let used = 0;
		for (const folder of this.#folders.values()) used += folder.size;
		return used;
	}

	/** Whether these bytes more still fit into the quota. */
	hasRoomFor(bytes: number): boolean {
		return this.usedBytes + bytes <= this.quotaLimit;
	}

	/** In order of creation. */
	folders(): Folder[] {
		return [...this.#folders.values()];
	}

	/** Names are exact, but for INBOX (RFC 3501 5.1). */
	folder(path: string): Folder | undefined {
		return this.#folders.get(canonicalPath(path));
	}

	/** Creates it, and the levels above it that are missing. Throws FolderError `ALREADYEXISTS` or `CANNOT`. */
	createFolder(path: string, specialUse?: string): Folder {
		const name = canonicalPath(path);
		if (name === '' || name.split('/').includes('')) {
			throw new FolderError('CANNOT', 'a folder name has no empty level');
		}
		if (name.length > MAX_PATH) throw new FolderError('CANNOT', 'the folder name is too long');
		if (this.#folders.has(name))
			throw new FolderError('ALREADYEXISTS', 'the folder is there already');
		const parent = name.slice(0, Math.max(0, name.lastIndexOf('/')));
		if (parent !== '' && this.folder(parent) === undefined) this.createFolder(parent);
		const folder = new Folder({
			path: name,
			specialUse,
			nextUidValidity: this.#nextUidValidity,
			now: this.#now,
			keep: this.#keep,
		});
		this.#folders.set(name, folder);
		return folder;
	}

	/** Deletes it with its messages; folders below it stay (RFC 3501 6.3.4). Throws FolderError `NONEXISTENT` or `CANNOT`. */
	deleteFolder(path: string): void {
		const folder = this.#existing(path);
		if (folder.path === 'INBOX') throw new FolderError('CANNOT', 'INBOX cannot be deleted');
		this.#folders.delete(folder.path);
		folder.tellDeleted();
	}

	/**
	 * Renames it and what is below it. Renaming INBOX moves its messages into a new folder (RFC 3501 6.3.5).
	 * Throws FolderError.
	 */
	renameFolder(from: string, to: string): void {
		const folder = this.#existing(from);
		const name = canonicalPath(to);
		if (name.startsWith(`${folder.path}/`)) {
			throw new FolderError('CANNOT', 'a folder cannot move below itself');
		}
		if (folder.path === 'INBOX') {
			const target = this.createFolder(name);
			for (const { bytes, flags, internalDate, emailId } of folder.messages) {
				target.append(bytes, { flags, internalDate, emailId });
			}
			folder.expunge(folder.messages.map((message) => message.uid));
			return;
		}
		const moving = this.folders().filter(
			({ path }) => path === folder.path || path.startsWith(`${folder.path}/`),
		);
		const renamed = moving.map(
			(each) => [each, name + each.path.slice(folder.path.length)] as const,
		);
		if (renamed.some(([, path]) => this.#folders.has(path))) {
			throw new FolderError('ALREADYEXISTS', 'the folder is there already');
		}
		if (renamed.some(([, path]) => path.length > MAX_PATH)) {
			throw new FolderError('CANNOT', 'the folder name is too long');
		}
		// Makes the levels above, and refuses names no folder can have.
		this.createFolder(name);
		for (const [each, path] of renamed) {
			this.#folders.delete(each.path);
			each.path = path;
			this.#folders.set(path, each);
		}
	}

	/** Shows or hides it in LSUB. Throws FolderError `NONEXISTENT`. */
	subscribe(path: string, subscribed = true): void {
		this.#existing(path).subscribed = subscribed;
	}

	/**
	 * Puts a message into a folder (INBOX unless named) as a provider's delivery agent would. The buffer is kept as given
	 * and must not be changed afterwards.
	 * Throws OverQuotaError, StorageFullError, and FolderError `NONEXISTENT`.
	 */
	deliver(
		raw: Buffer,
		options: { folder?: string; flags?: string[]; internalDate?: Date } = {},
	): { uid: number; uidValidity: number } {
		const folder = this.#existing(options.folder ?? 'INBOX');
		if (!this.hasRoomFor(raw.length)) throw new OverQuotaError(this.quotaLimit);
		const { uid } = folder.append(raw, options);
		return { uid, uidValidity: folder.uidValidity };
	}

	#existing(path: string): Folder {
		const folder = this.folder(path);
		if (folder === undefined) throw new FolderError('NONEXISTENT', 'there is no such folder');
		return folder;
	}
}

function canonicalPath(path: string): string {
	return path.toUpperCase() === 'INBOX' ? 'INBOX' : path;
}
