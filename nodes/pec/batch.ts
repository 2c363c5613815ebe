import { createHash } from 'node:crypto';
import { normalizeAddress } from './addresses';
import { MailingError } from './errors';
import { messageIdIn } from './header';
import { outcomeOf } from './outcome';
import { readSubmission } from './submission';
import type { ReceiptEvidence, RecipientOutcome, Row, RowRecord } from './types';

export { normalizeAddress } from './addresses';

/** The sending account's PEC address, and the name the user gave the mailing. */
export interface Mailing {
	readonly account: string;
	readonly mailing: string;
}

/** Why a row is sent or not: the rows of the table in docs/ARCHITECTURE.md, Records. */
export type PlanReason = 'new' | 'deferred' | 'receiptFound' | 'submitted' | 'rejected' | 'inDoubt';

export interface PlannedRow {
	readonly row: Row;
	readonly messageId: string;
	readonly decision: 'send' | 'alreadySent' | 'skipped';
	readonly why: PlanReason;
	readonly outcome: RecipientOutcome;
}

const SCHEME = 'pec1';

/** The first 20 hexadecimal digits (80 bits) of SHA-256 over texts that cannot run into each other. */
function digest(...texts: string[]): string {
	const joined = JSON.stringify(texts.map((text) => text.normalize('NFC').trim()));
	return createHash('sha256').update(joined).digest('hex').slice(0, 20);
}

/** The mark all Message-IDs of a mailing begin with after `<pec1.`: 20 hexadecimal digits. Throws AddressError. */
export function mailingTag({ account, mailing }: Mailing): string {
	return digest(normalizeAddress(account), mailing);
}

/**
 * The Message-ID of one row of a mailing: the same in every run on every machine, so that the mailbox itself tells
 * what was sent. Throws AddressError.
 */
export function messageIdOf({ account, mailing, row }: Mailing & { row: Row }): string {
	const address = normalizeAddress(account);
	const domain = address.slice(address.lastIndexOf('@') + 1);
	const rowTag = digest(normalizeAddress(row.recipient), row.rowKey);
	return `<${SCHEME}.${mailingTag({ account, mailing })}.${rowTag}.${row.attempt}@${domain}>`;
}

/** The parts of a Message-ID that `messageIdOf` made; `undefined` for any other. */
export function rowOfMessageId(
	messageId: string,
): { mailingTag: string; rowTag: string; attempt: number; domain: string } | undefined {
	const match = /^<pec1\.([0-9a-f]{20})\.([0-9a-f]{20})\.([1-9][0-9]{0,5})@([^\s<>@]+)>$/.exec(
		messageIdIn(messageId) ?? '',
	);
	if (!match) return undefined;
	const [, mailing = '', rowTag = '', attempt, domain = ''] = match;
	return { mailingTag: mailing, rowTag, attempt: Number(attempt), domain };
}

/** A Message-ID without its attempt: what all attempts of one row share. */
function rowIdentity(messageId: string): string {
	const parsed = rowOfMessageId(messageId);
	return parsed ? `${parsed.mailingTag}.${parsed.rowTag}@${parsed.domain}` : messageId;
}

/** The highest attempt of each row that records or receipts know of. */
function knownAttempts(messageIds: Iterable<string>): Map<string, number> {
	const attempts = new Map<string, number>();
	for (const messageId of messageIds) {
		const attempt = rowOfMessageId(messageId)?.attempt;
		if (attempt === undefined) continue;
		const identity = rowIdentity(messageId);
		attempts.set(identity, Math.max(attempt, attempts.get(identity) ?? 0));
	}
	return attempts;
}

function refuseDuplicates(messageIds: readonly string[]): void {
	const indexes = new Map<string, number[]>();
	messageIds.forEach((messageId, index) => {
		const identity = rowIdentity(messageId);
		const group = indexes.get(identity);
		if (group) group.push(index);
		else indexes.set(identity, [index]);
	});
	const repeated = [...indexes.values()].filter((group) => group.length > 1);
	if (repeated.length === 0) return;
	const listed = repeated.map((group) => group.join(' = ')).join('; ');
	throw new MailingError(
		'duplicateRows',
		`The same recipient with the same row key appears more than once (items ${listed}): nothing was sent. Remove the repetition, or give the rows different row keys.`,
		repeated,
	);
}

function decide(
	record: RowRecord | undefined,
	receipts: readonly ReceiptEvidence[],
): Pick<PlannedRow, 'decision' | 'why'> {
	if (receipts.length > 0) return { decision: 'alreadySent', why: 'receiptFound' };
	const { verdict } = readSubmission(record);
	switch (verdict) {
		case 'submitted':
			return { decision: 'alreadySent', why: 'submitted' };
		case 'rejected':
			return { decision: 'skipped', why: 'rejected' };
		case 'unclear':
			return { decision: 'skipped', why: 'inDoubt' };
		case 'deferred':
			return { decision: 'send', why: 'deferred' };
		case 'none':
			return { decision: 'send', why: 'new' };
	}
}

function groupedBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
	const groups = new Map<string, T[]>();
	for (const value of values) {
		const key = keyOf(value);
		const group = groups.get(key);
		if (group) group.push(value);
		else groups.set(key, [value]);
	}
	return groups;
}

/** Records of one row that were read in pieces, as one. */
function joinRecords([first, ...others]: readonly RowRecord[]): RowRecord | undefined {
	return (
		first && {
			...first,
			intents: [first, ...others].flatMap(({ intents }) => intents),
			results: [first, ...others].flatMap(({ results }) => results),
		}
	);
}

/**
 * What a run of a mailing does with each row, in the order of the rows (docs/ARCHITECTURE.md, Records). A row is its
 * mailing, address and row key; of its attempts the latest known counts.
 * Throws MailingError, before anything is sent, when a row appears twice, and AddressError.
 */
export function planMailing(
	args: Mailing & {
		rows: readonly Row[];
		records: readonly RowRecord[];
		receipts: readonly ReceiptEvidence[];
		now: Date;
	},
): PlannedRow[] {
	const { account, mailing, now } = args;
	const asked = args.rows.map((row) => messageIdOf({ account, mailing, row }));
	refuseDuplicates(asked);
	const records = groupedBy(args.records, (record) => record.messageId);
	const receipts = groupedBy(args.receipts, (receipt) => receipt.originalMessageId);
	const attempts = knownAttempts([...records.keys(), ...receipts.keys()]);
	return args.rows.map((given, index) => {
		const known = attempts.get(rowIdentity(asked[index] ?? '')) ?? 0;
		const recipient = normalizeAddress(given.recipient);
		const row = { ...given, recipient, attempt: Math.max(given.attempt, known) };
		const messageId = messageIdOf({ account, mailing, row });
		const record = joinRecords(records.get(messageId) ?? []);
		const found = receipts.get(messageId) ?? [];
		const outcome = outcomeOf({ row, mailing, messageId, record, receipts: found, now });
		return { row, messageId, ...decide(record, found), outcome };
	});
}
