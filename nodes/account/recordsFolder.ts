import { randomUUID } from 'node:crypto';
import type { ImapSession, OpenFolder } from '../mail/types';
import { unless } from '../mail/errors';
import { RecordsError } from './errors';
import {
	readRecord,
	RECORD_FILE,
	recordSubjectOf,
	unreadable,
	writeRecord,
	type RecordSubject,
	type RecordType,
} from './recordFormat';
import {
	bodyOf,
	headersOf,
	recordBodyOf,
	findRecords,
	inUidOrder,
	searchSubject,
	type RecordHeader,
} from './recordMessages';

export const RECORDS_FOLDER = 'n8n PEC (do not delete)';

/** Types of which a record has a few kB, or one chunk of a mailing: less than 100 kB. */
const SMALL: ReadonlySet<RecordType> = new Set<RecordType>([
	'submissions',
	'planned',
	'acknowledgements',
	'leases',
	'correlations',
]);
const WINDOW = 50;

/** Of others, with 700 kB at most, so many are in memory at once as they are sent. */
const FEW = 4;

/** How far the clocks of those who date records may be apart. */
const CLOCKS_MS = 5 * 60_000;

/** A clock that is further off is no clock: TLS would not have let us in by it. */
const PLAUSIBLE_MS = 366 * 24 * 3_600_000;

/** Also under a namespace prefix, as `INBOX.n8n PEC (do not delete)` (RFC 2342). */
export function isRecordsFolder(path: string): boolean {
	return path === RECORDS_FOLDER || /[./]n8n PEC \(do not delete\)$/.test(path);
}

export interface StoredRecord {
	readonly uid: number;
	readonly subject: RecordSubject;
	readonly content: Record<string, unknown>;
	/** INTERNALDATE. */
	readonly receivedAt: Date;
}

export interface ReadOptions {
	/** Those alone whose subject carries it. */
	readonly tag?: string;
	/** At least what the mailbox dates from then on. */
	readonly since?: Date;
	/** `skipped`: unreadable ones, for records without which something may be repeated, but nothing lost. */
	readonly damaged?: 'thrown' | 'skipped';
	/** Of those that were written after this UID. */
	readonly above?: number;
	/** So many, those that were written last. */
	readonly latest?: number;
}

/** The folder of records: reads them by subject, remembers what it read (a record never changes), and appends. */
export class RecordsFolder {
	readonly #imap: ImapSession;
	readonly #account: string;
	readonly #now: () => Date;
	#ensured = false;
	#uidValidity: string | undefined;
	#opened: OpenFolder | undefined;
	readonly #known = new Map<number, StoredRecord>();
	/** UIDNEXT of a view of which the server's index had everything; 0 where none was seen. */
	#indexedBelow = 0;

	constructor(imap: ImapSession, options: { account: string; now: () => Date }) {
		this.#imap = imap;
		this.#account = options.account;
		this.#now = options.now;
	}

	/** Of the folder as it was opened last; absent when there is none yet. */
	get uidValidity(): string | undefined {
		return this.#uidValidity;
	}

	/**
	 * The records of this type, in UID order. None when there is no such folder yet.
	 * @throws RecordsError for any among them that is unreadable or of a newer version; MailError
	 */
	async read(type: RecordType, options: ReadOptions = {}): Promise<StoredRecord[]> {
		const { tag, damaged = 'thrown', since, above = 0, latest = Infinity } = options;
		const folder = await this.#openIfThere();
		if (!folder || folder.messages === 0) return [];
		const found = (await this.#uidsBySubject(folder, tag ?? type, since))
			.filter((uid) => uid > above)
			.slice(-latest);
		const uids = since ? await this.#loadSince(folder, found, type, since, damaged) : found;
		if (!since) await this.#load(folder, found, type, damaged);
		return uids
			.map((uid) => this.#known.get(uid))
			.filter((record) => record !== undefined)
			.filter(({ subject }) => subject.type === type && (tag === undefined || subject.tag === tag));
	}

	/** UIDs of the records of this type, of which nothing is read but the subject. @throws MailError */
	async find(type: RecordType): Promise<number[]> {
		const folder = await this.#openIfThere();
		if (!folder || folder.messages === 0) return [];
		const found = await folder.scan(await this.#uidsBySubject(folder, type));
		return found
			.filter(({ headers }) => recordSubjectOf(headers)?.type === type)
			.map(({ uid }) => uid);
	}

	/** Whether the view that was read last has this message: a server may show late what was stored. @throws MailError */
	async shows(uid: number): Promise<boolean> {
		const found = await this.#opened?.search({ uid: String(uid) });
		return found?.includes(uid) === true;
	}

	/**
	 * Appends one record; when this returns, the server has it.
	 * @param dated by whose clock the mailbox dates it
	 * @returns its UID
	 * @throws MailError, RecordsError `notStored`
	 */
	async write(
		type: RecordType,
		content: object,
		tag?: string,
		dated: 'byUs' | 'byServer' = 'byUs',
	): Promise<number> {
		if (!this.#ensured) {
			await this.#imap.ensureFolder(RECORDS_FOLDER);
			this.#ensured = true;
		}
		const at = this.#now();
		const domain = this.#account.slice(this.#account.lastIndexOf('@') + 1);
		const messageId = `record.${randomUUID()}@${domain}`;
		const raw = writeRecord({
			type,
			content,
			account: this.#account,
			messageId,
			at,
			...(tag === undefined ? {} : { tag }),
		});
		const { uid } = await this.#imap.append(RECORDS_FOLDER, raw, {
			flags: ['\\Seen'],
			...(dated === 'byUs' ? { at } : {}),
		});
		// APPENDUID (RFC 4315) names what was stored; without it the record is looked for.
		const stored = uid ?? (await this.#uidOf(messageId));
		if (stored === undefined) {
			throw new RecordsError(
				'notStored',
				'The provider took a record but did not keep it: nothing more was done',
				'Look whether the folder "n8n PEC (do not delete)" exists, and whether a rule or another program removes messages from it',
			);
		}
		return stored;
	}

	/**
	 * Removes records that were read and that another one stands for.
	 * @returns false where the provider cannot delete single messages, or numbered the folder anew since they were read:
	 * then they stay
	 * @throws MailError
	 */
	async remove(uids: readonly number[]): Promise<boolean> {
		const folder = await this.#imap.open(RECORDS_FOLDER, { readOnly: false });
		if (folder.uidValidity !== this.#uidValidity) return false;
		const done = await unless('notSupported', folder.remove(uids));
		for (const uid of done?.deleted ?? []) this.#known.delete(uid);
		return done?.remaining.length === 0;
	}

	/**
	 * Writes a record of this type without content, dated by the server.
	 * @returns how far the server's clock is ahead of ours, milliseconds; `undefined` when its date is none
	 * @throws MailError, RecordsError `notStored`
	 */
	async clockAhead(type: RecordType, tag: string): Promise<number | undefined> {
		const uid = await this.write(type, {}, tag, 'byServer');
		const folder = await this.#imap.open(RECORDS_FOLDER, { readOnly: true });
		const [written] = await folder.scan([uid]);
		const ahead = (written?.receivedAt.getTime() ?? NaN) - this.#now().getTime();
		return Math.abs(ahead) < PLAUSIBLE_MS ? ahead : undefined;
	}

	async #openIfThere(): Promise<OpenFolder | undefined> {
		const opening = this.#imap.open(RECORDS_FOLDER, { readOnly: true });
		const folder = await unless('folderMissing', opening);
		if (!folder) return undefined;
		if (folder.uidValidity !== this.#uidValidity) {
			this.#known.clear();
			this.#indexedBelow = 0;
		}
		this.#uidValidity = folder.uidValidity;
		this.#opened = folder;
		return folder;
	}

	/** By SUBJECT search; where that does not work, every header is looked at. */
	async #uidsBySubject(folder: OpenFolder, wanted: string, since?: Date): Promise<number[]> {
		const isIndexed = this.#indexedBelow > 0 && this.#indexedBelow === folder.uidNext;
		if (isIndexed) return await searchSubject(folder, wanted, since);
		const { found, unindexed } = await findRecords(folder, [wanted], since);
		this.#indexedBelow = unindexed.length === 0 ? folder.uidNext : 0;
		const looked = (await folder.scan(unindexed))
			.filter(({ headers }) => {
				const subject = recordSubjectOf(headers);
				return subject !== undefined && (subject.tag === wanted || subject.type === wanted);
			})
			.map(({ uid }) => uid);
		return inUidOrder(found, looked);
	}

	/** From the newest backwards: a search knows days only. @returns those that were loaded, in UID order */
	async #loadSince(
		folder: OpenFolder,
		found: readonly number[],
		type: RecordType,
		since: Date,
		damaged: 'thrown' | 'skipped',
	): Promise<readonly number[]> {
		const from = since.getTime() - CLOCKS_MS;
		for (let end = found.length; end > 0; end -= WINDOW) {
			const window = found.slice(Math.max(0, end - WINDOW), end);
			await this.#load(folder, window, type, damaged);
			const isOlder = window.every((uid) => {
				const receivedAt = this.#known.get(uid)?.receivedAt.getTime();
				return receivedAt === undefined || receivedAt < from;
			});
			if (isOlder) return found.slice(end);
		}
		return found;
	}

	/** Makes known those that are not. Small ones are asked for as a whole. */
	async #load(
		folder: OpenFolder,
		uids: readonly number[],
		type: RecordType,
		damaged: 'thrown' | 'skipped',
	): Promise<void> {
		const unknown = uids.filter((uid) => !this.#known.has(uid));
		if (!SMALL.has(type) && unknown.length > FEW) {
			const headers = headersOf(unknown, await folder.scan(unknown), damaged);
			const bodies = await folder.fetchNamedParts([...headers.keys()], RECORD_FILE);
			await this.#learn(folder, headers, bodies, damaged);
			return;
		}
		for (let start = 0; start < unknown.length; start += WINDOW) {
			const window = unknown.slice(start, start + WINDOW);
			const messages = await folder.fetchMany(window);
			const bodies = new Map(messages.map((message) => [message.uid, bodyOf(message)]));
			await this.#learn(folder, headersOf(window, messages, damaged), bodies, damaged);
		}
	}

	async #learn(
		folder: OpenFolder,
		headers: ReadonlyMap<number, RecordHeader>,
		bodies: ReadonlyMap<number, Buffer>,
		damaged: 'thrown' | 'skipped',
	): Promise<void> {
		for (const [uid, { subject, receivedAt }] of headers) {
			const body = bodies.get(uid) ?? (await recordBodyOf(folder, uid));
			try {
				if (!body) throw unreadable(uid);
				const content = readRecord(subject, body, uid);
				this.#known.set(uid, { uid, subject, content, receivedAt });
			} catch (error) {
				const isNewer = error instanceof RecordsError && error.problem === 'newerVersion';
				if (damaged === 'thrown' || isNewer) return await Promise.reject(error);
			}
		}
	}

	async #uidOf(messageId: string): Promise<number | undefined> {
		const folder = await this.#imap.open(RECORDS_FOLDER, { readOnly: true });
		return (await folder.search({ header: { 'Message-ID': messageId } })).at(-1);
	}
}
