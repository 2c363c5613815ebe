import type { OverdueStage, RecipientOutcome, RecipientState } from './types';

/** The recipient as PEC Send puts it out, with what an earlier event told wrongly. */
export interface ToldOutcome extends RecipientOutcome {
	/** The final state that was told before: stronger evidence came after it. */
	readonly corrects?: RecipientState;
}

/** What happened to one recipient of a sending; its key is the same whoever finds it, and whenever. */
export interface SendingEvent {
	readonly key: string;
	readonly type: SendingEventType;
	readonly outcome: ToldOutcome;
}

export type SendingEventType = 'sendingOutcome' | 'overdue';

/**
 * Strongest first (pec-format "Precedence of what is known of a recipient"). Knowledge only grows; where it seems to
 * shrink, somebody removed a receipt.
 */
const STRENGTH: readonly RecipientState[] = [
	'delivered',
	'notDelivered',
	'infected',
	'notAccepted',
	'notCertified',
	'delayed',
	'accepted',
	'submitted',
	'rejected',
	'inDoubt',
	'queued',
];

const FINAL = ['delivered', 'notDelivered', 'infected', 'notAccepted', 'notCertified', 'rejected'];

type Recipient = Pick<RecipientOutcome, 'messageId' | 'recipient'>;

export function outcomeKey({ messageId, recipient }: Recipient, state: RecipientState): string {
	return `outcome:${messageId}:${recipient}:${state}`;
}

export function overdueKey({ messageId, recipient }: Recipient, stage: OverdueStage): string {
	return `overdue:${messageId}:${recipient}:${stage}`;
}

/**
 * The event that a recipient's outcome is, unless it was told. A final state is told once. One that takes the place of
 * another that was told is an event of its own, for a changed legal state must not stay unsaid: the key therefore ends with
 * the state, and `corrects` names the one it replaces. Evidence that went away makes no event: neither a weaker
 * final state, nor an overdue one, after a stronger one was told.
 * @param settled whether the event of this key needs no telling any more
 */
export function eventOf(
	outcome: RecipientOutcome,
	settled: (key: string) => boolean,
): SendingEvent | undefined {
	const told = STRENGTH.find(
		(state) => FINAL.includes(state) && settled(outcomeKey(outcome, state)),
	);
	if (told && STRENGTH.indexOf(told) <= STRENGTH.indexOf(outcome.state)) return undefined;
	if (outcome.final) {
		return {
			key: outcomeKey(outcome, outcome.state),
			type: 'sendingOutcome',
			outcome: told ? { ...outcome, corrects: told } : outcome,
		};
	}
	if (!outcome.overdue) return undefined;
	const key = overdueKey(outcome, outcome.overdue);
	return settled(key) ? undefined : { key, type: 'overdue', outcome };
}
