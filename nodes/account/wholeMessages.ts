import type { FetchedMessage, ImapSession, OpenFolder, ScannedMessage } from '../mail/types';
import { cancelled } from '../mail/connectionError';
import { unless } from '../mail/errors';
import { NotGiven } from '../mail/notGiven';
import { otherSize } from '../mail/otherSize';
import { classifyPecMessage, readPecHeaders } from '../pec/message';
import { pecKeyOf, sizeOfPecKey } from '../pec/pecKey';
import type { PecHeaders } from '../pec/types';
import { DATICERT } from './evidence';
import { hintedFolders, type WantedMessage } from './hintedFolders';
import { keptOpen } from './keptOpen';
import { placeOf, scanForMessage, type MailboxPlace } from './mailbox';
import { oneAhead } from './oneAhead';
import { readAround } from './readAround';
import { sizeWindows } from './sizeWindows';

/** From this size on a message is read in pieces: below it one fetch of several is three times as fast. */
export const LARGE_BYTES = 4 * 1024 * 1024;

/** Of small messages so much is in memory at once. */
const WINDOW_BYTES = 4 * 1024 * 1024;
const WINDOW_MESSAGES = 200;

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

interface Mailbox {
	readonly imap: ImapSession;
	readonly account: string;
}

interface Context extends Mailbox {
	readonly open: (path: string) => Promise<OpenFolder>;
}

export interface ReadMessage<W extends WantedMessage> {
	readonly wanted: W;
	/** `undefined` of one that is in the mailbox no more, or that is not given. */
	readonly message: WholeMessage | undefined;
	/** Of one that the server has, and does not give. */
	readonly refusal?: NotGiven;
}

/** A server that refuses more than so many is out of order: it is no message's fault. */
export const MOST_REFUSED = 10;

class RefusedInARow {
	#count = 0;

	given(): void {
		this.#count = 0;
	}

	/** @throws NotGiven when there are too many */
	note(read: unknown): void {
		if (!(read instanceof NotGiven)) return this.given();
		this.#count += 1;
		if (this.#count > MOST_REFUSED) throw read;
	}
}

/**
 * Messages as the server has them, in the order given, each with the place in which it was found. Small ones are fetched
 * together, a few folders at a time, the next ones while these are used; memory does not grow with them. One that the server
 * does not give hides no other. Until it has ended the session is its own.
 * @throws MailError, also where the server gives none of many in a row; `cancelled` when the signal aborts
 */
export async function* wholeMessages<W extends WantedMessage>(
	wanted: readonly W[],
	mailbox: Mailbox,
	signal?: AbortSignal,
): AsyncGenerator<ReadMessage<W>, void> {
	const context = { ...mailbox, open: keptOpen(mailbox.imap) };
	const inARow = new RefusedInARow();
	for (const { small, large: one } of runsOf(wanted)) {
		const limits = { bytes: WINDOW_BYTES, values: WINDOW_MESSAGES };
		const windows = sizeWindows(small, ({ pecKey }) => sizeOfPecKey(pecKey), limits);
		// Whatever is done with messages, the connection need not wait for it.
		const read = oneAhead(windows, async (window) => {
			if (signal?.aborted) throw cancelled();
			return await smallMessages(window, context, inARow);
		});
		for await (const { value: window, result: found } of read) {
			for (const each of window) {
				if (signal?.aborted) throw cancelled();
				const placed = found.get(each.pecKey);
				const isThere = placed && !(placed instanceof NotGiven);
				yield readOf(each, isThere ? wholeOf(placed, context.account) : placed);
			}
		}
		if (signal?.aborted) throw cancelled();
		if (!one) continue;
		const message = await large(one, context).catch(refusalOf);
		inARow.note(message);
		yield readOf(one, message);
	}
}

function readOf<W extends WantedMessage>(
	wanted: W,
	read: WholeMessage | NotGiven | undefined,
): ReadMessage<W> {
	if (read instanceof NotGiven) return { wanted, message: undefined, refusal: read };
	return { wanted, message: read };
}

/** Any other failure stays one. */
function refusalOf(error: unknown): NotGiven {
	if (error instanceof NotGiven) return error;
	throw error;
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
	inARow: RefusedInARow,
): Promise<Map<string, Fetched | NotGiven>> {
	const found = new Map<string, Fetched | NotGiven>();
	for await (const { folder, pecKeys } of hintedFolders(context.open, window)) {
		for (const message of await readAround([...pecKeys.keys()], folder.fetchMany)) {
			const pecKey = pecKeyOf(message.headers, message.size);
			if (pecKeys.get(message.uid) === pecKey) found.set(pecKey, { message, folder });
		}
	}
	if (found.size > 0) inARow.given();
	for (const wanted of window) {
		if (found.has(wanted.pecKey)) continue;
		const message = await moved(wanted, context).catch(refusalOf);
		if (!message) continue;
		found.set(wanted.pecKey, message);
		inARow.note(message);
	}
	return found;
}

function referenceOf({ pecKey, hint }: WantedMessage): { pecKey: string; folder?: string } {
	return { pecKey, ...(hint ? { folder: hint.folder } : {}) };
}

/** Not where it was last seen, or nobody knew where. */
async function moved(wanted: WantedMessage, { imap }: Context): Promise<Fetched | undefined> {
	const found = await scanForMessage(imap, referenceOf(wanted));
	if (!found) return undefined;
	const { folder } = found;
	const message = await folder.fetch(found.message.uid);
	return message && { message, folder };
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
		(await unless('refused', scanHinted(wanted, context))) ??
		(await scanForMessage(context.imap, referenceOf(wanted)));
	if (!found) return undefined;
	const { message, folder } = found;
	const daticerts = await unless('refused', folder.fetchNamedParts([message.uid], DATICERT));
	return {
		place: placeOf(message, folder, context.account),
		headers: readPecHeaders(message.headers, daticerts?.get(message.uid)),
		content: folder.fetchPieces(message),
	};
}

async function scanHinted(
	wanted: WantedMessage,
	{ open }: Context,
): Promise<{ message: ScannedMessage; folder: OpenFolder } | undefined> {
	for await (const { folder, pecKeys } of hintedFolders(open, [wanted])) {
		const [message] = await folder.scan([...pecKeys.keys()]);
		if (message && pecKeyOf(message.headers, message.size) === wanted.pecKey) {
			return { message, folder };
		}
	}
	return undefined;
}
