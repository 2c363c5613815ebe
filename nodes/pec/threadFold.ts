import { mailboxesOf } from './addresses';
import { evidenceOf, subjectOf } from './evidence';
import { messageIdIn } from './header';
import { presentFields } from './presentFields';
import { missingOf } from './threadMissing';
import { threadStateOf } from './thread';
import type { PartPlace, Thread, ThreadPart } from './threadTypes';
import type { CopyRecord, PecHeaders, PecRecipient, ReceiptEvidence, RowRecord } from './types';

export interface FoundMessage {
	readonly pecKey: string;
	readonly headers: PecHeaders;
	readonly mailbox: PartPlace;
}

/** What is known of a mailbox, or of as much of it as is asked for. */
export interface KnownOfThreads {
	readonly account: string;
	readonly messages: readonly FoundMessage[];
	/** By pecKey; those that are no part of what is asked for are passed over by `isWanted`. */
	readonly copies: ReadonlyMap<string, CopyRecord>;
	/** Receipts that name no message, with the one they are about. */
	readonly matched: readonly ReceiptEvidence[];
	/** Sendings that records tell of, by Message-ID; each makes a thread, also without any message. */
	readonly rows: ReadonlyMap<
		string,
		{
			readonly mailing?: string;
			readonly rowKey?: string;
			readonly sendKey?: string;
			readonly recipients: readonly string[];
			readonly record?: RowRecord;
		}
	>;
}

interface Group {
	readonly id: string | undefined;
	readonly direction: Thread['direction'];
	readonly parts: ThreadPart[];
	readonly receipts: ReceiptEvidence[];
	/** Of records of copies, which keep less than headers do. */
	subject?: string;
}

/** Threads of sendings and of received messages, oldest first; ordinary mail of others belongs to none. */
export function threadsOf(known: KnownOfThreads): Thread[] {
	const groups = new Map<string, Group>();
	const groupOf = (direction: Thread['direction'], key: string, id = key): Group => {
		const name = `${direction}:${key}`;
		const group = groups.get(name) ?? { id, direction, parts: [], receipts: [] };
		groups.set(name, group);
		return group;
	};
	for (const messageId of known.rows.keys()) groupOf('sent', messageId);
	const seen = new Set<string>();
	const told = new Map(known.matched.map((receipt) => [receipt.pecKey, receipt]));
	for (const message of known.messages) {
		// One message may be shown in two folders.
		if (seen.has(message.pecKey)) continue;
		seen.add(message.pecKey);
		addMessage(message, { known, told, groupOf });
	}
	for (const copy of known.copies.values())
		if (!seen.has(copy.pecKey)) addCopy(copy, known, groupOf);
	return [...groups.values()].map((group) => threadOf(group, known)).sort(byTime);
}

type GroupOf = (direction: Thread['direction'], key: string, id?: string) => Group;

function addMessage(
	{ pecKey, headers, mailbox }: FoundMessage,
	{
		known,
		told,
		groupOf,
	}: { known: KnownOfThreads; told: ReadonlyMap<string, ReceiptEvidence>; groupOf: GroupOf },
): void {
	const { kind, receipt, envelope, certification, consistent, partialCopy } = headers;
	const copy = copyOf(known.copies.get(pecKey));
	const { folder, uid, uidValidity, size, receivedAt } = mailbox;
	const at = certification?.at ?? receivedAt;
	const facts = {
		pecKey,
		kind,
		messageId: envelope.messageId,
		at,
		size,
		consistent,
		copy,
		headers,
	};
	const part = { ...facts, place: { folder, uid, uidValidity, size, receivedAt } };
	if (kind === 'receipt' && receipt) {
		const evidence = evidenceOf(headers, { pecKey, folder, uid }, told.get(pecKey));
		if (!evidence) return;
		const group = groupOf('sent', evidence.originalMessageId);
		group.receipts.push(evidence);
		const { type, content } = receipt;
		const { matchedBy } = evidence;
		const recipient = subjectOf(evidence);
		group.parts.push(presentFields({ ...part, role: type, content, recipient, matchedBy }));
	} else if (kind === 'transportEnvelope' || kind === 'anomalyEnvelope') {
		const id = certification?.originalMessageId ?? envelope.messageId;
		groupOf('received', pecKey, id).parts.push(presentFields({ ...part, role: 'received' }));
	} else if (kind === 'ordinary' && envelope.messageId && isFrom(known.account, envelope.from)) {
		const id = messageIdIn(envelope.messageId) ?? envelope.messageId;
		groupOf('sent', id).parts.push(presentFields({ ...part, role: 'sent', partialCopy }));
	}
}

/** A message that left the mailbox: what its copy's record keeps of it. */
function addCopy(record: CopyRecord, { account }: KnownOfThreads, groupOf: GroupOf): void {
	const { pecKey, kind, messageId, size, receipt, from, partialCopy } = record;
	const facts = { pecKey, kind, messageId, size, copy: copyOf(record) };
	if (kind === 'receipt' && receipt) {
		const group = groupOf('sent', receipt.originalMessageId);
		group.receipts.push(receipt);
		const { type, at, consistent, matchedBy } = receipt;
		const recipient = subjectOf(receipt);
		const content = record.receiptContent;
		group.parts.push(
			presentFields({ ...facts, role: type, at, consistent, recipient, content, matchedBy }),
		);
	} else if (kind === 'transportEnvelope' || kind === 'anomalyEnvelope') {
		const group = groupOf('received', pecKey, messageId);
		group.subject = record.subject;
		group.parts.push(presentFields({ ...facts, role: 'received', consistent: true }));
	} else if (kind === 'ordinary' && messageId && isFrom(account, from)) {
		const group = groupOf('sent', messageIdIn(messageId) ?? messageId);
		group.subject = record.subject;
		group.parts.push(presentFields({ ...facts, role: 'sent', consistent: true, partialCopy }));
	}
}

function copyOf(record: CopyRecord | undefined): ThreadPart['copy'] {
	if (!record) return undefined;
	const { location, level, sha256, checkedAt } = record;
	return { location, level, sha256, checkedAt };
}

function isFrom(account: string, from: string | undefined): boolean {
	return mailboxesOf(from)[0]?.address.toLowerCase() === account.toLowerCase();
}

function threadOf(
	{ id, direction, parts, receipts, subject }: Group,
	known: KnownOfThreads,
): Thread {
	const row = id === undefined ? undefined : known.rows.get(id);
	const ordered = [...parts].sort(byRoleAndTime);
	const missing = direction === 'sent' ? missingOf(ordered, receipts) : [];
	const headers = ordered.flatMap((part) => part.headers ?? []);
	const certified = headers.find(({ certification }) => certification)?.certification;
	const written = headers.find(({ kind }) => kind === 'ordinary') ?? headers[0];
	const times = ordered.flatMap(({ at }) => at ?? []).sort();
	return presentFields({
		direction,
		messageId: id,
		mailing: row?.mailing,
		rowKey: row?.rowKey,
		sendKey: row?.sendKey,
		subject: certified?.subject ?? written?.envelope.subject ?? subject,
		sender:
			direction === 'sent'
				? known.account
				: (certified?.sender ?? mailboxesOf(written?.envelope.from)[0]?.address),
		recipients: recipientsOf(headers, receipts, row?.recipients),
		at: times[0],
		state: direction === 'sent' ? threadStateOf(receipts) : undefined,
		complete: missing.length === 0,
		missing,
		parts: ordered,
		receipts,
		record: row?.record,
	});
}

function recipientsOf(
	headers: readonly PecHeaders[],
	receipts: readonly ReceiptEvidence[],
	named: readonly string[] = [],
): PecRecipient[] {
	const recipients = new Map<string, PecRecipient>();
	const add = (recipient: PecRecipient): void => {
		const key = recipient.address.toLowerCase();
		const known = recipients.get(key);
		if (!known || known.type === 'unknown') recipients.set(key, recipient);
	};
	for (const receipt of receipts) receipt.recipients.forEach(add);
	for (const { certification } of headers) certification?.recipients.forEach(add);
	for (const address of named) add({ address, type: 'unknown' });
	if (recipients.size === 0) {
		const written = headers.flatMap(({ envelope }) => [...envelope.to, ...envelope.cc]);
		for (const { address } of written.flatMap((text) => mailboxesOf(text)))
			add({ address, type: 'unknown' });
	}
	return [...recipients.values()];
}

const ROLES: readonly string[] = ['sent', 'received', 'acceptance', 'nonAcceptance'];

function rankOf({ role }: ThreadPart): number {
	const rank = ROLES.indexOf(role);
	return rank === -1 ? ROLES.length : rank;
}

function compare(left: string, right: string): number {
	return left < right ? -1 : left > right ? 1 : 0;
}

/** An order that does not depend on the one in which messages were found. */
function byRoleAndTime(left: ThreadPart, right: ThreadPart): number {
	return (
		rankOf(left) - rankOf(right) ||
		compare(left.at ?? '', right.at ?? '') ||
		compare(left.pecKey, right.pecKey)
	);
}

/** Oldest first. */
export function byTime(left: Thread, right: Thread): number {
	const keyOf = ({ direction, messageId = '', parts }: Thread) =>
		`${direction}${messageId}${parts[0]?.pecKey ?? ''}`;
	return compare(left.at ?? '', right.at ?? '') || compare(keyOf(left), keyOf(right));
}
