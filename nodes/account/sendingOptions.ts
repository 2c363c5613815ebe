import type { SmtpSession } from '../mail/types';
import type { PlannedRow } from '../pec/batch';
import type { RecipientOutcome } from '../pec/types';
import type { Clock } from './clock';
import type { BuiltMessage } from './handOver';
import type { PaceLimits } from './pace';
import type { Records } from './records';
import type { SendingWindow } from './sendingWindow';

/** What became of a row; `index` counts the planned rows from 0. */
export interface RowOutcome {
	readonly index: number;
	readonly outcome: RecipientOutcome;
}

export interface SendingOptions {
	/** The PEC address it is sent from. */
	readonly account: string;
	readonly mailing: string;
	/** On the connection as it is now: one that was lost is replaced. */
	readonly records: () => Promise<Records>;
	/** Asked for when there is something to send. */
	readonly smtp: () => Promise<SmtpSession>;
	/** Reads what is known and plans: asked when the account is this run's alone, and anew after others had it. */
	readonly plan: () => Promise<readonly PlannedRow[]>;
	/** Makes a row's message. */
	readonly build: (row: PlannedRow, index: number) => Promise<BuiltMessage>;
	/** Whether receipts are known to name our messages; without one, nobody asks. */
	readonly canary?: () => Promise<boolean>;
	readonly pace: PaceLimits;
	readonly maxMessages?: number;
	readonly maxDurationMs: number;
	readonly window?: SendingWindow;
	readonly clock: Clock;
	/** 20 hexadecimal digits that nobody has used yet. */
	readonly nonce: () => string;
	/** Ends the run before the next messages, never within one. */
	readonly signal?: AbortSignal;
	/** Another run is sending; this one waits. */
	readonly onInLine?: () => void;
	/** What was sent stays sent, but its result could not be kept. */
	readonly onUnrecorded?: (error: unknown) => void;
}
