import type { MailError } from '../mail/errors';
import type { ImapSession } from '../mail/types';
import type { PurgeCriteria } from '../pec/purge';
import type { PurgeBudget } from '../pec/purgeBudget';
import type { CopyRecord, PurgeMessage, Trust } from '../pec/types';
import type { Total } from './cleanUpBatches';
import type { DeletionRecord } from './cleanUpRecords';
import type { CopyStore } from './copyStore';
import type { DeletionStop, KeptBecause } from './deletion';
import type { Records } from './records';

export interface CleanUpOptions {
	readonly imap: ImapSession;
	readonly records: Records;
	readonly account: string;
	readonly criteria: PurgeCriteria;
	readonly budget: PurgeBudget & { readonly maxMs?: number };
	/** What only lacks a copy is copied there first. */
	readonly store?: CopyStore;
	readonly comparesBytes: boolean;
	readonly trust: Trust;
	readonly now: () => Date;
	readonly signal?: AbortSignal;
	readonly progress?: (message: string) => void;
}

/** As it happens. Of one message that stays although it was to go, why. */
export type CleanUpEvent =
	| { readonly kind: 'deleted'; readonly deletion: DeletionRecord }
	| { readonly kind: 'copied'; readonly copy: CopyRecord }
	| Kept;

export interface Kept {
	readonly kind: 'kept';
	readonly message: PurgeMessage;
	readonly because: KeptBecause | CopyProblem;
}

/** copyDiffers, copyMissing: of what the store gave back. copyRefused: the message could not be read, or the store refused it. */
export type CopyProblem = 'copyDiffers' | 'copyMissing' | 'copyRefused';

/** Why a run ended before its work did. */
export type CleanUpStop =
	| { readonly because: 'budget' | 'time' | 'copiesFail' }
	| DeletionStop
	| { readonly because: 'interrupted'; readonly error: MailError };

export interface CleanUpResult {
	readonly deleted: Total;
	readonly copied: Total;
	/** What may go as far as the plan knows, and was left for a later run. */
	readonly left: Total;
	/** What the plan keeps. */
	readonly kept: number;
	/** Of the space, where the server tells its limit. */
	readonly percentBefore?: number;
	readonly percentAfter?: number;
	readonly stopped?: CleanUpStop;
}
