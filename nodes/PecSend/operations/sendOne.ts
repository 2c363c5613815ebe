import type { OperationTools, Output } from '../../n8n/operations';
import type { Parameters } from '../../n8n/parameters';
import type { ReceiptEvidence, Row } from '../../pec/types';
import type { Letter } from './letter';
import { UserError } from '../../n8n/errors';
import {
	keyedMessageName,
	recipientsOfSingleMessage,
	singleMessageName,
	singleMessageRow,
} from '../../pec/singleMessage';
import { readSubmission } from '../../pec/submission';
import { receiptsNow } from './receiptsNow';
import { sendLetters } from './sendLetters';

/** In line behind others who send from this account, and for the pace. */
const LONGEST_WAIT_MS = 10 * 60_000;

/** The user's own name of a message; empty when there is none. */
export function readSendKey(item: Parameters): string {
	return String(item.collection('options').sendKey ?? '').trim();
}

/**
 * Sends one message. It is recorded like a mailing of one row: under the user's Send Key, or under the name of this run and
 * item, so that n8n's Retry On Fail finds what the first try sent.
 */
export async function sendOne(
	{ letter, sendKey }: { readonly letter: Letter; readonly sendKey: string },
	tools: OperationTools,
	itemIndex: number,
): Promise<Output[]> {
	const mailing =
		sendKey === '' ? singleMessageName(`${tools.runKey}:${itemIndex}`) : keyedMessageName(sendKey);
	// Whoever gets it: a Send Key that was used says of nobody else that it was sent to them.
	const row: Row = { ...singleMessageRow([...letter.to, ...letter.cc]), attempt: 1 };
	const known = async () =>
		sendKey === '' ? { row, receipts: [] } : await knownOf(mailing, row, tools);
	const { row: same } = await known();
	// Asked anew when the account is this run's alone: another may have used the key meanwhile.
	const receipts = async () => {
		const now = await known();
		if (now.row.recipient === same.recipient && now.row.rowKey === same.rowKey) return now.receipts;
		throw new UserError(
			'Another run used this Send Key just now; this one sent nothing',
			'Run it again to see what became of the message.',
		);
	};
	const sending = sendLetters(
		{
			mailing,
			rows: [{ itemIndex, row: same, letter }],
			receipts,
			rules: { maxDurationMs: LONGEST_WAIT_MS },
			waitsForFirst: false,
		},
		tools,
	);
	const outputs: Output[] = [];
	for await (const { outcome, binary } of sending) {
		const { mailing: _, rowKey: __, ...json } = outcome;
		const { to, cc, addressSource } = letter;
		outputs.push({
			itemIndex,
			json: {
				...json,
				recipients: [...to, ...cc],
				...(sendKey === '' ? {} : { sendKey }),
				...(addressSource ? { addressSource } : {}),
			},
			...(binary ? { binary } : {}),
		});
	}
	return outputs;
}

/**
 * What earlier runs did under a Send Key. A run's own name is new, and has no receipts from before it began.
 * @throws UserError when the key stands for a message to others: sending would write to somebody twice
 */
async function knownOf(
	mailing: string,
	row: Row,
	tools: OperationTools,
): Promise<{ readonly row: Row; readonly receipts: readonly ReceiptEvidence[] }> {
	const records = await tools.account.records();
	const receipts = await receiptsNow(mailing, tools);
	const recipients = recipientsIn(row);
	let same = row;
	for (const record of await records.readMailing(mailing)) {
		const { verdict } = readSubmission(record);
		const notSent =
			(verdict === 'rejected' || verdict === 'deferred') &&
			receipts.every(({ originalMessageId }) => originalMessageId !== record.messageId);
		if (recipientsIn(record.row) === recipients) same = { ...record.row, attempt: row.attempt };
		else if (!notSent) {
			throw new UserError(
				'This Send Key was used for a message to other recipients; nothing was sent',
				'Use another Send Key: each stands for one message for good.',
			);
		}
	}
	return { row: same, receipts };
}

/** Whoever they are, in whatever order they were written. */
function recipientsIn(row: Row): string {
	return recipientsOfSingleMessage(row).sort().join(' ');
}
