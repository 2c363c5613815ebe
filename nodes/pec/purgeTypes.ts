import type { PecHeaders } from './messageTypes';
import type { CopyRecord } from './sendingTypes';

/** The shapes of a clean-up (docs/OUTPUT.md). */

/** One message a clean-up looked at. */
export interface PurgeCandidate {
	readonly pecKey: string;
	readonly folder: string;
	readonly uid: number;
	readonly uidValidity: string;
	readonly size: number;
	readonly receivedAt: string;
	readonly flags: readonly string[];
	readonly headers: PecHeaders;
}

/**
 * What must be elsewhere before a message goes. checked: a copy that was read back. handedOver: a copy that the report of a
 * preservation service names. none: nothing, by the express wish of a person.
 */
export type CopyRequired = 'checked' | 'handedOver' | 'none';

/**
 * Why a message stays. sizeDiffers: the copy is of other bytes. threadIncomplete: more may come of its sending.
 * failureNotAcknowledged: bad news of its sending that nobody closed. unverified: its copy showed that the provider's seal
 * does not hold. runningMailing: another row of its mailing is not at its end. sdi: traffic of the invoice exchange.
 * protected: one of our own records.
 */
export type PurgeBlocker =
	| 'protected'
	| 'exceptedFolder'
	| 'unreadable'
	| 'notPec'
	| 'sdi'
	| 'noCopy'
	| 'sizeDiffers'
	| 'notHandedOver'
	| 'unverified'
	| 'threadIncomplete'
	| 'failureNotAcknowledged'
	| 'runningMailing'
	| 'tooRecent'
	| 'unread'
	| 'flagged';

export interface PurgeMessage {
	readonly pecKey: string;
	readonly folder: string;
	readonly uid: number;
	readonly uidValidity: string;
	readonly size: number;
	readonly receivedAt: string;
}

export interface PurgeVerdict {
	readonly message: PurgeMessage;
	readonly verdict: 'delete' | 'keep';
	readonly blockedBy: readonly PurgeBlocker[];
	readonly copy: 'none' | 'checked' | 'handedOver';
	readonly copyRecord?: CopyRecord;
	/** Message-ID of the sending that the message belongs to. */
	readonly sending?: string;
	/** Somebody had opened it. */
	readonly seen: boolean;
}

/** A person closed a sending that did not end well (`thread: acknowledge`). */
export interface Acknowledgement {
	/** Of the sending. */
	readonly messageId: string;
	/** Absent: all recipients. */
	readonly recipient?: string;
	/** In the person's words. */
	readonly note: string;
	readonly at: string;
	/** The notices that were known then, by pecKey: one that comes later is not closed. */
	readonly failures: readonly string[];
	/** What was still awaited is awaited no more. */
	readonly closesAwaited: boolean;
}
