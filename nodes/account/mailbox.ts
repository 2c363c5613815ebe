import type {
	FetchedMessage,
	ImapSession,
	OpenFolder,
	ScannedMessage,
	SearchCriteria,
} from '../mail/types';
import { folderChanged } from '../mail/imapError';
import { NotGiven, type WithheldMessage } from '../mail/notGiven';
import { readPecHeaders } from '../pec/message';
import { pecKeyOf, sizeOfPecKey } from '../pec/pecKey';
import type { MessageKind, PecHeaders, ReceiptType } from '../pec/types';
import { DATICERT } from './evidence';
import { messageFolders } from './messageFolders';
import { messageMissing } from './messageMissing';
import { readGiven, type Given } from './readAround';

/** Where a message lies, as the JSON contract has it in `mailbox`. */
export interface MailboxPlace {
	readonly account: string;
	readonly folder: string;
	readonly uid: number;
	readonly uidValidity: string;
	/** Bytes. */
	readonly size: number;
	readonly flags: readonly string[];
	/** ISO 8601. */
	readonly receivedAt: string;
}

/** A message of which headers and certification data were read. */
export interface ListedMessage {
	readonly pecKey: string;
	readonly headers: PecHeaders;
	readonly mailbox: MailboxPlace;
}

export interface ListOptions {
	readonly account: string;
	readonly folders: readonly string[];
	readonly criteria: SearchCriteria;
	/** At most so many over all folders. */
	readonly limit: number;
	readonly kinds?: readonly MessageKind[];
	readonly receiptTypes?: readonly ReceiptType[];
}

/** By its number in a folder, or by content wherever it lies (in `folder` first, when given). */
export type MessageReference =
	| { readonly folder: string; readonly uid: number; readonly uidValidity?: string }
	| { readonly pecKey: string; readonly folder?: string };

/** Headers of 200 messages: a filter that keeps few of many reads on in pieces of this size. */
const LIST_WINDOW = 200;

/**
 * Lists messages, newest first by INTERNALDATE. A limit takes what came into each folder last (highest UIDs). Kind and
 * receipt type are told from headers, before certification data is read.
 * @throws MailError
 */
export async function listMessages(
	imap: ImapSession,
	options: ListOptions,
): Promise<ListedMessage[]> {
	const listed: ListedMessage[] = [];
	for (const path of options.folders) {
		const folder = await imap.open(path, { readOnly: true });
		listed.push(...(await listFolder(folder, options)));
	}
	listed.sort((a, b) => Date.parse(b.mailbox.receivedAt) - Date.parse(a.mailbox.receivedAt));
	return listed.slice(0, options.limit);
}

async function listFolder(folder: OpenFolder, options: ListOptions): Promise<ListedMessage[]> {
	const uids = await folder.search(options.criteria);
	const wanted: ScannedMessage[] = [];
	for (let end = uids.length; end > 0 && wanted.length < options.limit; end -= LIST_WINDOW) {
		const window = await folder.scan(uids.slice(Math.max(0, end - LIST_WINDOW), end));
		wanted.push(
			...window.filter(({ headers }) => isWanted(readPecHeaders(headers), options)).reverse(),
		);
	}
	return await listedOf(folder, wanted.slice(0, options.limit), options.account);
}

/** In the same order, with what their certification data says. @throws MailError */
export async function listedOf(
	folder: OpenFolder,
	messages: readonly ScannedMessage[],
	account: string,
): Promise<ListedMessage[]> {
	const certified = messages.filter(({ headers }) => hasDaticert(readPecHeaders(headers)));
	const daticerts = await folder.fetchNamedParts(
		certified.map(({ uid }) => uid),
		DATICERT,
	);
	return messages.map((message) => ({
		pecKey: pecKeyOf(message.headers, message.size),
		headers: readPecHeaders(message.headers, daticerts.get(message.uid)),
		mailbox: placeOf(message, folder, account),
	}));
}

function isWanted(headers: PecHeaders, { kinds, receiptTypes }: ListOptions): boolean {
	if (kinds && !kinds.includes(headers.kind)) return false;
	if (!receiptTypes) return true;
	return headers.receipt !== undefined && receiptTypes.includes(headers.receipt.type);
}

/** RFC 6109: receipts and transport envelopes carry certification data, anomaly envelopes and ordinary mail none. */
function hasDaticert({ kind }: PecHeaders): boolean {
	return kind === 'receipt' || kind === 'transportEnvelope';
}

/**
 * One whole message and where it lies.
 * @throws MailError `messageMissing`, `folderChanged` when `uidValidity` is given and is no longer that
 */
export async function getMessage(
	imap: ImapSession,
	reference: MessageReference,
	{ account }: { account: string },
): Promise<{ message: FetchedMessage; place: MailboxPlace }> {
	const found = await findMessage(imap, reference);
	if (!found) throw messageMissing();
	const { message, folder } = found;
	return { message, place: placeOf(message, folder, account) };
}

/** As `getMessage`, but `undefined` when there is no such message. */
export async function findMessage(
	imap: ImapSession,
	reference: MessageReference,
): Promise<{ message: FetchedMessage; folder: OpenFolder } | undefined> {
	if ('pecKey' in reference) {
		const found = await scanForMessage(imap, reference);
		const message = found && (await found.folder.fetch(found.message.uid));
		return message && { message, folder: found.folder };
	}
	const folder = await imap.open(reference.folder, { readOnly: true });
	if (reference.uidValidity !== undefined && reference.uidValidity !== folder.uidValidity) {
		throw folderChanged(reference.folder);
	}
	const message = await folder.fetch(reference.uid);
	return message && { message, folder };
}

/** Where a message lies, without reading its body. @throws MailError, also where the server withholds one that may be it */
export async function scanForMessage(
	imap: ImapSession,
	{ pecKey, folder: first }: { readonly pecKey: string; readonly folder?: string },
): Promise<{ message: ScannedMessage; folder: OpenFolder } | undefined> {
	const withheld: WithheldMessage[] = [];
	for (const path of await foldersToSearch(imap, first)) {
		const folder = await imap.open(path, { readOnly: true });
		const found = await scanByPecKey(folder, pecKey);
		if (found.given[0]) return { message: found.given[0], folder };
		withheld.push(...found.withheld);
	}
	// It may be the one that was asked for: it is not gone.
	if (withheld[0]) throw new NotGiven(withheld[0]);
	return undefined;
}

async function foldersToSearch(imap: ImapSession, first: string | undefined): Promise<string[]> {
	const paths = await messageFolders(imap);
	if (first === undefined || !paths.includes(first)) return paths;
	return [first, ...paths.filter((path) => path !== first)];
}

/**
 * Those of a folder with this content: a pecKey ends with the message's size, so only messages of that size are looked at.
 * @returns as withheld those of this size, whatever they are
 * @throws MailError
 */
export async function scanByPecKey(
	folder: OpenFolder,
	pecKey: string,
): Promise<Given<ScannedMessage>> {
	const size = sizeOfPecKey(pecKey);
	if (folder.messages === 0 || !(size > 0)) return { given: [], withheld: [] };
	const candidates = await folder.search({ larger: size - 1, smaller: size + 1 });
	const { given, withheld } = await readGiven(folder, candidates, folder.scan);
	const isIt = (message: ScannedMessage) => pecKeyOf(message.headers, message.size) === pecKey;
	return { given: given.filter(isIt), withheld };
}

export function placeOf(
	message: ScannedMessage,
	folder: Pick<OpenFolder, 'path' | 'uidValidity'>,
	account: string,
): MailboxPlace {
	return {
		account,
		folder: folder.path,
		uid: message.uid,
		uidValidity: folder.uidValidity,
		size: message.size,
		flags: message.flags,
		receivedAt: message.receivedAt.toISOString(),
	};
}
