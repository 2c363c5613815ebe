import type { FetchedMessage, ImapSession, OpenFolder, ScannedMessage } from '../mail/types';
import { cancelled } from '../mail/connectionError';
import { unless } from '../mail/errors';
import { addTo } from '../pec/groups';
import { classifyPecMessage, readPecHeaders } from '../pec/message';
import { pecKeyOf, sizeOfPecKey } from '../pec/pecKey';
import type { PecHeaders } from '../pec/types';
import { DATICERT } from './evidence';
import { placeOf, scanForMessage, type MailboxPlace } from './mailbox';

/** From this size on a message is read in pieces: below it one fetch of several is three times as fast. */
export const LARGE_BYTES = 4 * 1024 * 1024;

/** Of small messages so much is in memory at once. */
const WINDOW_BYTES = 8 * 1024 * 1024;
const WINDOW_MESSAGES = 200;

export interface WantedMessage {
	readonly pecKey: string;
	/** Where it was last seen: looked at first, and believed only for what lies there. */
	readonly hint?: {
		readonly folder: string;
		readonly uid?: number;
		readonly uidValidity?: string;
	};
}

export interface WholeMessage {
	readonly place: MailboxPlace;
	/** By header and certification data; its signature is not checked. */
	readonly headers: PecHeaders;
	/** Pieces must be read to their end before the next message is asked for. */
	readonly content: Buffer | AsyncIterable<Buffer>;
}

interface Context {
	readonly imap: ImapSession;
	readonly account: string;
}

/**
 * Messages as the server has them, in the order given, each with the place in which it was found; `undefined` for one
 * that is in the mailbox no more. Small ones are fetched together, a few folders at a time; memory does not grow with them.
 * @throws MailError; `cancelled` when the signal aborts
 */
export async function* wholeMessages<W extends WantedMessage>(
	wanted: readonly W[],
	context: Context,
	signal?: AbortSignal,
): AsyncGenerator<{ readonly wanted: W; readonly message: WholeMessage | undefined }, void> {
	for (const window of windowsOf(wanted)) {
		if (signal?.aborted) throw cancelled();
		const [only, ...others] = window;
		if (only && others.length === 0 && sizeOfPecKey(only.pecKey) >= LARGE_BYTES) {
			yield { wanted: only, message: await large(only, context) };
			continue;
		}
		const found = await smallMessages(window, context);
		for (const each of window) {
			yield { wanted: each, message: found.get(each.pecKey) ?? (await moved(each, context)) };
			// What was given out need not be kept until its window ends.
			found.delete(each.pecKey);
		}
	}
}

function* windowsOf<W extends WantedMessage>(wanted: readonly W[]): Generator<W[]> {
	let window: W[] = [];
	let bytes = 0;
	for (const each of wanted) {
		const size = sizeOfPecKey(each.pecKey);
		const isFull = window.length >= WINDOW_MESSAGES || bytes + size > WINDOW_BYTES;
		if (window.length > 0 && (isFull || size >= LARGE_BYTES)) {
			yield window;
			window = [];
			bytes = 0;
		}
		window.push(each);
		bytes += size;
		if (size >= LARGE_BYTES) {
			yield window;
			window = [];
			bytes = 0;
		}
	}
	if (window.length > 0) yield window;
}

/** By pecKey, those that lie where they were last seen. */
async function smallMessages(
	window: readonly WantedMessage[],
	{ imap, account }: Context,
): Promise<Map<string, WholeMessage>> {
	const byFolder = new Map<string, Array<{ uid: number; wanted: WantedMessage }>>();
	for (const wanted of window) {
		const { hint } = wanted;
		if (hint?.uid !== undefined) addTo(byFolder, hint.folder, { uid: hint.uid, wanted });
	}
	const found = new Map<string, WholeMessage>();
	for (const [path, group] of byFolder) {
		const folder = await openIfThere(imap, path);
		if (!folder) continue;
		const current = group.filter(({ wanted }) => isCurrent(wanted, folder));
		const keys = new Map(current.map(({ uid, wanted }) => [uid, wanted.pecKey]));
		for (const message of await folder.fetchMany([...keys.keys()])) {
			const pecKey = pecKeyOf(message.headers, message.size);
			if (keys.get(message.uid) !== pecKey) continue;
			found.set(pecKey, wholeOf(message, folder, account));
		}
	}
	return found;
}

function referenceOf({ pecKey, hint }: WantedMessage): { pecKey: string; folder?: string } {
	return { pecKey, ...(hint ? { folder: hint.folder } : {}) };
}

/** Not where it was last seen, or nobody knew where. */
async function moved(
	wanted: WantedMessage,
	{ imap, account }: Context,
): Promise<WholeMessage | undefined> {
	const found = await scanForMessage(imap, referenceOf(wanted));
	const message = await found?.folder.fetch(found.message.uid);
	return found && message && wholeOf(message, found.folder, account);
}

function wholeOf(message: FetchedMessage, folder: OpenFolder, account: string): WholeMessage {
	const place = placeOf(message, folder, account);
	return { place, headers: classifyPecMessage(message.raw), content: message.raw };
}

async function large(wanted: WantedMessage, context: Context): Promise<WholeMessage | undefined> {
	const found =
		(await scanHinted(wanted, context)) ??
		(await scanForMessage(context.imap, referenceOf(wanted)));
	if (!found) return undefined;
	const { message, folder } = found;
	const daticerts = await folder.fetchNamedParts([message.uid], DATICERT);
	return {
		place: placeOf(message, folder, context.account),
		headers: readPecHeaders(message.headers, daticerts.get(message.uid)),
		content: folder.fetchPieces(message),
	};
}

async function scanHinted(
	wanted: WantedMessage,
	{ imap }: Context,
): Promise<{ message: ScannedMessage; folder: OpenFolder } | undefined> {
	const { hint, pecKey } = wanted;
	if (hint?.uid === undefined) return undefined;
	const folder = await openIfThere(imap, hint.folder);
	if (!folder || !isCurrent(wanted, folder)) return undefined;
	const [message] = await folder.scan([hint.uid]);
	if (!message || pecKeyOf(message.headers, message.size) !== pecKey) return undefined;
	return { message, folder };
}

function isCurrent({ hint }: WantedMessage, folder: OpenFolder): boolean {
	return hint?.uidValidity === undefined || hint.uidValidity === folder.uidValidity;
}

async function openIfThere(imap: ImapSession, path: string): Promise<OpenFolder | undefined> {
	return await unless('folderMissing', imap.open(path, { readOnly: true }));
}
