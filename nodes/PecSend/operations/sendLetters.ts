import type { Letter, Outgoing } from './letter';
import type { OperationTools } from '../../n8n/operations';
import type { SmtpSession } from '../../mail/types';
import type { BinaryFile } from '../../n8n/parameters';
import type { ReceiptEvidence, RecipientOutcome, Row } from '../../pec/types';
import { MailingError } from '../../pec/errors';
import { UserError } from '../../n8n/errors';
import { keepSentCopy, outgoingOf } from './letter';
import { planMailing } from '../../pec/batch';
import { sendMailing } from '../../account/sending';
import { SharedAttachments } from './sharedAttachments';

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
}

export interface SentLetter {
	readonly itemIndex: number;
	readonly outcome: RecipientOutcome;
	/** The exact bytes, when the letter keeps them and they were, or may have been, handed over. */
	readonly binary?: { readonly data: BinaryFile };
}

const PROGRESS_EVERY = 25;

/** Plans, then sends what the plan says; one outcome per row, in order. A single message is a mailing of one row. */
export async function* sendLetters(
	{ mailing, rows, receipts }: LettersToSend,
	tools: OperationTools,
): AsyncGenerator<SentLetter> {
	const account = tools.account.settings.address;
	const records = await tools.account.records();
	const planned = planRows(rows, {
		account,
		mailing,
		rows: rows.map(({ row }) => row),
		records: await records.readMailing(mailing),
		receipts,
		now: tools.now(),
	});
	const toSend = planned.filter(({ decision }) => decision === 'send').length;
	const shared = new SharedAttachments();
	let last: { readonly index: number; readonly outgoing: Outgoing } | undefined;
	let done = 0;
	if (rows.length > 1) tools.progress(`${toSend} of ${rows.length} messages to send`);
	// Nobody signs in to send nothing.
	const smtp = toSend === 0 ? NOTHING_TO_SEND : await tools.account.smtp();
	const limits = smtp.sizeLimit === undefined ? {} : { size: smtp.sizeLimit };
	const outcomes = sendMailing({
		records,
		smtp,
		account,
		mailing,
		planned,
		build: async ({ messageId }, index) => {
			const { letter } = rows[index]!;
			const outgoing = await outgoingOf(letter, messageId, tools, shared.encoded, limits);
			last = { index, outgoing };
			return outgoing;
		},
		now: tools.now,
		signal: tools.signal,
	});
	for await (const outcome of outcomes) {
		const itemIndex = itemOf(rows, done);
		const outgoing = last?.index === done ? last.outgoing : undefined;
		done += 1;
		if (done % PROGRESS_EVERY === 0) tools.progress(`${done} of ${rows.length} rows done`);
		if (outcome.action === 'sent' && outgoing?.sentCopy) {
			await keepSentCopy(outgoing.sentCopy, tools);
		}
		const mayBeSent = outcome.state !== 'queued' && outcome.state !== 'rejected';
		const kept = mayBeSent ? outgoing?.kept : undefined;
		yield { itemIndex, outcome, ...(kept ? { binary: { data: kept } } : {}) };
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
