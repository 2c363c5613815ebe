import type { ImapSession, OpenFolder } from '../mail/types';
import { unless } from '../mail/errors';
import { messageIdOf, OUR_MARK, rowOfMessageId } from '../pec/batch';
import { subjectOf } from '../pec/evidence';
import { outcomeOf } from '../pec/outcome';
import { isSingleMessage } from '../pec/singleMessage';
import type { ReceiptEvidence, ReceiptType, RecipientOutcome } from '../pec/types';
import { RECEIPT_TYPES, wireOf } from '../pec/vocabulary';
import { receiptsAmong, REFERENCE } from './evidence';
import { messageFolders } from './messageFolders';
import { submissionsOf } from './recordContent';
import { readRecord, RECORD_FILE, recordSubjectOf } from './recordFormat';
import { RECORDS_FOLDER, type Records } from './records';

/** How the last known sending to an address went wrong. */
export interface AddressOutcome extends Pick<RecipientOutcome, 'state' | 'error'> {
	/** ISO 8601. */
	readonly at?: string;
	/** The mailing's name; absent for a single message, and where its record is gone. */
	readonly mailing?: string;
	/** The address itself is at fault: what is sent to it again fails again, or proves nothing. */
	readonly isAddressAtFault: boolean;
}

/** Failures are few, and the latest count: more than a year of a large sender. In each folder. */
const FAILURES_READ = 2_000;
/** Every message has an acceptance; only certification data tells which were not for PEC addresses. In each folder. */
const ACCEPTANCES_READ = 500;
/** Of so many addresses that failed it is looked whether something was delivered since; each is two searches a folder. */
const FAILED_LOOKED_UP = 100;

/** Reasons that lie in the address, not in the moment or the message. */
const AT_FAULT: ReadonlySet<string> = new Set([
	'addressUnknown',
	'domainUnknown',
	'mailboxDisabled',
	'notCertified',
]);

/**
 * The addresses of these rows whose last known sending by this package failed, by address. Receipts are searched by
 * their headers; of what is found certification data is read, never a whole message. Bounded: it may not know of a failure
 * that is older than thousands of others.
 * @param records for the receipts that only a checked copy keeps
 * @throws MailError
 */
export async function addressHistory(
	imap: ImapSession,
	options: {
		account: string;
		rows: ReadonlyArray<{ readonly recipient: string; readonly rowKey: string }>;
		records: Records;
		now: Date;
	},
): Promise<Map<string, AddressOutcome>> {
	const { account, rows, records, now } = options;
	const wanted = new Set(rows.map(({ recipient }) => recipient));
	const known = [...(await records.readCopies()).values()].flatMap(({ receipt }) => receipt ?? []);
	const folders = await messageFolders(imap);
	for (const path of folders) {
		const folder = await imap.open(path, { readOnly: true });
		if (folder.messages > 0) known.push(...(await failuresIn(folder)));
	}
	const failed = failuresOf(known, wanted, now);
	const asked = rows.filter(({ recipient }) => failed.has(recipient)).slice(0, FAILED_LOOKED_UP);
	if (asked.length > 0) {
		const tags = new Set(asked.flatMap((row) => rowTagsOf(account, row)));
		for (const path of folders) {
			const folder = await imap.open(path, { readOnly: true });
			if (folder.messages > 0) known.push(...(await deliveriesIn(folder, tags)));
		}
	}
	return await named(imap, failuresOf(known, wanted, now));
}

const isOurs = (messageId: string) => rowOfMessageId(messageId) !== undefined;

async function failuresIn(folder: OpenFolder): Promise<ReceiptEvidence[]> {
	const found = new Set<number>();
	const take = async (type: 'nonDelivery' | 'nonAcceptance' | 'acceptance', limit: number) => {
		for (const uid of (await uidsOf(folder, type, OUR_MARK)).slice(-limit)) found.add(uid);
	};
	await take('nonDelivery', FAILURES_READ);
	await take('nonAcceptance', FAILURES_READ);
	await take('acceptance', ACCEPTANCES_READ);
	return await receiptsAmong(folder, ascending(found), isOurs);
}

/** What was delivered since under the row key of now, or under none: other row keys cannot be told from a Message-ID. */
async function deliveriesIn(
	folder: OpenFolder,
	rowTags: ReadonlySet<string>,
): Promise<ReceiptEvidence[]> {
	const found = new Set<number>();
	for (const tag of rowTags) {
		for (const uid of await uidsOf(folder, 'delivery', `.${tag}.`)) found.add(uid);
	}
	return await receiptsAmong(folder, ascending(found), isOurs);
}

async function uidsOf(
	folder: OpenFolder,
	type: Exclude<ReceiptType, 'unknown'>,
	reference: string,
): Promise<number[]> {
	const header = { 'X-Ricevuta': wireOf(RECEIPT_TYPES, type), [REFERENCE]: reference };
	return await folder.search({ header });
}

function ascending(uids: Iterable<number>): number[] {
	return [...uids].sort((left, right) => left - right);
}

function rowTagsOf(account: string, row: { recipient: string; rowKey: string }): string[] {
	const { recipient } = row;
	return ['', row.rowKey].flatMap((rowKey) => {
		const id = messageIdOf({ account, mailing: '', row: { recipient, rowKey, attempt: 1 } });
		return rowOfMessageId(id)?.rowTag ?? [];
	});
}

interface Failure extends Omit<AddressOutcome, 'mailing'> {
	readonly messageId: string;
}

/** Of each address the sending of which there is the latest receipt, when it failed. */
function failuresOf(
	receipts: readonly ReceiptEvidence[],
	wanted: ReadonlySet<string>,
	now: Date,
): Map<string, Failure> {
	const sendings = new Map<
		string,
		{ recipient: string; messageId: string; of: ReceiptEvidence[] }
	>();
	for (const receipt of receipts) {
		const { originalMessageId: messageId } = receipt;
		for (const recipient of recipientsOf(receipt)) {
			if (!wanted.has(recipient) || !isOurs(messageId)) continue;
			const key = JSON.stringify([recipient, messageId]);
			const sending = sendings.get(key);
			if (sending) sending.of.push(receipt);
			else sendings.set(key, { recipient, messageId, of: [receipt] });
		}
	}
	const latest = new Map<string, Failure>();
	for (const { recipient, messageId, of } of sendings.values()) {
		const row = { recipient, rowKey: '', attempt: 1 };
		const { state, error, final } = outcomeOf({ row, messageId, receipts: of, now });
		const at = of
			.flatMap((receipt) => receipt.at ?? [])
			.sort()
			.at(-1);
		if (!final || (latest.get(recipient)?.at ?? '') > (at ?? '')) continue;
		latest.set(recipient, {
			state,
			messageId,
			...(error ? { error } : {}),
			...(at === undefined ? {} : { at }),
			isAddressAtFault: error !== undefined && AT_FAULT.has(error.reason),
		});
	}
	for (const [recipient, { state }] of latest) if (state === 'delivered') latest.delete(recipient);
	return latest;
}

/** Whom a receipt speaks of, lower-case. */
function recipientsOf(receipt: ReceiptEvidence): string[] {
	const subject = subjectOf(receipt);
	if (subject !== undefined) return [subject];
	return receipt.recipients.map(({ address }) => address.toLowerCase());
}

async function named(
	imap: ImapSession,
	failures: ReadonlyMap<string, Failure>,
): Promise<Map<string, AddressOutcome>> {
	const tagOf = ({ messageId }: Failure) => rowOfMessageId(messageId)?.mailingTag ?? '';
	const names = await mailingNames(imap, new Set([...failures.values()].map(tagOf)));
	return new Map(
		[...failures].map(([recipient, failure]) => {
			const { messageId: _, ...outcome } = failure;
			const mailing = names.get(tagOf(failure));
			return [recipient, { ...outcome, ...(mailing === undefined ? {} : { mailing }) }];
		}),
	);
}

/** By tag, each from one of its records: one that is gone or cannot be read has no name. */
async function mailingNames(
	imap: ImapSession,
	tags: ReadonlySet<string>,
): Promise<Map<string, string>> {
	const names = new Map<string, string>();
	if (tags.size === 0) return names;
	const folder = await unless('folderMissing', imap.open(RECORDS_FOLDER, { readOnly: true }));
	if (!folder || folder.messages === 0) return names;
	for (const tag of tags) {
		const name = await mailingNameOf(folder, tag);
		if (name !== undefined && !isSingleMessage(name)) names.set(tag, name);
	}
	return names;
}

async function mailingNameOf(folder: OpenFolder, tag: string): Promise<string | undefined> {
	const [uid] = await folder.search({ subject: tag });
	if (uid === undefined) return undefined;
	const [record] = await folder.scan([uid]);
	const subject = record && recordSubjectOf(record.headers);
	const body = (await folder.fetchNamedParts([uid], RECORD_FILE)).get(uid);
	if (!body || subject?.type !== 'submissions' || subject.tag !== tag) return undefined;
	try {
		return submissionsOf(readRecord(subject, body, uid), uid).mailing;
	} catch {
		return undefined;
	}
}
