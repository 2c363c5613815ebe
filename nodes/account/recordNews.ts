import type { ImapSession, OpenFolder } from '../mail/types';
import { unless } from '../mail/errors';
import { RecordsError } from './errors';
import {
	readRecord,
	RECORD_FILE,
	RECORD_VERSION,
	recordSubjectOf,
	type RecordSubject,
	type RecordType,
} from './recordFormat';
import { findRecords, inUidOrder, recordBodyOf } from './recordMessages';
import { RECORDS_FOLDER, type StoredRecord } from './recordsFolder';

/** Records of 512 kB at most: the bodies that are in memory at one time. */
const WINDOW = 100;

/** Of more mailings than these reading all subjects is quicker. */
const SEARCHES = 16;

/** Types whose subject carries no tag. */
const UNTAGGED: readonly RecordType[] = ['copies', 'deletions', 'correlations'];

/**
 * Follows the folder of records: each call reads what came since the last one, and keeps nothing but its place. To send
 * or to delete, `RecordsFolder` is asked, which tolerates no unreadable record.
 */
export class RecordNews {
	readonly #types: ReadonlySet<string>;
	/** By message: all records of a newer version are one problem. */
	readonly #problems = new Map<string, RecordsError>();
	readonly #tags: ReadonlySet<string> | undefined;
	#uidValidity: string | undefined;
	#lastUid = 0;

	/** @param tags records of these mailings alone, and what carries no tag; all when absent */
	constructor(types: readonly RecordType[], tags?: ReadonlySet<string>) {
		this.#types = new Set(types);
		this.#tags = tags;
	}

	/** Records that cannot be relied on, oldest first. The others still can. */
	get problems(): readonly RecordsError[] {
		return [...this.#problems.values()];
	}

	/**
	 * Selects the folder when there is one. What was told when it throws MailError is not told again; all of it is when
	 * the folder was numbered anew.
	 * @param onRecord in UID order; may throw RecordsError for one that it cannot rely on
	 */
	async read(imap: ImapSession, onRecord: (record: StoredRecord) => void): Promise<void> {
		const opening = imap.open(RECORDS_FOLDER, { readOnly: true });
		const folder = await unless('folderMissing', opening);
		if (!folder) return;
		if (folder.uidValidity !== this.#uidValidity) {
			this.#problems.clear();
			this.#uidValidity = folder.uidValidity;
			this.#lastUid = 0;
		}
		if (folder.messages === 0) return;
		const { uids, upTo } = await this.#newIn(folder);
		for (let start = 0; start < uids.length; start += WINDOW) {
			const window = uids.slice(start, start + WINDOW);
			await this.#readWindow(folder, window, onRecord);
			this.#lastUid = window.at(-1) ?? this.#lastUid;
		}
		this.#lastUid = Math.max(this.#lastUid, upTo);
	}

	/** At the first look of who follows a few mailings, what their subjects name; else all that came since. */
	async #newIn(folder: OpenFolder): Promise<{ uids: number[]; upTo: number }> {
		if (this.#lastUid > 0 || !this.#tags || this.#tags.size > SEARCHES) {
			const uids = await folder.search({ uid: `${this.#lastUid + 1}:*` });
			return { uids, upTo: this.#lastUid };
		}
		const words = [...this.#tags, ...UNTAGGED.filter((type) => this.#types.has(type))];
		const { found, unindexed, indexed } = await findRecords(folder, words);
		return { uids: inUidOrder(found, unindexed), upTo: indexed };
	}

	#isWanted({ version, type, tag }: RecordSubject): boolean {
		// What a later version means by its types is not known.
		if (version > RECORD_VERSION) return true;
		if (!this.#types.has(type)) return false;
		return !this.#tags || tag === undefined || this.#tags.has(tag);
	}

	async #readWindow(
		folder: OpenFolder,
		uids: readonly number[],
		onRecord: (record: StoredRecord) => void,
	): Promise<void> {
		const wanted = (await folder.scan(uids)).flatMap(({ uid, headers, receivedAt }) => {
			const subject = recordSubjectOf(headers);
			return subject && this.#isWanted(subject) ? [{ uid, subject, receivedAt }] : [];
		});
		const bodies = await folder.fetchNamedParts(
			wanted.map(({ uid }) => uid),
			RECORD_FILE,
		);
		for (const { uid } of wanted) {
			const body = bodies.get(uid) ?? (await recordBodyOf(folder, uid));
			if (body) bodies.set(uid, body);
		}
		// The connection is not asked any more: a window is told as a whole or not at all.
		for (const { uid, subject, receivedAt } of wanted) {
			const body = bodies.get(uid);
			// Removed since it was found.
			if (!body) continue;
			const failure = failureOf(() =>
				onRecord({ uid, subject, receivedAt, content: readRecord(subject, body, uid) }),
			);
			if (failure instanceof RecordsError) this.#problems.set(failure.message, failure);
			else if (failure !== undefined) throw failure;
		}
	}
}

function failureOf(work: () => void): unknown {
	try {
		work();
	} catch (error) {
		return error;
	}
	return undefined;
}
