import type { FetchMessageObject, FetchQueryObject, MessageStructureObject } from 'imapflow';
import type {
	ArrivedMessage,
	Deletion,
	FetchedMessage,
	FolderState,
	OpenFolder,
	ScannedMessage,
	SearchCriteria,
} from './types';
import type { ImapClient } from './imapClient';
import type { SessionContext } from './imapSession';
import { changeFlags } from './folderFlags';
import { waitForNews, type News } from './folderNews';
import { folderChanged, notSupported, refusalIn, refused } from './imapError';
import { leftMeanwhile } from './leftMeanwhile';
import { messagePieces } from './messagePieces';
import { NotGiven } from './notGiven';
import { otherSize } from './otherSize';
import { findNamedPart, MAX_NAMED_PART_BYTES, type NamedPart } from './namedPart';
import { searchObjectOf } from './searchObject';
import type { SilenceWatch } from './silence';
import { decodePart } from './transferEncoding';
import { setNames, uidWindows } from './uidWindows';

/** A folder as it was when it was selected. */
export interface Selection {
	readonly path: string;
	readonly uidValidity: string;
	readonly uidNext: number;
	readonly messages: number;
	readonly readOnly: boolean;
}

export interface FolderContext extends SessionContext {
	readonly capabilities: ReadonlySet<string>;
	readonly news: News;
	readonly expectSilence: SilenceWatch['expectSilence'];
	/** False once the session selected another folder. */
	isSelected(): boolean;
	ask<T>(folder: string, work: () => Promise<T>): Promise<T>;
}

/** An INTERNALDATE that is no date is a server's fault: the message must not read as old, and so as deletable. */
const UNDATED = new Date(8.64e15);

const LISTED = { uid: true, flags: true, size: true, internalDate: true } as const;
/** What a ScannedMessage is made of. */
const SCANNED = { ...LISTED, headers: true } as const;

/** Headers of 500 messages are some 5 MB. */
const SCAN_WINDOW = 500;
const STRUCTURE_WINDOW = 200;
const PART_WINDOW = 100;
const REMOVE_WINDOW = 200;
/** So many messages that arrived are read at once, and of each so much: most PEC without attachments are smaller. */
const ARRIVALS = 4;
const ARRIVAL_BYTES = 64 * 1024;

/** The methods of a selected folder. Each holds the mailbox lock while it works, and none is called inside a fetch. */
export function openFolderOn(
	client: ImapClient,
	selection: Selection,
	context: FolderContext,
): OpenFolder {
	const { path, uidValidity, readOnly } = selection;
	const { server, timeoutMs } = context;

	async function inFolder<T>(work: () => Promise<T>): Promise<T> {
		return await context.ask(path, async () => {
			if (!context.isSelected()) throw folderChanged(path);
			const lock = await client.getMailboxLock(path, { readOnly, acquireTimeout: timeoutMs });
			try {
				const mailbox = client.mailbox;
				if (!context.isSelected() || !mailbox || String(mailbox.uidValidity) !== uidValidity) {
					throw folderChanged(path);
				}
				return await work();
			} finally {
				lock.release();
			}
		});
	}

	async function searchUids(query: Parameters<ImapClient['search']>[0]): Promise<number[]> {
		const uids = await client.search(query, { uid: true });
		// `false` is a NO or BAD of the server, not an empty result.
		if (!Array.isArray(uids)) throw refused(server);
		return uids;
	}

	async function search(criteria: SearchCriteria): Promise<number[]> {
		return await inFolder(async () => {
			const uids = await searchUids(searchObjectOf(criteria));
			const { uid: set } = criteria;
			return set === undefined ? uids : uids.filter((uid) => setNames(set, uid));
		});
	}

	async function scan(uids: readonly number[]): Promise<ScannedMessage[]> {
		return await fetchRows(uids, SCANNED, scannedMessage);
	}

	async function fetchMany(uids: readonly number[]): Promise<FetchedMessage[]> {
		return await fetchRows(uids, { ...LISTED, source: true }, (row) => {
			const { source } = row;
			if (!source) return undefined;
			const message = scannedMessage({ ...row, headers: headersOf(source) });
			return message && { ...message, raw: source };
		});
	}

	async function fetchRows<T extends { readonly uid: number }>(
		uids: readonly number[],
		query: FetchQueryObject,
		read: (row: FetchMessageObject) => T | undefined,
	): Promise<T[]> {
		const found: T[] = [];
		for (const window of uidWindows(uids, SCAN_WINDOW)) {
			const asked = new Set(window.uids);
			const rows = await inFolder(async () => client.fetchAll(window.set, query, { uid: true }));
			// A server may answer in several rows, and also unasked (a flag changed meanwhile).
			const merged = new Map<number, FetchMessageObject>();
			for (const row of rows) {
				if (!asked.has(row.uid)) continue;
				const before = merged.get(row.uid);
				merged.set(row.uid, before ? { ...before, ...row } : row);
			}
			const complete = [...merged.values()].map(read).filter((row) => row !== undefined);
			found.push(...complete.sort((a, b) => a.uid - b.uid));
		}
		return found;
	}

	async function arrivals(after: number): Promise<ArrivedMessage[] | undefined> {
		const { arrived } = context.news;
		if (arrived === 0 || arrived > ARRIVALS) return undefined;
		const uids = Array.from({ length: arrived }, (_, index) => after + 1 + index);
		const source = { start: 0, maxLength: ARRIVAL_BYTES };
		const found = await fetchRows(uids, { ...LISTED, source }, arrivedMessage);
		return found.length === arrived ? found : undefined;
	}

	async function sizes(uids: readonly number[]): Promise<Map<number, number>> {
		const found = new Map<number, number>();
		for (const { set } of uidWindows(uids, SCAN_WINDOW)) {
			const asked = { uid: true, size: true } as const;
			const rows = await inFolder(async () => client.fetchAll(set, asked, { uid: true }));
			for (const { uid, size } of rows) if (size !== undefined) found.set(uid, size);
		}
		return found;
	}

	/**
	 * One message, as far as it is asked for; `undefined` when it is gone.
	 * @param read `undefined` when the row lacks something
	 * @throws NotGiven where the server lists it: that must not pass for a message that is gone
	 */
	async function fetchGiven<T>(
		uid: number,
		query: FetchQueryObject,
		read: (row: FetchMessageObject) => T | undefined,
	): Promise<T | undefined> {
		return await inFolder(async () => {
			let refusal: unknown;
			const row = await client
				.fetchOne(String(uid), query, { uid: true })
				.catch((error: unknown) => {
					refusal = refusalIn(error);
					if (!refusal) throw error;
					return false as const;
				});
			const found = row ? read(row) : undefined;
			if (found !== undefined) return found;
			if (!(await searchUids({ uid: String(uid) })).includes(uid)) return undefined;
			throw new NotGiven({ folder: path, uid }, refusal);
		});
	}

	async function fetch(uid: number): Promise<FetchedMessage | undefined> {
		return await fetchGiven(uid, { ...SCANNED, source: true }, (row) => {
			const message = scannedMessage(row);
			return row.source && message ? { ...message, raw: row.source } : undefined;
		});
	}

	function fetchPieces({ uid, size }: Pick<ScannedMessage, 'uid' | 'size'>) {
		const fetchPiece = async (start: number, maxLength: number): Promise<Buffer> => {
			const query = { uid: true, source: { start, maxLength } };
			const piece = await fetchGiven(uid, query, ({ source }) => source);
			if (!piece) throw leftMeanwhile(`Message ${uid} left "${path}" while it was read`);
			return piece;
		};
		return messagePieces(size, fetchPiece, (bytes) =>
			otherSize({ folder: path, uid, size }, bytes),
		);
	}

	async function fetchNamedParts(
		uids: readonly number[],
		fileName: string,
	): Promise<Map<number, Buffer>> {
		const byPart = new Map<string, Array<{ uid: number; part: NamedPart }>>();
		for (const window of uidWindows(uids, STRUCTURE_WINDOW)) {
			const rows = await inFolder(async () =>
				client.fetchAll(window.set, { uid: true, bodyStructure: true }, { uid: true }),
			);
			for (const { uid, bodyStructure } of rows) {
				const part = bodyStructure && namedPartWithin(bodyStructure, fileName);
				if (!part) continue;
				const places = byPart.get(part.number) ?? [];
				places.push({ uid, part });
				byPart.set(part.number, places);
			}
		}
		const parts = new Map<number, Buffer>();
		for (const [number, places] of byPart) {
			const encodings = new Map(places.map(({ uid, part }) => [uid, part.encoding]));
			for (const window of uidWindows([...encodings.keys()], PART_WINDOW)) {
				const rows = await inFolder(async () =>
					client.fetchAll(window.set, { uid: true, bodyParts: [number] }, { uid: true }),
				);
				for (const { uid, bodyParts } of rows) {
					const encoded = bodyParts?.get(number.toLowerCase());
					if (encoded && encodings.has(uid)) {
						parts.set(uid, decodePart(encoded, encodings.get(uid)));
					}
				}
			}
		}
		return parts;
	}

	async function remove(uids: readonly number[]): Promise<Deletion> {
		if (!context.capabilities.has('UIDPLUS')) {
			throw notSupported(server, 'the deletion of single messages (UIDPLUS)');
		}
		const deleted: number[] = [];
		const remaining: number[] = [];
		for (const { uids: asked, set } of uidWindows(uids, REMOVE_WINDOW)) {
			await inFolder(async () => {
				const present = (await searchUids({ uid: set })).filter((uid) => asked.includes(uid));
				if (present.length === 0) return;
				// STORE \Deleted and UID EXPUNGE of these UIDs. Its answer tells little: what counts is looked at below.
				await client.messageDelete(set, { uid: true });
				const left = new Set(await searchUids({ uid: set }));
				deleted.push(...present.filter((uid) => !left.has(uid)));
				remaining.push(...present.filter((uid) => left.has(uid)));
			});
		}
		return { deleted, remaining };
	}

	async function refresh(): Promise<FolderState> {
		return await inFolder(async () => {
			// Dovecot answers STATUS of the selected folder with what this session has seen; NOOP lets it see the rest.
			await client.noop();
			const status = await client.status(path, {
				messages: true,
				uidNext: true,
				uidValidity: true,
			});
			// Other servers' STATUS knows more than this session was told: then SEARCH would not see what UIDNEXT counts.
			await client.noop();
			if (!status || status.uidNext === undefined || status.messages === undefined) {
				throw refused(server);
			}
			if (String(status.uidValidity) !== uidValidity) throw folderChanged(path);
			return { uidNext: status.uidNext, messages: status.messages, uidValidity };
		});
	}

	return {
		path,
		uidValidity,
		uidNext: selection.uidNext,
		messages: selection.messages,
		isSelected: () => context.isSelected(),
		search,
		scan,
		arrivals,
		sizes,
		fetch,
		fetchMany,
		fetchPieces,
		fetchNamedParts,
		remove,
		addFlags: async (uids, flags) =>
			await changeFlags(client, selection, { server, inFolder }, { uids, flags, to: 'set' }),
		removeFlags: async (uids, flags) =>
			await changeFlags(client, selection, { server, inFolder }, { uids, flags, to: 'cleared' }),
		copyTo: async (uid, to) =>
			await inFolder(async () => {
				// `false` is a NO or BAD of the server, a missing folder among them.
				if (!(await client.messageCopy(String(uid), to, { uid: true }))) throw refused(server);
			}),
		moveTo: async (uid, to) =>
			await inFolder(async () => {
				// imapflow would copy and delete by itself, without a look between the two.
				if (!context.capabilities.has('MOVE')) throw notSupported(server, 'moving (MOVE)');
				if (!(await client.messageMove(String(uid), to, { uid: true }))) throw refused(server);
			}),
		refresh,
		wake: () => context.news.note(0),
		waitForNews: async (options) =>
			await context.ask(path, async () => await waitForNews(client, path, context, options)),
	};
}

/** BODY[HEADER] of a whole message: a view of it up to and with its first empty line. */
function headersOf(raw: Buffer): Buffer {
	if (raw.indexOf('\r\n') === 0) return raw.subarray(0, 2);
	const end = raw.indexOf('\r\n\r\n');
	return end === -1 ? raw : raw.subarray(0, end + 4);
}

function scannedMessage(row: FetchMessageObject): ScannedMessage | undefined {
	if (row.size === undefined || !row.headers) return undefined;
	const receivedAt = new Date(row.internalDate ?? NaN);
	return {
		uid: row.uid,
		size: row.size,
		flags: [...(row.flags ?? [])],
		receivedAt: Number.isNaN(receivedAt.getTime()) ? UNDATED : receivedAt,
		headers: row.headers,
	};
}

/** Of the beginning of a message; `undefined` when its header does not end there. */
function arrivedMessage({ source, ...row }: FetchMessageObject): ArrivedMessage | undefined {
	if (!source) return undefined;
	const isWhole = source.length === row.size;
	const headers = headersOf(source);
	if (!isWhole && headers.length === source.length) return undefined;
	const message = scannedMessage({ ...row, headers });
	return message && isWhole ? { ...message, raw: source } : message;
}

function namedPartWithin(
	structure: MessageStructureObject,
	fileName: string,
): NamedPart | undefined {
	const part = findNamedPart(structure, fileName);
	return part && part.size <= MAX_NAMED_PART_BYTES ? part : undefined;
}
