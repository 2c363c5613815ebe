import type { ImapSession, SearchCriteria } from '../mail/types';
import { mailingTag, rowOfMessageId } from '../pec/batch';
import type { CertifiedMatching } from '../pec/certifiedMatch';
import { messageIdIn } from '../pec/header';
import { isSingleMessage, recipientsOfSingleMessage, sendKeyOf } from '../pec/singleMessage';
import { threadsOf, type FoundMessage, type KnownOfThreads } from '../pec/threadFold';
import type { Thread } from '../pec/threadTypes';
import type { CopyRecord, ReceiptEvidence } from '../pec/types';
import { matchingOfAll, readUnnamed, REFERENCE } from './evidence';
import { listMessages, scanForMessage } from './mailbox';
import { messageFolders } from './messageFolders';
import type { Records } from './records';

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

/**
 * Every thread of the mailbox, by headers and certification data; of what left it, by the records of its copies.
 * @throws MailError, RecordsError
 */
export async function allThreads(desk: Desk): Promise<Thread[]> {
	const { imap, records, account } = desk;
	const listed = await listEverywhere(desk, {});
	const matching = await matchingFor(desk);
	if (matching) await readUnnamedEverywhere(imap, matching);
	return threadsOf({
		account,
		messages: listed,
		copies: await records.readCopies(),
		matched: matching?.matches().receipts ?? [],
		rows: new Map(),
	});
}

/**
 * The threads that are meant, with as few searches as there are folders. None where nothing is known.
 * @throws MailError, RecordsError
 */
export async function chosenThreads(desk: Desk, choice: ThreadChoice): Promise<Thread[]> {
	if ('pecKey' in choice) return await threadsWith(desk, choice);
	if ('messageId' in choice) {
		const id = messageIdIn(choice.messageId) ?? messageIdIn(`<${choice.messageId}>`);
		return id === undefined ? [] : await sendings(desk, { ids: [id], rows: new Map() });
	}
	const rows = await rowsOf(desk, choice);
	const tag = mailingTag({ account: desk.account, mailing: choice.mailing });
	const isWhole = choice.recipient === undefined;
	return await sendings(desk, {
		ids: [...rows.keys()],
		rows,
		...(isWhole ? { term: `pec1.${tag}.` } : {}),
	});
}

type Rows = KnownOfThreads['rows'];

async function rowsOf(
	{ records }: Desk,
	{ mailing, recipient, rowKey }: Extract<ThreadChoice, { mailing: string }>,
): Promise<Rows> {
	const rows = (await records.readMailing(mailing)).filter(
		({ row }) =>
			(recipient === undefined || row.recipient === recipient.toLowerCase()) &&
			(rowKey === undefined || row.rowKey === rowKey),
	);
	return new Map(rows.map(({ row, messageId }) => [messageId, rowFacts(mailing, row)]));
}

function rowFacts(mailing: string, row: { recipient: string; rowKey: string }) {
	if (isSingleMessage(mailing)) {
		const sendKey = sendKeyOf(mailing);
		const recipients = recipientsOfSingleMessage(row);
		return { ...(sendKey === undefined ? {} : { sendKey }), recipients };
	}
	const { recipient, rowKey } = row;
	return { mailing, ...(rowKey === '' ? {} : { rowKey }), recipients: [recipient] };
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
		rows: new Map(),
	});
	if (alone?.direction !== 'sent' || alone.messageId === undefined) return alone ? [alone] : [];
	return await sendings(desk, { ids: [alone.messageId], rows: new Map() });
}

interface WantedSendings {
	readonly ids: readonly string[];
	readonly rows: Rows;
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
	const listed: FoundMessage[] = [];
	for (const each of terms) {
		for (const header of [REFERENCE, 'Message-ID']) {
			listed.push(...(await listEverywhere(desk, { header: { [header]: each } })));
		}
	}
	const matching = await matchingFor(desk);
	const matched: ReceiptEvidence[] = [];
	if (matching) {
		await readUnnamedEverywhere(imap, matching);
		matched.push(...matching.matches().receipts.filter((one) => isWanted(one.originalMessageId)));
		listed.push(...(await listReceipts(desk, matched)));
	}
	const copies = [...(await records.readCopies())].filter(([, copy]) => isAbout(copy, isWanted));
	const known = rows.size > 0 ? rows : await rowsByRecords(records, wanted);
	return threadsOf({
		account,
		messages: listed,
		copies: new Map(copies),
		matched,
		rows: known,
	}).filter(({ messageId }) => isWanted(messageId));
}

function isAbout(copy: CopyRecord, isWanted: (id: string | undefined) => boolean): boolean {
	return isWanted(copy.receipt?.originalMessageId ?? copy.messageId);
}

/** What records say of sendings that are asked for by their Message-ID. */
async function rowsByRecords(records: Records, wanted: ReadonlySet<string>): Promise<Rows> {
	const rows = new Map<string, ReturnType<typeof rowFacts>>();
	if (![...wanted].some((id) => rowOfMessageId(id) !== undefined)) return rows;
	for (const { mailing, intents } of await records.readSubmissions()) {
		for (const { row, messageId } of intents) {
			if (wanted.has(messageId)) rows.set(messageId, rowFacts(mailing, row));
		}
	}
	return rows;
}

async function listEverywhere(
	{ imap, account }: Desk,
	criteria: SearchCriteria,
): Promise<FoundMessage[]> {
	return await listMessages(imap, {
		account,
		folders: await messageFolders(imap),
		criteria,
		limit: Number.POSITIVE_INFINITY,
	});
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
