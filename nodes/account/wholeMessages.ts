import type { FetchedMessage, ImapSession, OpenFolder, ScannedMessage } from '../mail/types';
import { cancelled } from '../mail/connectionError';
import { unless } from '../mail/errors';
import { otherSize } from '../mail/otherSize';
import { addTo } from '../pec/groups';
import { classifyPecMessage, readPecHeaders } from '../pec/message';
import { pecKeyOf, sizeOfPecKey } from '../pec/pecKey';
import type { PecHeaders } from '../pec/types';
import { DATICERT } from './evidence';
import { placeOf, scanForMessage, type MailboxPlace } from './mailbox';
import { oneAhead } from './oneAhead';
import { sizeWindows } from './sizeWindows';

/** From this size on a message is read in pieces: below it one fetch of several is three times as fast. */
export const LARGE_BYTES = 4 * 1024 * 1024;

/** Of small messages so much is in memory at once. */
const WINDOW_BYTES = 4 * 1024 * 1024;
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
	/**
	 * Pieces must be read to their end before the next message is asked for. They throw MailError where the server does not
	 * give as many bytes as it says that the message has.
	 */
	readonly content: Buffer | AsyncIterable<Buffer>;
}

interface Context {
	readonly imap: ImapSession;
	readonly account: string;
}

/**
 * Messages as the server has them, in the order given, each with the place in which it was found; `undefined` for one
 * that is in the mailbox no more. Small ones are fetched together, a few folders at a time, the next ones while these are used;
 * memory does not grow with them. Until it has ended the session is its own.
 * @throws MailError; `cancelled` when the signal aborts
 */
export async function* wholeMessages<W extends WantedMessage>(
	wanted: readonly W[],
	context: Context,
	signal?: AbortSignal,
): AsyncGenerator<{ readonly wanted: W; readonly message: WholeMessage | undefined }, void> {
	for (const { small, large: one } of runsOf(wanted)) {
		const limits = { bytes: WINDOW_BYTES, values: WINDOW_MESSAGES };
		const windows = sizeWindows(small, ({ pecKey }) => sizeOfPecKey(pecKey), limits);
		// Whatever is done with messages, the connection need not wait for it.
		const read = oneAhead(windows, async (window) => {
			if (signal?.aborted) throw cancelled();
			return await smallMessages(window, context);
		});
		for await (const { value: window, result: found } of read) {
			for (const each of window) {
				if (signal?.aborted) throw cancelled();
				const placed = found.get(each.pecKey);
				yield { wanted: each, message: placed && wholeOf(placed, context.account) };
			}
		}
		if (signal?.aborted) throw cancelled();
		if (one) yield { wanted: one, message: await large(one, context) };
	}
}

/** Small ones that follow each other, and the large one behind them: while its pieces are read, nothing else can be. */
function* runsOf<W extends WantedMessage>(
	wanted: readonly W[],
): Generator<{ readonly small: W[]; readonly large?: W }> {
	let small: W[] = [];
	for (const each of wanted) {
		if (sizeOfPecKey(each.pecKey) < LARGE_BYTES) {
			small.push(each);
			continue;
		}
		yield { small, large: each };
		small = [];
	}
	yield { small };
}

/** As fetched; what it is, is read when it is used, while the server gives the next ones. */
interface Fetched {
	readonly message: FetchedMessage;
	readonly folder: OpenFolder;
}

/** By pecKey. First those that lie where they were last seen. */
async function smallMessages(
	window: readonly WantedMessage[],
	context: Context,
): Promise<Map<string, Fetched>> {
	const { imap } = context;
	const byFolder = new Map<string, Array<{ uid: number; wanted: WantedMessage }>>();
	for (const wanted of window) {
		const { hint } = wanted;
		if (hint?.uid !== undefined) addTo(byFolder, hint.folder, { uid: hint.uid, wanted });
	}
	const found = new Map<string, Fetched>();
	for (const [path, group] of byFolder) {
		const folder = await openIfThere(imap, path);
		if (!folder) continue;
		const current = group.filter(({ wanted }) => isCurrent(wanted, folder));
		const keys = new Map(current.map(({ uid, wanted }) => [uid, wanted.pecKey]));
		for (const message of await folder.fetchMany([...keys.keys()])) {
			const pecKey = pecKeyOf(message.headers, message.size);
			if (keys.get(message.uid) !== pecKey) continue;
			found.set(pecKey, { message, folder });
		}
	}
	for (const wanted of window) {
		if (found.has(wanted.pecKey)) continue;
		const message = await moved(wanted, context);
		if (message) found.set(wanted.pecKey, message);
	}
	return found;
}

function referenceOf({ pecKey, hint }: WantedMessage): { pecKey: string; folder?: string } {
	return { pecKey, ...(hint ? { folder: hint.folder } : {}) };
}

/** Not where it was last seen, or nobody knew where. */
async function moved(wanted: WantedMessage, { imap }: Context): Promise<Fetched | undefined> {
	const found = await scanForMessage(imap, referenceOf(wanted));
	const message = await found?.folder.fetch(found.message.uid);
	return found && message && { message, folder: found.folder };
}

function wholeOf({ message, folder }: Fetched, account: string): WholeMessage {
	const place = placeOf(message, folder, account);
	const { raw, size } = message;
	const content = raw.length === size ? raw : notWhole(place, raw.length);
	return { place, headers: classifyPecMessage(raw), content };
}

/** In the place of bytes that are not all of a message: its pecKey cannot tell, and the others are read all the same. */
function notWhole(place: MailboxPlace, bytes: number): AsyncIterable<Buffer> {
	const next = async () => await Promise.reject(otherSize(place, bytes));
	return { [Symbol.asyncIterator]: () => ({ next }) };
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
