import { deadlinesOf } from './deadlines';
import {
	attemptThatCounts,
	isHistory,
	type Attempt,
	type RowHistory,
	type Standing,
} from './rowHistory';
import { readSubmission } from './submission';
import type { FailureReason } from './types';

/** Failures that a person may want sent again: those a receipt tells, and those the mail server refused. */
export type RetryReason = FailureReason | 'rejected';

/**
 * send: what was not sent yet. retryFailed: a further attempt of what ended without delivery for one of these reasons.
 * resendUnclear: what may or may not have been sent, only shown, or sent in a further attempt.
 */
export type PlanMode =
	| { readonly kind: 'send' }
	| { readonly kind: 'retryFailed'; readonly reasons: ReadonlySet<RetryReason> }
	| { readonly kind: 'resendUnclear'; readonly rows: 'show' | 'send' };

/**
 * Why a row is sent or not: the rows of the table in docs/ARCHITECTURE.md, Records, and of the further attempts: retried
 * and resent are sent again; notSent was never sent; notChosen ended for a reason that was not chosen, notUnclear in any
 * way; tooEarly is in doubt, but a receipt may still settle it.
 */
export type PlanReason =
	| 'new'
	| 'deferred'
	| 'receiptFound'
	| 'submitted'
	| 'rejected'
	| 'inDoubt'
	| 'retried'
	| 'resent'
	| 'notSent'
	| 'notChosen'
	| 'notUnclear'
	| 'tooEarly';

export interface Decision {
	readonly decision: 'send' | 'alreadySent' | 'skipped' | 'planned';
	readonly why: PlanReason;
	/** What is shown of the row; absent for one that nothing is known of. */
	readonly attempt?: Attempt;
	/** The number of the attempt to send; absent when nothing is sent. */
	readonly next?: number;
	/** Of what is too early, when it will not be. */
	readonly retryAt?: string;
}

/** What a run that sends nothing new says of the row. */
function asItStands(history: RowHistory): Decision {
	const attempt = attemptThatCounts(history);
	if (attempt.receipts.length > 0) {
		return { decision: 'alreadySent', why: 'receiptFound', attempt };
	}
	switch (readSubmission(attempt.record).verdict) {
		case 'submitted':
			return { decision: 'alreadySent', why: 'submitted', attempt };
		case 'rejected':
			return { decision: 'skipped', why: 'rejected', attempt };
		case 'unclear':
			return { decision: 'skipped', why: 'inDoubt', attempt };
		case 'deferred':
		case 'none':
			return { decision: 'skipped', why: 'notSent', attempt };
	}
}

/** An attempt that forbids a further one, the most certain first: the recipient has it, or may have it. */
function obstacleAmong(
	history: readonly Attempt[],
	standings: readonly Standing[],
): Attempt | undefined {
	for (const standing of standings) {
		const found = history.findLast((attempt) => attempt.standing === standing);
		if (found) return found;
	}
	return undefined;
}

function blockedBy(attempt: Attempt): Decision {
	if (attempt.standing === 'inDoubt') return { decision: 'skipped', why: 'inDoubt', attempt };
	const why = attempt.receipts.length > 0 ? 'receiptFound' : 'submitted';
	return { decision: 'alreadySent', why, attempt };
}

/** Also of a later attempt that was put off: an earlier one may have reached the recipient meanwhile. */
export function planSend(history: readonly Attempt[]): Decision {
	if (!isHistory(history)) return { decision: 'send', why: 'new', next: 1 };
	const obstacle = obstacleAmong(history, ['delivered', 'ended', 'open', 'inDoubt']);
	if (obstacle) return asItStandsOr(history, obstacle);
	const latest = history.at(-1) ?? history[0];
	if (latest.standing !== 'unsent') return asItStands(history);
	const { verdict } = readSubmission(latest.record);
	const why = verdict === 'deferred' ? 'deferred' : 'new';
	return { decision: 'send', why, attempt: latest, next: latest.row.attempt };
}

/** The attempt that counts is shown where it is not to be sent either way; else the one that stands in the way. */
function asItStandsOr(history: RowHistory, obstacle: Attempt): Decision {
	const shown = asItStands(history);
	return shown.why === 'notSent' ? blockedBy(obstacle) : shown;
}

/** The latest attempt that was handed over, and the number of the next: one that was put off is sent as itself. */
function handedOver(history: RowHistory): { latest: Attempt | undefined; next: number } {
	const last = history.at(-1) ?? history[0];
	const latest = history.findLast(({ standing }) => standing !== 'unsent');
	return { latest, next: last.standing === 'unsent' ? last.row.attempt : last.row.attempt + 1 };
}

function neverSent(history: readonly Attempt[]): Decision {
	const attempt = history.at(-1);
	return { decision: 'skipped', why: 'notSent', ...(attempt ? { attempt } : {}) };
}

export function planRetryFailed(
	history: readonly Attempt[],
	reasons: ReadonlySet<RetryReason>,
): Decision {
	if (!isHistory(history)) return neverSent(history);
	const obstacle = obstacleAmong(history, ['delivered', 'open', 'inDoubt', 'ended']);
	if (obstacle) return blockedBy(obstacle);
	const { latest: failed, next } = handedOver(history);
	if (!failed) return neverSent(history);
	const { state, error } = failed.outcome;
	// What carried a virus would carry it again.
	const chosen = state !== 'infected' && reasons.has((error?.reason ?? 'other') as RetryReason);
	return chosen
		? { decision: 'send', why: 'retried', attempt: failed, next }
		: { decision: 'skipped', why: 'notChosen', attempt: failed };
}

export function planResendUnclear(
	history: readonly Attempt[],
	rows: 'show' | 'send',
	now: Date,
): Decision {
	if (!isHistory(history)) return neverSent(history);
	const obstacle = obstacleAmong(history, ['delivered', 'open', 'ended']);
	if (obstacle) return blockedBy(obstacle);
	const { latest, next } = handedOver(history);
	if (!latest) return neverSent(history);
	// A failed attempt after one in doubt leaves the row in doubt: no other way leads out of it.
	const doubt = history.findLast(({ standing }) => standing === 'inDoubt');
	if (!doubt) return { decision: 'skipped', why: 'notUnclear', attempt: latest };
	if (rows === 'show') return { decision: 'planned', why: 'inDoubt', attempt: doubt };
	const settledAt = settledBySilenceAt(doubt);
	if (settledAt !== undefined && settledAt > now.getTime()) {
		const retryAt = new Date(settledAt).toISOString();
		return { decision: 'skipped', why: 'tooEarly', attempt: doubt, retryAt };
	}
	return { decision: 'send', why: 'resent', attempt: doubt, next };
}

/**
 * Until when an acceptance may still come. What a run left unclear is thereby not sent again by n8n's Retry On Fail, before
 * anybody looked at it.
 */
function settledBySilenceAt({ record }: Attempt): number | undefined {
	const begunAt = record?.intents.at(-1) ?? record?.results.at(-1)?.at;
	if (begunAt === undefined) return undefined;
	return deadlinesOf('inDoubt', { begunAt }).find(({ stage }) => stage === 'acceptance')?.at;
}
