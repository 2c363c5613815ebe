import { unless } from '../mail/errors';
import type { ImapSession, OpenFolder, ScannedMessage } from '../mail/types';
import { readPecHeaders } from '../pec/message';
import { pecKeyOf } from '../pec/pecKey';
import { spaceMessageOf } from '../pec/spaceMessage';
import type { SpaceMessage } from '../pec/spaceReportTypes';
import type { PecHeaders } from '../pec/types';
import { DATICERT } from './evidence';
import { headerWindows } from './headerWindows';
import { oneAhead } from './oneAhead';
import { readAround } from './readAround';

export interface SpaceScanOptions {
	readonly account: string;
	/** Paths; those that nobody may look into are passed over. */
	readonly folders: readonly string[];
	/**
	 * Certification data says whom a receipt is about, so whether a sending is complete. Without it a scan asks a third
	 * less.
	 */
	readonly certification: boolean;
	readonly signal?: AbortSignal;
	/** After each window. */
	progress?(messages: number): void;
}

export interface SpaceScan {
	readonly messages: readonly SpaceMessage[];
	/** Messages that the server lists and does not give. */
	readonly unlisted: number;
	/** Folders that could not be opened. */
	readonly closed: readonly string[];
}

/** What `imapSession` makes of an INTERNALDATE that is none. */
const UNDATED_MS = 8.64e15;

/**
 * Reads of every message what a report of the space needs: header, size, date; never a body. A window of headers at a
 * time, so that memory holds what is kept of each message alone.
 * @throws MailError
 */
export async function scanSpace(imap: ImapSession, options: SpaceScanOptions): Promise<SpaceScan> {
	const messages: SpaceMessage[] = [];
	const closed: string[] = [];
	let unlisted = 0;
	const scanPath = async (path: string) =>
		await scanFolder(await imap.open(path, { readOnly: true }), options, messages);
	for (const path of options.folders) {
		const scanned = await unless('folderMissing', orClosed(scanPath(path)));
		// A folder that somebody removed meanwhile is no trouble.
		if (scanned === 'closed') closed.push(path);
		else unlisted += scanned ?? 0;
	}
	return { messages, unlisted, closed };
}

async function orClosed(scanned: Promise<number>): Promise<number | 'closed'> {
	return (await unless('refused', scanned)) ?? 'closed';
}

async function scanFolder(
	folder: OpenFolder,
	options: SpaceScanOptions,
	messages: SpaceMessage[],
): Promise<number> {
	const uids = folder.messages === 0 ? [] : await folder.search({});
	const missing: number[] = [];
	const windows = headerWindows(async () => folder, uids);
	const reads = oneAhead(
		windows,
		async (window) =>
			await readAround(window, async (uids) => await readWindow(folder, uids, options)),
	);
	for await (const { value: window, result: read } of reads) {
		options.signal?.throwIfAborted();
		for (const row of read) messages.push(spaceMessageIn(row, folder, options.account));
		if (read.length < window.length) {
			const present = new Set(read.map(({ message: { uid } }) => uid));
			missing.push(...window.filter((uid) => !present.has(uid)));
		}
		options.progress?.(messages.length);
	}
	if (missing.length === 0) return 0;
	// What went away meanwhile is no trouble.
	const left = new Set(await folder.search({}));
	return missing.filter((uid) => left.has(uid)).length;
}

/** What the server gave of a message; what it says is read while the server gives the next ones. */
interface ScanRow {
	readonly message: ScannedMessage;
	/** Where they had to be read for the asking. */
	readonly headers?: PecHeaders;
	readonly daticert?: Buffer;
}

async function readWindow(
	folder: OpenFolder,
	window: readonly number[],
	{ certification }: SpaceScanOptions,
): Promise<ScanRow[]> {
	const scanned = await folder.scan(window);
	if (!certification) return scanned.map((message) => ({ message }));
	const read = scanned.map((message) => ({ message, headers: readPecHeaders(message.headers) }));
	const receipts = read.filter(({ headers }) => headers.kind === 'receipt');
	const daticerts = await folder.fetchNamedParts(
		receipts.map(({ message }) => message.uid),
		DATICERT,
	);
	return read.map(({ message, headers }) => {
		const daticert = daticerts.get(message.uid);
		return daticert ? { message, daticert } : { message, headers };
	});
}

function spaceMessageIn(
	{ message, headers, daticert }: ScanRow,
	folder: OpenFolder,
	account: string,
): SpaceMessage {
	const { uid, size, flags, receivedAt } = message;
	const undated = receivedAt.getTime() >= UNDATED_MS;
	return spaceMessageOf(
		{
			pecKey: pecKeyOf(message.headers, size),
			folder: folder.path,
			uid,
			uidValidity: folder.uidValidity,
			size,
			receivedAt: undated ? '' : receivedAt.toISOString(),
			flags,
		},
		headers ?? readPecHeaders(message.headers, daticert),
		account,
	);
}
