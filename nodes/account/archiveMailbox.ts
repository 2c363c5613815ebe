import type { Appended, ImapSession, OpenFolder } from '../mail/types';
import { MailError, unless } from '../mail/errors';
import {
	composeCopy,
	enclosedMessageOf,
	type ComposedForm,
	type CopyForm,
} from '../pec/copyMessage';
import { readPecMessage } from '../pec/message';
import { ArchiveFolders } from './archiveFolders';
import { findCopy, type FoundCopy } from './archiveSearch';
import type { CopyStore, MessageToCopy } from './copyStore';

export interface ArchiveOptions {
	/** Of the ordinary mailbox; stands in `location`. */
	readonly address: string;
	/** Where a message goes: levels separated by "/", whatever the server puts between them. */
	folderOf(message: MessageToCopy): string;
	/** `exact` unless given: its own bytes, enclosed in a plain message where the server changes them. */
	readonly form?: 'exact' | 'readable';
	/** A message of that mailbox to which a readable copy belongs, by its Message-ID with angle brackets. */
	inReplyTo?(message: MessageToCopy): string | undefined;
}

/** Where a message is, and how. */
export interface StoredCopy {
	/** `imap:ADDRESS/PATH` */
	readonly location: string;
	readonly folder: string;
	readonly form: CopyForm;
	/** It was there before. */
	readonly wasThere: boolean;
}

/** An ordinary mailbox that keeps copies. */
export interface ArchiveMailbox extends CopyStore {
	/** As `put`, with all that can be said of it. @throws MailError */
	store(message: MessageToCopy): Promise<StoredCopy>;
}

interface Place {
	readonly folder: string;
	readonly uid: number;
	readonly uidValidity: string;
	readonly form: CopyForm;
}

/** Messages read back soon after they were stored need not be searched for. */
const PLACES = 1_000;

/** A copy is a message of its own: whether the message is new here, or marked to be deleted, does not go with it. */
const NOT_KEPT: ReadonlySet<string> = new Set(['\\recent', '\\deleted']);

/** Later than any: a date that is none (`ScannedMessage.receivedAt`), in place of which the server writes its own. */
const LAST_DATE = Date.UTC(9999, 0);

/**
 * Keeps messages in an ordinary mailbox: flags and INTERNALDATE kept, never twice in the folders below the first level of
 * the path. A connection that is lost meanwhile is made again, once: what was stored is found, not stored again.
 * @param imap the connection as it is now: another one when the one before was lost
 */
export function archiveMailbox(
	imap: () => Promise<ImapSession>,
	options: ArchiveOptions,
): ArchiveMailbox {
	return new ArchiveStore(imap, options);
}

class ArchiveStore implements ArchiveMailbox {
	readonly #imap: () => Promise<ImapSession>;
	readonly #options: ArchiveOptions;
	readonly #places = new Map<string, Place>();
	/** The server was seen to change what it stores. */
	#changesBytes = false;
	#folders: ArchiveFolders | undefined;

	constructor(imap: () => Promise<ImapSession>, options: ArchiveOptions) {
		this.#imap = imap;
		this.#options = options;
	}

	async put(message: MessageToCopy): Promise<string> {
		return (await this.store(message)).location;
	}

	async store(message: MessageToCopy): Promise<StoredCopy> {
		return await this.#again(async (folders) => {
			const path = await folders.pathOf(this.#options.folderOf(message));
			const found = await folders.find(message, path, this.#forms);
			if (found) {
				if (found.copy.form === 'enclosed') this.#changesBytes = true;
				return this.#placed(message, found.folder, found.copy, true);
			}
			const { session } = folders;
			if (this.#options.form !== 'readable' && !this.#changesBytes) {
				const stored = await this.#append(session, path, message, 'exact');
				if (stored) return stored;
				this.#changesBytes = true;
			}
			const form = this.#options.form === 'readable' ? 'readable' : 'enclosed';
			const stored = await this.#append(session, path, message, form);
			if (stored) return stored;
			throw changedEvenEnclosed();
		});
	}

	async read({ pecKey }: Pick<MessageToCopy, 'pecKey' | 'size'>): Promise<Buffer | undefined> {
		return await this.#again(async (folders) => {
			const place = this.#places.get(pecKey);
			const placed = place && (await readPlace(folders.session, place, pecKey));
			return placed ?? (await folders.findAnywhere({ pecKey }, this.#forms))?.copy.bytes;
		});
	}

	get #forms(): readonly CopyForm[] {
		return this.#options.form === 'readable' ? ['readable'] : ['exact', 'enclosed'];
	}

	/** Whoever stores looks first for what is there, so it can be begun again. */
	async #again<T>(work: (folders: ArchiveFolders) => Promise<T>): Promise<T> {
		const first = this.#connect().then(async (folders) => ({ value: await work(folders) }));
		const done = await unless('connectionLost', first);
		return done ? done.value : await work(await this.#connect());
	}

	async #connect(): Promise<ArchiveFolders> {
		const session = await this.#imap();
		if (this.#folders?.session !== session) this.#folders = new ArchiveFolders(session);
		return this.#folders;
	}

	/** @returns `undefined` when the server keeps other bytes: then they are removed, where it removes single messages */
	async #append(
		session: ImapSession,
		path: string,
		message: MessageToCopy,
		form: CopyForm,
	): Promise<StoredCopy | undefined> {
		const { uidNext } = await session.open(path, { readOnly: true });
		const inReplyTo = form === 'readable' ? this.#options.inReplyTo?.(message) : undefined;
		const raw = form === 'exact' ? message.raw : await composed(message, form, inReplyTo);
		const appended = await appendAs(session, path, raw, message);
		const folder = await session.open(path, { readOnly: true });
		// Of two runs that stored it at the same time, both keep the one that came first.
		const first = await findCopy(folder, message, [form]);
		if (first === undefined || (appended.uid ?? 0) > first.uid) {
			await withdraw(session, path, appended, uidNext);
		}
		return first && this.#placed(message, folder, first, first.uid < uidNext);
	}

	#placed(
		{ pecKey }: MessageToCopy,
		{ path, uidValidity }: Pick<OpenFolder, 'path' | 'uidValidity'>,
		{ uid, form }: FoundCopy,
		wasThere: boolean,
	): StoredCopy {
		this.#places.delete(pecKey);
		this.#places.set(pecKey, { folder: path, uid, uidValidity, form });
		const [oldest] = this.#places.keys();
		if (oldest !== undefined && this.#places.size > PLACES) this.#places.delete(oldest);
		return { location: `imap:${this.#options.address}/${path}`, folder: path, form, wasThere };
	}
}

async function composed(
	message: MessageToCopy,
	form: ComposedForm,
	inReplyTo: string | undefined,
): Promise<Buffer> {
	const { raw, receivedAt } = message;
	// What a copy shows rests on no verdict.
	const read = await readPecMessage(raw, { trust: { issuers: [] }, now: receivedAt, receivedAt });
	return await composeCopy(raw, read, form, inReplyTo);
}

/** With its keywords, unless the server takes no message that has them. */
async function appendAs(
	session: ImapSession,
	path: string,
	raw: Buffer,
	{ flags, receivedAt }: MessageToCopy,
): Promise<Appended> {
	const kept = flags.filter((flag) => !NOT_KEPT.has(flag.toLowerCase()));
	const known = kept.filter((flag) => flag.startsWith('\\'));
	const dated = receivedAt.getTime() < LAST_DATE ? { at: receivedAt } : {};
	const appending = session.append(path, raw, { flags: kept, ...dated });
	if (known.length === kept.length) return await appending;
	return (
		(await unless('refused', appending)) ??
		(await session.append(path, raw, { flags: known, ...dated }))
	);
}

/** Takes back what was just stored. @throws MailError `refused` when nothing was stored at all */
async function withdraw(
	session: ImapSession,
	path: string,
	appended: Appended,
	uidNext: number,
): Promise<void> {
	const folder = await session.open(path, { readOnly: false });
	const uids = await folder.search({ uid: `${uidNext}:*` });
	if (uids.length === 0) throw notKept(path);
	const { uid, uidValidity } = appended;
	if (uid !== undefined && uidValidity === folder.uidValidity) {
		await unless('notSupported', folder.remove([uid]));
	}
}

async function readPlace(
	session: ImapSession,
	{ folder: path, uid, uidValidity, form }: Place,
	pecKey: string,
): Promise<Buffer | undefined> {
	const folder = await unless('folderMissing', session.open(path, { readOnly: true }));
	if (folder?.uidValidity !== uidValidity) return undefined;
	const raw = (await folder.fetch(uid))?.raw;
	return form === 'exact' ? raw : raw && enclosedMessageOf(raw, pecKey);
}

function notKept(path: string): MailError {
	return new MailError(
		'refused',
		`The other mailbox took a message for "${path}" but did not keep it`,
		{
			whatToDo:
				'Look whether the folder exists there, and whether a rule removes or moves messages in it',
			retry: 'later',
		},
	);
}

function changedEvenEnclosed(): MailError {
	return new MailError(
		'refused',
		'The other mailbox changes what it stores, files inside of messages too',
		{
			whatToDo:
				'It cannot keep copies that count. Use another mailbox or a storage, or ask its administrator which rule or filter changes messages',
			retry: 'never',
		},
	);
}
