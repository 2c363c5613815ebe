import type { WatchJournal } from '../account/watchJournal';

/**
 * How a run ended. `duplicate`: n8n knows a run of this key already and started none. `interrupted`: n8n could not start it,
 * or stopped it on its way out.
 */
export type RunEnd = 'succeeded' | 'failed' | 'duplicate' | 'interrupted';

/** An event ready to start a run. */
export interface Offering {
	/** What makes the event itself, wherever it lies (`pecKey`). */
	readonly key: string;
	/** Starts a run, and settles with its end. @param key by which n8n tells a run that was started before */
	readonly emit: (key: string) => Promise<RunEnd>;
	readonly onSucceeded?: () => void;
	/** Its runs failed as often as may be, or ended with n8n itself. */
	readonly onGivenUp: (tries: { failures: number; crashes: number }) => void;
	/** Its run goes on at a worker, and nobody sees its end. */
	readonly onHandedOver?: () => void;
}

/** Other processes that may take the same events through. */
export interface OtherOfferers {
	/** Whether there may be any now. */
	readonly mayBeThere: boolean;
	/** Whether they know of this process, and look what it recorded before they start a run. */
	readonly isKnown: boolean;
	/** Reads what they recorded. @throws MailError when the connection failed */
	look(): Promise<void>;
	/** The first record in which another process offered this event, by its UID. */
	offeredAt(tag: string): number | undefined;
}

export interface OffersOptions {
	readonly journal: Pick<WatchJournal, 'state' | 'note' | 'flush'> &
		Partial<Pick<WatchJournal, 'latestUid'>>;
	/** Absent where a run lives and dies with the process that started it. */
	readonly others?: OtherOfferers;
	/** Of the watch; begins the key of each run. */
	readonly tag: string;
	/** Called when something is to be recorded, or a place became free. */
	readonly onChange: () => void;
	readonly retryMs?: readonly number[];
}

/** What a person chooses. */
export interface OfferRules {
	/** Runs at the same time. */
	readonly limit: number;
	/** Failed runs of one event before it is given up; 1 offers nothing again. */
	readonly attempts: number;
	/** The next event waits until the one before is settled. */
	readonly strict: boolean;
	/** Events that wait for their next run; more of them hold up the following. */
	readonly waiting: number;
}
