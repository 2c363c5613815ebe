import type { PlannedRow } from '../pec/batch';
import type { RecipientOutcome } from '../pec/types';

/** Why a run ends before its last message. */
export type StopReason =
	| 'maxMessages'
	| 'maxDuration'
	| 'outsideWindow'
	| 'dailyLimit'
	| 'tooMuch'
	| 'otherRun'
	| 'firstAcceptance'
	| 'fault';

export interface Stop {
	readonly reason: StopReason;
	/** From when on a new run goes on. */
	readonly retryAt: Date;
	/** In place of the usual words. */
	readonly message?: string;
}

const WORDS: Readonly<Record<StopReason, string>> = {
	maxMessages: 'Not sent yet: Max Messages was reached. The next run goes on here.',
	maxDuration: 'Not sent yet: Max Duration was reached. The next run goes on here.',
	outsideWindow: 'Not sent yet: outside of the sending hours. A run within them goes on here.',
	dailyLimit:
		"Not sent yet: the provider's limit of messages a day was reached. A run after that goes on here.",
	tooMuch: 'Not sent yet: the provider takes no more messages now. A later run goes on here.',
	otherRun: 'Not sent yet: another run is sending from this account. A run after it goes on here.',
	firstAcceptance:
		'Not sent yet: the acceptance receipt of the first message has not come, by which receipts are known to find their messages. A run after it goes on here.',
	fault: 'Not sent yet. A new run goes on here.',
};

/** A row that this run does not send any more, and the next one does. */
export function deferredOutcome(
	row: PlannedRow,
	{ reason, retryAt, message }: Stop,
): RecipientOutcome {
	return {
		...row.outcome,
		action: 'deferred',
		retryAt: retryAt.toISOString(),
		error: { reason, message: message ?? WORDS[reason], retry: 'later' },
	};
}
