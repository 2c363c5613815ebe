import type { OverdueStage, RecipientState } from './types';

const MINUTE = 60_000;
/** An acceptance comes within seconds (RFC 6109 3.1.2 sets no limit): half an hour means something is wrong. */
const ACCEPTANCE_DUE = 30 * MINUTE;
/** RFC 6109 3.1.6. */
const FIRST_NOTICE_DUE = 12 * 60 * MINUTE;
const SECOND_NOTICE_DUE = 24 * 60 * MINUTE;

/** ISO 8601. */
export interface SendingTimes {
	/** When its submission was begun; alone, nobody knows what came of it. */
	readonly begunAt?: string;
	readonly submittedAt?: string;
	readonly acceptedAt?: string;
}

export interface Deadline {
	readonly stage: OverdueStage;
	/** Milliseconds of the epoch. */
	readonly at: number;
}

/** When silence becomes news while a recipient stays in this state, earliest first; none where nothing is awaited. */
export function deadlinesOf(state: RecipientState, times: SendingTimes): Deadline[] {
	const since = Date.parse(times.acceptedAt ?? times.submittedAt ?? times.begunAt ?? '');
	if (Number.isNaN(since)) return [];
	switch (state) {
		case 'submitted':
		case 'inDoubt':
			return [{ stage: 'acceptance', at: since + ACCEPTANCE_DUE }];
		case 'accepted':
		case 'delayed':
			return [
				{ stage: 'delivery12h', at: since + FIRST_NOTICE_DUE },
				{ stage: 'delivery24h', at: since + SECOND_NOTICE_DUE },
			];
		default:
			return [];
	}
}
