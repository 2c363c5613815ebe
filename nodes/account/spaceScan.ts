import { unless } from '../mail/errors';
import type { ImapSession, OpenFolder } from '../mail/types';
import { readPecHeaders } from '../pec/message';
import { pecKeyOf } from '../pec/pecKey';
import { spaceMessageOf } from '../pec/spaceMessage';
import type { SpaceMessage } from '../pec/spaceReportTypes';
import { DATICERT } from './evidence';
import { headerWindows } from './headerWindows';
import { placeOf } from './mailbox';
import { oneAhead } from './oneAhead';

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
	const reads = oneAhead(windows, async (window) => await readAround(folder, window, options));
	for await (const { value: window, result: read } of reads) {
		options.signal?.throwIfAborted();
		messages.push(...read);
		if (read.length < window.length) {
			const present = new Set(read.map(({ uid }) => uid));
			missing.push(...window.filter((uid) => !present.has(uid)));
		}
		options.progress?.(messages.length);
	}
	if (missing.length === 0) return 0;
	// What went away meanwhile is no trouble.
	const left = new Set(await folder.search({}));
	return missing.filter((uid) => left.has(uid)).length;
}

/** A window without the messages that the server refuses to give: one of them must not hide the others. */
async function readAround(
	folder: OpenFolder,
	window: readonly number[],
	options: SpaceScanOptions,
): Promise<SpaceMessage[]> {
	const read = await unless('refused', readWindow(folder, window, options));
	if (read !== undefined) return read;
	if (window.length === 1) return [];
	const middle = Math.ceil(window.length / 2);
	return [
		...(await readAround(folder, window.slice(0, middle), options)),
		...(await readAround(folder, window.slice(middle), options)),
	];
}

async function readWindow(
	folder: OpenFolder,
	window: readonly number[],
	{ account, certification }: SpaceScanOptions,
): Promise<SpaceMessage[]> {
	const scanned = await folder.scan(window);
	const read = scanned.map((message) => ({ message, headers: readPecHeaders(message.headers) }));
	const receipts = read.filter(({ headers }) => certification && headers.kind === 'receipt');
	const daticerts = await folder.fetchNamedParts(
		receipts.map(({ message }) => message.uid),
		DATICERT,
	);
	return read.map(({ message, headers }) => {
		const daticert = daticerts.get(message.uid);
		const { account: _, ...place } = placeOf(message, folder, account);
		const undated = message.receivedAt.getTime() >= UNDATED_MS;
		return spaceMessageOf(
			{
				pecKey: pecKeyOf(message.headers, message.size),
				...place,
				...(undated ? { receivedAt: '' } : {}),
			},
			daticert ? readPecHeaders(message.headers, daticert) : headers,
			account,
		);
	});
}
