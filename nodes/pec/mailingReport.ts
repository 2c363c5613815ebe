import { countsOf, groupedBy } from './groups';
import type { RowOutcome } from './mailingOutcomes';
import type { Attempt } from './rowHistory';
import type { RecipientOutcome, RecipientState } from './types';

/** An answer of a recipient to one of the mailing's messages. */
export interface ReportReply {
	/** Of the sending that it answers. */
	readonly messageId: string;
	/** ISO 8601. */
	readonly at?: string;
	readonly from?: string;
	readonly subject?: string;
}

/** One recipient in the report. Times are ISO 8601 in UTC. */
export interface ReportRow {
	readonly recipient: string;
	readonly rowKey: string;
	readonly attempts: number;
	readonly state: RecipientState;
	readonly final: boolean;
	readonly verified: boolean;
	/** With any receipt in the mailbox or in a checked copy: without, nothing but the record of the sending speaks. */
	readonly proved: boolean;
	readonly submittedAt?: string;
	readonly acceptedAt?: string;
	readonly deliveredAt?: string;
	readonly reason?: string;
	readonly message?: string;
	readonly providerIds: readonly string[];
	readonly messageId: string;
	/** What is to be known of the row beside its state. */
	readonly findings: readonly ReportFinding[];
	readonly replies: readonly ReportReply[];
}

/**
 * contradictory: a receipt proves nothing, because it contradicts itself or its signature. unverified: the receipt that tells
 * the state was not checked. earlierOpen: an earlier attempt is not ended. overdue: no receipt came in time.
 */
export type ReportFinding = 'contradictory' | 'unverified' | 'earlierOpen' | 'overdue';

export interface MailingReport {
	readonly mailing: string;
	readonly account: string;
	/** ISO 8601. */
	readonly generatedAt: string;
	readonly rows: readonly ReportRow[];
	/** Only states that occur. */
	readonly counts: Readonly<Partial<Record<RecipientState, number>>>;
	readonly troubles: readonly ReportTrouble[];
}

/** What could not be read, so that the report may lack something. */
export type ReportTrouble = 'recordsUnreadable' | 'folderRefused';

const ORDER: readonly RecipientState[] = [
	'delivered',
	'accepted',
	'submitted',
	'delayed',
	'queued',
	'inDoubt',
	'notDelivered',
	'notAccepted',
	'infected',
	'rejected',
	'notCertified',
];

/** All that the report says, as data. Rows in the order in which they were first sent. */
export function reportOf(args: {
	readonly mailing: string;
	readonly account: string;
	readonly rows: readonly RowOutcome[];
	readonly replies: readonly ReportReply[];
	readonly troubles: readonly ReportTrouble[];
	readonly now: Date;
}): MailingReport {
	const { mailing, account, troubles, now } = args;
	const replies = groupedBy(args.replies, ({ messageId }) => messageId);
	const rows = args.rows.flatMap(({ attempts, outcomes }) =>
		outcomes.map((outcome) => reportRow(outcome, attempts, replies)),
	);
	const counted = countsOf(rows.map(({ state }) => state));
	const counts = Object.fromEntries(
		ORDER.flatMap((state) => (counted.has(state) ? [[state, counted.get(state)]] : [])),
	) as MailingReport['counts'];
	return { mailing, account, generatedAt: now.toISOString(), rows, counts, troubles };
}

function reportRow(
	outcome: RecipientOutcome,
	attempts: readonly Attempt[],
	replies: ReadonlyMap<string, readonly ReportReply[]>,
): ReportRow {
	const { recipient, state, final, verified, messageId, error, receipts } = outcome;
	const { submittedAt, acceptedAt, deliveredAt } = outcome;
	const providerIds = receipts.flatMap(({ providerId }) => providerId ?? []);
	return {
		recipient,
		rowKey: outcome.rowKey ?? '',
		attempts: attempts.length,
		state,
		final,
		verified,
		proved: receipts.length > 0,
		...(submittedAt === undefined ? {} : { submittedAt }),
		...(acceptedAt === undefined ? {} : { acceptedAt }),
		...(deliveredAt === undefined ? {} : { deliveredAt }),
		...(error === undefined ? {} : { reason: error.reason, message: error.message }),
		providerIds: [...new Set(providerIds)],
		messageId,
		findings: findingsOf(outcome, attempts),
		replies: attempts.flatMap((attempt) => replies.get(attempt.messageId) ?? []),
	};
}

function findingsOf(outcome: RecipientOutcome, attempts: readonly Attempt[]): ReportFinding[] {
	const findings: ReportFinding[] = [];
	if (attempts.some(({ receipts }) => receipts.some(({ consistent }) => !consistent))) {
		findings.push('contradictory');
	}
	if (outcome.receipts.length > 0 && !outcome.verified) findings.push('unverified');
	const isOpen = ({ standing, messageId }: Attempt): boolean =>
		messageId !== outcome.messageId && (standing === 'open' || standing === 'inDoubt');
	if (attempts.some(isOpen)) findings.push('earlierOpen');
	if (outcome.overdue) findings.push('overdue');
	return findings;
}
