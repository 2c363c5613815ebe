import { attemptThatCounts, RowHistories, type Attempt } from './rowHistory';
import { rowIdentity, rowOfMessageId } from './rowId';
import type { Closed } from './thread';
import type { ReceiptEvidence, RowRecord } from './types';

/** Nothing more comes of it, and nobody is to decide anything. */
const AT_ITS_END: ReadonlySet<Attempt['standing']> = new Set<Attempt['standing']>([
	'delivered',
	'failed',
	'ended',
]);

/**
 * The tags of mailings of which a row is not at its end: put off, under way, or unclear. A single message is no mailing: its
 * own thread tells.
 * @param records of all mailings
 * @param receipts by the Message-ID they are about
 * @param closed what a person closed, by Message-ID
 */
export function runningMailings(
	records: readonly RowRecord[],
	receipts: ReadonlyMap<string, readonly ReceiptEvidence[]>,
	closed: ReadonlyMap<string, Closed>,
): ReadonlySet<string> {
	const mailings = new Map<string, RowRecord[]>();
	for (const record of records) {
		const tag = rowOfMessageId(record.messageId)?.mailingTag;
		if (tag === undefined) continue;
		const rows = mailings.get(tag);
		if (rows) rows.push(record);
		else mailings.set(tag, [record]);
	}
	const running = new Set<string>();
	for (const [tag, rows] of mailings) {
		const identities = new Map(rows.map(({ row, messageId }) => [rowIdentity(messageId), row]));
		if (identities.size < 2) continue;
		const known = rows.flatMap(({ messageId }) => receipts.get(messageId) ?? []);
		// Nothing here depends on what is overdue.
		const histories = new RowHistories({ records: rows, receipts: known, now: new Date(0) });
		for (const [identity, row] of identities) {
			const [first, ...others] = histories.of(row, identity);
			if (first && !isAtItsEnd(attemptThatCounts([first, ...others]), closed)) running.add(tag);
		}
	}
	return running;
}

function isAtItsEnd(
	{ messageId, standing, row }: Attempt,
	closed: ReadonlyMap<string, Closed>,
): boolean {
	const recipients = closed.get(messageId)?.recipients;
	return (
		AT_ITS_END.has(standing) || recipients === 'all' || recipients?.has(row.recipient) === true
	);
}
