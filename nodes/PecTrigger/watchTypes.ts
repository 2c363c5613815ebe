import type { Attendance } from '../account/watchAttendance';
import type { WatchJournal } from '../account/watchJournal';
import type { MailError } from '../mail/errors';
import type { ArrivedMessage, FolderInfo, ImapSession, OpenFolder } from '../mail/types';
import type { FolderEnds } from './folderEnds';
import type { Failures } from './headerScan';
import type { Mark } from './marks';
import type { Offering, Offers } from './offers';

/** What is read of a message, from best to least; after failures less is asked for, `scanned` asks for nothing more. */
export const HOW_TO_LOAD = ['whole', 'headersOnly', 'scanned'] as const;
export type HowToLoad = (typeof HOW_TO_LOAD)[number];

/** A message that would start a run; `load` reads it, `undefined` when it is gone or not wanted after all. */
export interface Candidate {
	readonly key: string;
	readonly load: (source: Source, how: HowToLoad) => Promise<Offering | undefined>;
}

/** Where a message lies. Others of the session's folders may be opened meanwhile. */
export interface Source {
	readonly imap: ImapSession;
	readonly folder: OpenFolder;
}

/** Events that are no arrivals: outcomes, delays. */
export interface TimedEvents {
	/** Those that are not settled; given out as places become free. May open other folders. */
	readonly due: (imap: ImapSession) => Promise<Iterable<Offering>>;
	/** When the next could come by itself. */
	readonly nextAt: () => Date | undefined;
	/** A folder that was refused at the last look: what it holds is not known. */
	readonly trouble: () => MailError | undefined;
}

export interface SessionOptions {
	readonly journal: WatchJournal;
	readonly offers: Offers;
	/** Other processes that watch the same; absent where there can be none. */
	readonly attendance?: Attendance | undefined;
	/** The folders to watch, or which they are of those that there are. The first is listened to, all are asked every `pollMs`. */
	readonly folders: readonly string[] | ((listed: readonly FolderInfo[]) => readonly string[]);
	/** Where a watch begins that has nothing to go on from: the end of every folder, or what arrived since a date. */
	readonly startAt: 'now' | Date;
	/** Where the folders ended when a person activated the trigger: where a new watch from now on begins. */
	readonly endsAtStart?: FolderEnds;
	/** The event that a message is, told from its header; `undefined` when it is none. Absent: arrivals only wake. */
	readonly candidate?: (message: ArrivedMessage) => Candidate | undefined;
	/** The event that a message is of which the server gives not even the header. */
	readonly unreadable?: (folder: OpenFolder, uid: number) => Candidate;
	readonly timed?: TimedEvents;
	readonly now: () => Date;
	/** 0 to 1; spreads what many triggers do. */
	readonly random: () => number;
	/** The connection has looked through every folder for the first time. */
	readonly onConnected: () => void;
	/** Something was looked at, or runs were started: the connection serves. */
	readonly onServing: () => void;
	/** Told each round: a folder that cannot be looked at while others can; `undefined` when all can. */
	readonly onRound: (trouble: MailError | undefined) => void;
	/** All places for runs are taken, and events wait; and that one became free. */
	readonly onFull?: (isFull: boolean) => void;
	readonly signal: AbortSignal;
	readonly pollMs?: number;
	/** Whether what started a run that succeeded is flagged as seen. */
	readonly marksAsRead?: boolean;
}

export interface Circumstances {
	/** When the listener was started. */
	readonly begun: Date;
	/** Whether the mailbox knew nothing of this watch at the first connection. */
	isNew: boolean | undefined;
	readonly failures: Failures;
	/** Places of messages that were read and are not wanted: filters that need the whole message. */
	readonly passed: Set<string>;
	/** Still to be flagged as seen. */
	readonly marks: Mark[];
}
