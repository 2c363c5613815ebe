import type { SmtpSession } from '../mail/types';
import { cancelled } from '../mail/connectionError';
import { MailError } from '../mail/errors';
import type { PlannedRow } from '../pec/batch';
import { outcomeOf } from '../pec/outcome';
import type { RecipientOutcome, RowAction, RowRecord, Submission } from '../pec/types';
import type { Records, Result } from './records';

/** One message ready to be submitted. */
export interface BuiltMessage {
	/** CRLF. */
	readonly raw: Buffer;
	readonly to: readonly string[];
}

export interface SendingOptions {
	readonly smtp: SmtpSession;
	readonly records: Records;
	/** The PEC address it is sent from. */
	readonly account: string;
	readonly mailing: string;
	/** What `planMailing` said; only rows to send are sent. */
	readonly planned: readonly PlannedRow[];
	/** Makes a row's message; `index` counts the planned rows from 0. */
	readonly build: (row: PlannedRow, index: number) => Promise<BuiltMessage>;
	readonly now: () => Date;
	/** Ends the run before the next message, never within one. */
	readonly signal?: AbortSignal;
}

/** Servers that put a message off expect it back after some minutes (RFC 5321 4.5.4.1: 30 minutes for mail servers). */
const RETRY_AFTER_MS = 15 * 60_000;

/**
 * Sends the rows that a plan says are to be sent, one after the other, and yields what became of each row, in the order
 * of the plan. Before a message is handed to SMTP its intent is on the server; its result follows with the next intent,
 * and the last one when the run ends, however it ends (also when the caller stops iterating).
 *
 * `action` is `sent` for a message that was taken over, `deferred` for one that a new run sends again, and `skipped` for
 * one that neither this run sent nor a new run will (refused, unclear, or not to be composed).
 * @throws MailError when signing in fails, when a record cannot be kept (nothing is sent without one), and `cancelled`
 */
export async function* sendMailing(
	options: SendingOptions,
): AsyncGenerator<RecipientOutcome, void, undefined> {
	const { records, smtp, account, mailing, planned, build, now, signal } = options;
	let pending: Result | undefined;
	let completed = false;

	async function record(row: PlannedRow, at: string): Promise<void> {
		const intents = [{ row: row.row, messageId: row.messageId, at }];
		try {
			await records.writeSubmissions(mailing, { intents, results: pending ? [pending] : [] });
		} catch (error) {
			throw notRecorded(error);
		}
		pending = undefined;
	}

	/** Another fault under way is the one to be told; without this result the row shows as unclear, which is safe. */
	async function recordLast(): Promise<void> {
		if (!pending) return;
		try {
			await records.writeSubmissions(mailing, { intents: [], results: [pending] });
		} catch (error) {
			if (completed) throw lastNotRecorded(error);
		}
	}

	async function submit(row: PlannedRow, message: BuiltMessage): Promise<Submission> {
		const keep = (submission: Submission) => {
			pending = { row: row.row, messageId: row.messageId, submission };
			return submission;
		};
		const draft = { raw: message.raw, from: account, to: message.to };
		const answer = await smtp.submit(draft).catch((error: unknown) => {
			// Only signing in throws, and that comes before MAIL FROM: this message was not handed over.
			keep({ verdict: 'deferred', at: now().toISOString() });
			throw error;
		});
		return keep({ ...answer, at: now().toISOString() });
	}

	try {
		for (const [index, row] of planned.entries()) {
			if (row.decision !== 'send') {
				yield { ...row.outcome, action: row.decision };
				continue;
			}
			if (signal?.aborted) throw cancelled();
			const built = await buildOrExplain(row, index, build);
			if ('problem' in built) {
				yield notComposed(row, built.problem);
				continue;
			}
			const at = now().toISOString();
			await record(row, at);
			const submission = await submit(row, built);
			yield outcomeOfSubmission(row, { mailing, at, submission, now: now() });
		}
		completed = true;
	} finally {
		await recordLast();
	}
}

async function buildOrExplain(
	row: PlannedRow,
	index: number,
	build: SendingOptions['build'],
): Promise<BuiltMessage | { readonly problem: string }> {
	try {
		return await build(row, index);
	} catch (error) {
		return { problem: error instanceof Error ? error.message : 'The message cannot be composed' };
	}
}

function notComposed(row: PlannedRow, message: string): RecipientOutcome {
	return {
		...row.outcome,
		action: 'skipped',
		error: { reason: 'notComposed', message, retry: 'never' },
	};
}

function outcomeOfSubmission(
	row: PlannedRow,
	told: { mailing: string; at: string; submission: Submission; now: Date },
): RecipientOutcome {
	const { mailing, at, submission, now } = told;
	const record: RowRecord = {
		row: row.row,
		messageId: row.messageId,
		intents: [at],
		results: [submission],
	};
	const { row: of, messageId } = row;
	const outcome = outcomeOf({ row: of, mailing, messageId, record, receipts: [], now });
	const action = ACTIONS[submission.verdict];
	if (action !== 'deferred') return { ...outcome, action };
	const retryAt = new Date(Date.parse(submission.at) + RETRY_AFTER_MS).toISOString();
	return { ...outcome, action, retryAt };
}

const ACTIONS: Readonly<Record<Submission['verdict'], RowAction>> = {
	submitted: 'sent',
	deferred: 'deferred',
	rejected: 'skipped',
	unclear: 'skipped',
};

function notRecorded(error: unknown): unknown {
	return retold(
		error,
		'The next message was not sent, because its record cannot be kept in the mailbox',
	);
}

function lastNotRecorded(error: unknown): unknown {
	return retold(
		error,
		'All messages were handed over, but the result of the last one cannot be kept in the mailbox: until its receipt arrives it shows as unclear',
	);
}

/** The same fault, told as what it means here. */
function retold(error: unknown, meaning: string): unknown {
	if (!(error instanceof MailError)) return error;
	const { code, message, whatToDo, retry } = error;
	return new MailError(code, `${meaning}. ${message}`, { whatToDo, retry, cause: error });
}
