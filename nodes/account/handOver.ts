import type { SmtpSession, SubmissionAnswer } from '../mail/types';
import { presentFields } from '../pec/presentFields';
import type { PlannedRow } from '../pec/batch';
import type { Submission } from '../pec/types';
import type { Clock } from './clock';
import type { SendingLease } from './lease';
import type { Intent, Result } from './records';

/** How soon a renewal that failed is tried again: a server that is away is not to be overrun. */
const TRY_AGAIN_MS = 5_000;

/** One message ready to be submitted. */
export interface BuiltMessage {
	/** CRLF. */
	readonly raw: Buffer;
	readonly to: readonly string[];
	/** Recorded with its intent. */
	readonly about?: Intent['about'];
}

export interface BuiltRow extends BuiltMessage {
	/** Among the planned rows, from 0. */
	readonly index: number;
	readonly row: PlannedRow;
}

export interface HandedRow {
	readonly built: BuiltRow;
	/** With a fault also where there was no SMTP session for it. */
	readonly answer: Omit<SubmissionAnswer, 'fault'> & { readonly fault?: unknown };
	/** When the answer was there. */
	readonly at: string;
}

/** Hands messages to SMTP, as many at a time as the session has connections, and no dot without the lease. Never throws. */
export async function handOver(
	rows: readonly BuiltRow[],
	options: {
		readonly account: string;
		readonly smtp: SmtpSession;
		readonly lease: SendingLease;
		readonly clock: Clock;
	},
): Promise<HandedRow[]> {
	const { account, smtp, lease, clock } = options;
	const mayFinish = () => lease.mayFinish;
	const handing = rows.map(async (built): Promise<HandedRow> => {
		const draft = { raw: built.raw, from: account, to: built.to };
		const answer = await smtp
			.submit(draft, mayFinish)
			// Only signing in throws, and that comes before MAIL FROM.
			.catch((fault: unknown) => ({ verdict: 'deferred' as const, fault }));
		return { built, answer, at: clock.now().toISOString() };
	});
	return await keepingLease(Promise.all(handing), lease, clock);
}

/** The lease is renewed while messages are on their way; when that fails no dot is written any more. */
async function keepingLease<T>(work: Promise<T>, lease: SendingLease, clock: Clock): Promise<T> {
	const done = new AbortController();
	const { signal } = done;
	const ended = work.finally(() => done.abort('done'));
	let pauseMs = 1;
	while (!signal.aborted) {
		await clock.sleep(Math.max(pauseMs, lease.dueInMs), signal);
		if (signal.aborted) break;
		pauseMs = await lease.keep().then(
			() => 1,
			() => TRY_AGAIN_MS,
		);
	}
	return await ended;
}

/** As it is recorded. */
export function resultOf({ built: { row }, answer, at }: HandedRow): Result {
	return { row: row.row, messageId: row.messageId, submission: submissionOf(answer, at) };
}

export function submissionOf(answer: HandedRow['answer'], at: string): Submission {
	const { verdict, smtp, message, refused } = answer;
	return presentFields({ verdict, at, smtp, message: message || undefined, refused });
}
