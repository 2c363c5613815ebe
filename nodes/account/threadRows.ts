import { AttemptRecord } from '../pec/attemptRecord';
import { rowOfMessageId } from '../pec/batch';
import { isSingleMessage, recipientsOfSingleMessage, sendKeyOf } from '../pec/singleMessage';
import type { KnownOfThreads } from '../pec/threadFold';
import type { Row } from '../pec/types';
import type { Records } from './records';

/** What records say of sendings, by Message-ID. */
export type ThreadRows = KnownOfThreads['rows'];

/** Of a mailing, or of a single message by the name under which it was recorded. @throws MailError, RecordsError */
export async function rowsOfMailing(
	records: Records,
	{ mailing, recipient, rowKey }: { mailing: string; recipient?: string; rowKey?: string },
): Promise<ThreadRows> {
	const rows = (await records.readMailing(mailing)).filter(
		({ row }) =>
			(recipient === undefined || row.recipient === recipient.toLowerCase()) &&
			(rowKey === undefined || row.rowKey === rowKey),
	);
	return new Map(
		rows.map((record) => [record.messageId, { ...rowFacts(mailing, record.row), record }]),
	);
}

/** Of sendings that are known by their Message-ID. @throws MailError, RecordsError */
export async function rowsOfSendings(
	records: Records,
	wanted: ReadonlySet<string>,
): Promise<ThreadRows> {
	const rows = new Map<string, ReturnType<typeof rowFacts> & { readonly record: AttemptRecord }>();
	if (![...wanted].some((id) => rowOfMessageId(id) !== undefined)) return rows;
	const recordOf = (mailing: string, of: { row: Row; messageId: string }) => {
		if (!wanted.has(of.messageId)) return undefined;
		const known = rows.get(of.messageId) ?? {
			...rowFacts(mailing, of.row),
			record: new AttemptRecord(of.row, of.messageId),
		};
		rows.set(of.messageId, known);
		return known.record;
	};
	for (const { mailing, intents, results } of await records.readSubmissions()) {
		for (const result of results) recordOf(mailing, result)?.addResult(result.submission);
		for (const intent of intents) recordOf(mailing, intent)?.addIntent(intent);
	}
	return rows;
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
