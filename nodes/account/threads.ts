import type { ImapSession, SearchCriteria } from '../mail/types';
import { mailingMark, mailingTag } from '../pec/batch';
import type { CertifiedMatching } from '../pec/certifiedMatch';
import { messageIdIn } from '../pec/header';
import { byTime, threadsOf, type FoundMessage } from '../pec/threadFold';
import type { Thread } from '../pec/threadTypes';
import type { CopyRecord, ReceiptEvidence } from '../pec/types';
import { unless } from '../mail/errors';
import { NotGiven, type WithheldMessage } from '../mail/notGiven';
import { matchingOfAll, readUnnamed, REFERENCE } from './evidence';
import { listMessages, scanForMessage } from './mailbox';
import { messageFolders } from './messageFolders';
import { locateMessages } from './messageLocation';
import type { Records } from './records';
import { listFound } from './threadListing';
import { rowsOfMailing, rowsOfSendings, type ThreadRows } from './threadRows';
import type { WantedMessage } from './hintedFolders';

interface Desk {
	readonly imap: ImapSession;
	readonly records: Records;
	readonly account: string;
}

/** Which thread is meant. A mailing's name alone means all its rows. */
export type ThreadChoice =
	| { readonly messageId: string }
	| { readonly pecKey: string; readonly folder?: string }
	| { readonly mailing: string; readonly recipient?: string; readonly rowKey?: string };

/** Threads, and what was looked at for them. */
export interface FoundThreads {
	readonly threads: readonly Thread[];
	/** The pecKeys of all messages that were read, whether they belong to a thread or not. */
	readonly seen: ReadonlySet<string>;
	/** Nobody knows which threads they belong to. */
	readonly withheld: readonly WithheldMessage[];
}

const NO_ROWS: ThreadRows = new Map();

/**
 * Every thread of the mailbox, by headers and certification data; of what left it, by the records of its copies.
 * @throws MailError, RecordsError
 */
export async function allThreads(desk: Desk): Promise<FoundThreads> {
	const { imap, records, account } = desk;
	const { messages, withheld } = await listFound(desk, [{}]);
	const matching = await matchingFor(desk);
	if (matching) await readUnnamedEverywhere(imap, matching);
	const known = {
		account,
		messages,
		copies: await records.readCopies(),
		matched: matching?.matches().receipts ?? [],
	};
	const nameless = threadsOf({ ...known, rows: NO_ROWS });
	// A row that nothing is left of is no thread here: only those are named of which there is something.
	const rows = await rowsOfSendings(records, new Set(nameless.flatMap(idOfSending)));
	const threads = rows.size === 0 ? nameless : threadsOf({ ...known, rows });
	return { threads, seen: new Set(messages.map(({ pecKey }) => pecKey)), withheld };
}

/** Of more messages, or of more sendings, the whole mailbox is read: that takes fewer requests. */
const FEW_MESSAGES = 50;
const FEW_SENDINGS = 20;

/**
 * The threads of these messages, each whole, wherever its parts lie. Of few messages only what belongs to them is read,
 * by searches; where the server cannot search so, or something is missing then, the whole mailbox.
 * @throws MailError, RecordsError
 */
export async function threadsOfMessages(
	desk: Desk,
	wanted: readonly WantedMessage[],
): Promise<FoundThreads> {
	const few = wanted.length <= FEW_MESSAGES;
	const searched = few ? await unless('refused', searchedThreads(desk, wanted)) : undefined;
	const { threads, ...looked } = searched ?? (await allThreads(desk));
	const keys = new Set(wanted.map(({ pecKey }) => pecKey));
	return {
		threads: threads.filter(({ parts }) => parts.some((one) => keys.has(one.pecKey))),
		...looked,
	};
}

/** `undefined` when a search did not find what is known to be there, or something is missing: that may be due to searching. */
async function searchedThreads(
	desk: Desk,
	wanted: readonly WantedMessage[],
): Promise<FoundThreads | undefined> {
	const { records, account } = desk;
	if (await matchingFor(desk)) return undefined;
	const messages = await locateMessages(desk, wanted);
	const keys = new Set(wanted.map(({ pecKey }) => pecKey));
	const copies = [...(await records.readCopies())].filter(([pecKey]) => keys.has(pecKey));
	const located = new Set(
		[...messages, ...copies.map(([, copy]) => copy)].map((one) => one.pecKey),
	);
	// It may have been moved from a folder that was not yet looked at into one that was.
	if (located.size < keys.size) return undefined;
	const known = { account, messages, copies: new Map(copies), matched: [], rows: NO_ROWS };
	const alone = threadsOf(known);
	const ids = alone.flatMap(idOfSending);
	if (ids.length > FEW_SENDINGS) return undefined;
	const sent = await sendings(desk, { ids, rows: NO_ROWS });
	const found = new Set(sent.flatMap(({ parts }) => parts.map(({ pecKey }) => pecKey)));
	const begun = alone.filter(({ direction }) => direction === 'sent');
	const isFound = begun.every(({ parts }) => parts.every(({ pecKey }) => found.has(pecKey)));
	if (!isFound || !sent.every(({ complete }) => complete)) return undefined;
	const received = alone.filter(({ direction }) => direction === 'received');
	return {
		threads: [...received, ...sent].sort(byTime),
		seen: new Set(messages.map(({ pecKey }) => pecKey)),
		withheld: [],
	};
}

function idOfSending({ direction, messageId }: Thread): string[] {
	return direction === 'sent' && messageId !== undefined ? [messageId] : [];
}

/**
 * The threads that are meant, with as few searches as there are folders. None where nothing is known.
 * @throws MailError, RecordsError
 */
export async function chosenThreads(desk: Desk, choice: ThreadChoice): Promise<Thread[]> {
	if ('pecKey' in choice) return await threadsWith(desk, choice);
	if ('messageId' in choice) {
		const id = messageIdIn(choice.messageId) ?? messageIdIn(`<${choice.messageId}>`);
		return id === undefined ? [] : await sendings(desk, { ids: [id], rows: NO_ROWS });
	}
	const rows = await rowsOfMailing(desk.records, choice);
	const tag = mailingTag({ account: desk.account, mailing: choice.mailing });
	const isWhole = choice.recipient === undefined;
	return await sendings(desk, {
		ids: [...rows.keys()],
		rows,
		...(isWhole ? { term: mailingMark(tag) } : {}),
	});
}

/** By the message that has this key: a receipt means its sending, an envelope itself. */
async function threadsWith(
	desk: Desk,
	{ pecKey, folder }: { pecKey: string; folder?: string },
): Promise<Thread[]> {
	const { imap, records, account } = desk;
	const found = await scanForMessage(imap, { pecKey, ...(folder === undefined ? {} : { folder }) });
	const messages = found
		? await listMessages(imap, {
				account,
				folders: [found.folder.path],
				criteria: { uid: String(found.message.uid) },
				limit: 1,
			})
		: [];
	const copies = await records.readCopies();
	const copy = copies.get(pecKey);
	const matching = await matchingFor(desk);
	if (matching) await readUnnamedEverywhere(imap, matching);
	const [alone] = threadsOf({
		account,
		messages,
		copies: new Map(copy ? [[pecKey, copy]] : []),
		matched: matching?.matches().receipts ?? [],
		rows: NO_ROWS,
	});
	if (alone?.direction !== 'sent' || alone.messageId === undefined) return alone ? [alone] : [];
	return await sendings(desk, { ids: [alone.messageId], rows: NO_ROWS });
}

interface WantedSendings {
	readonly ids: readonly string[];
	readonly rows: ThreadRows;
	/** What all their Message-IDs have in common, where one search finds them. */
	readonly term?: string;
}

async function sendings(desk: Desk, { ids, rows, term }: WantedSendings): Promise<Thread[]> {
	if (ids.length === 0) return [];
	const { imap, records, account } = desk;
	const wanted = new Set(ids);
	const isWanted = (id: string | undefined) =>
		id !== undefined && wanted.has(messageIdIn(id) ?? id);
	const terms = term === undefined ? ids.map((id) => id.replace(/^<|>$/g, '')) : [term];
	const searches = terms.flatMap((each): SearchCriteria[] => [
		{ header: { [REFERENCE]: each } },
		{ header: { 'Message-ID': each } },
	]);
	const { messages, withheld } = await listFound(desk, searches);
	// It belongs to what was searched for: without it a proof would pass for whole.
	if (withheld[0]) throw new NotGiven(withheld[0]);
	const listed: FoundMessage[] = [...messages];
	const matching = await matchingFor(desk);
	const matched: ReceiptEvidence[] = [];
	if (matching) {
		await readUnnamedEverywhere(imap, matching);
		matched.push(...matching.matches().receipts.filter((one) => isWanted(one.originalMessageId)));
		listed.push(...(await listReceipts(desk, matched)));
	}
	const copies = [...(await records.readCopies())].filter(([, copy]) => isAbout(copy, isWanted));
	return threadsOf({
		account,
		messages: listed,
		copies: new Map(copies),
		matched,
		rows: rows.size > 0 ? rows : await rowsOfSendings(records, wanted),
	}).filter(({ messageId }) => isWanted(messageId));
}

function isAbout(copy: CopyRecord, isWanted: (id: string | undefined) => boolean): boolean {
	return isWanted(copy.receipt?.originalMessageId ?? copy.messageId);
}

async function listReceipts(
	{ imap, account }: Desk,
	receipts: readonly ReceiptEvidence[],
): Promise<FoundMessage[]> {
	const listed: FoundMessage[] = [];
	for (const { folder, uid } of receipts) {
		if (folder === undefined || uid === undefined) continue;
		const options = { account, folders: [folder], criteria: { uid: String(uid) }, limit: 1 };
		listed.push(...(await listMessages(imap, options)));
	}
	return listed;
}

/** `undefined` where receipts name our messages in their headers: then nothing has to be matched. */
async function matchingFor({ records, account }: Desk): Promise<CertifiedMatching | undefined> {
	const isHidden = (await records.readCorrelation()) === 'certification';
	return isHidden ? await matchingOfAll(records, account) : undefined;
}

async function readUnnamedEverywhere(
	imap: ImapSession,
	matching: CertifiedMatching,
): Promise<void> {
	for (const path of await messageFolders(imap)) {
		const folder = await imap.open(path, { readOnly: true });
		if (folder.messages > 0) await readUnnamed(folder, matching);
	}
}
