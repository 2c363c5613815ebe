import type { Letter } from './letter';
import type { OperationTools } from '../../n8n/operations';
import type { SmtpSession } from '../../mail/types';
import type { ReceiptEvidence, RecipientOutcome, Row } from '../../pec/types';
import { MailingError } from '../../pec/errors';
import { UserError } from '../../n8n/errors';
import { composeLetter, keepSentCopy } from './letter';
import { planMailing, type PlanMode } from '../../pec/batch';
import { sendMailing } from '../../account/sending';

export interface LetterRow {
	readonly itemIndex: number;
	readonly row: Row;
	readonly letter: Letter;
}

export interface LettersToSend {
	readonly mailing: string;
	readonly rows: readonly LetterRow[];
	/** What is known of earlier sendings of these rows. */
	readonly receipts: readonly ReceiptEvidence[];
	/** Sends what was not sent yet unless given. */
	readonly mode?: PlanMode;
}

const PROGRESS_EVERY = 25;

/** Plans, then sends what the plan says; one outcome per row, in order. A single message is a mailing of one row. */
export async function* sendLetters(
	{ mailing, rows, receipts, mode }: LettersToSend,
	tools: OperationTools,
): AsyncGenerator<{ itemIndex: number; outcome: RecipientOutcome }> {
	const account = tools.account.settings.address;
	const records = await tools.account.records();
	const planned = planRows(rows, {
		account,
		mailing,
		rows: rows.map(({ row }) => row),
		records: await records.readMailing(mailing),
		receipts,
		now: tools.now(),
		...(mode ? { mode } : {}),
	});
	const toSend = planned.filter(({ decision }) => decision === 'send').length;
	let sentCopy: Buffer | undefined;
	let done = 0;
	if (rows.length > 1) tools.progress(`${toSend} of ${rows.length} messages to send`);
	const outcomes = sendMailing({
		records,
		// Nobody signs in to send nothing.
		smtp: toSend === 0 ? NOTHING_TO_SEND : await tools.account.smtp(),
		account,
		mailing,
		planned,
		build: async ({ messageId }, index) => {
			const { letter } = rows[index]!;
			const raw = await composeLetter(letter, messageId, tools);
			sentCopy = letter.sentCopy ? raw : undefined;
			return { raw, to: [...letter.to, ...letter.cc] };
		},
		now: tools.now,
		signal: tools.signal,
	});
	for await (const outcome of outcomes) {
		const itemIndex = itemOf(rows, done);
		done += 1;
		if (done % PROGRESS_EVERY === 0) tools.progress(`${done} of ${rows.length} rows done`);
		if (outcome.action === 'sent' && sentCopy) await keepSentCopy(sentCopy, tools);
		yield { itemIndex, outcome };
	}
}

const NOTHING_TO_SEND: SmtpSession = {
	submit: async () => {
		throw new Error('The plan has nothing to send');
	},
	close: async () => undefined,
};

function planRows(
	rows: readonly LetterRow[],
	request: Parameters<typeof planMailing>[0],
): ReturnType<typeof planMailing> {
	try {
		return planMailing(request);
	} catch (error) {
		throw inItems(error, rows);
	}
}

/** Rows are counted among the readable ones; a user counts items. */
function inItems(error: unknown, rows: readonly LetterRow[]): unknown {
	if (!(error instanceof MailingError)) return error;
	const repeated = error.rows
		.map((group) => group.map((index) => itemOf(rows, index)).join(' and '))
		.join('; ');
	return new UserError(
		`The same recipient with the same row key appears more than once (items ${repeated}); nothing was sent`,
		'Remove the repetition, or fill in Row Key so that each row has its own (a file or protocol number).',
	);
}

function itemOf(rows: readonly LetterRow[], index: number): number {
	return rows[index]?.itemIndex ?? 0;
}
