import type { MailError } from './errors';

/** Where a server listens. `secure: false` means STARTTLS, which is then mandatory: nothing is ever sent in clear. */
export interface ServerAddress {
	readonly host: string;
	readonly port: number;
	readonly secure: boolean;
}

export interface AccountSettings {
	/** The PEC address; also the From of everything sent. */
	readonly address: string;
	readonly user: string;
	readonly password: string;
	readonly imap: ServerAddress;
	readonly smtp: ServerAddress;
	/** PEM of CAs trusted for the connection only, beside the system's. Never trusted for signatures. */
	readonly tlsCa?: string;
}

/** What reading takes: of an ordinary mailbox nothing is sent. */
export interface ImapSettings extends Omit<AccountSettings, 'smtp'> {
	readonly smtp?: ServerAddress;
	/** Signs in by SASL XOAUTH2 or OAUTHBEARER (RFC 7628), in place of the password. */
	readonly accessToken?: string;
}

export type MailErrorCode =
	| 'hostUnknown'
	| 'hostUnreachable'
	| 'timeout'
	| 'tlsUntrusted'
	| 'tlsExpired'
	| 'tlsNameMismatch'
	| 'tlsUnavailable'
	| 'authRefused'
	| 'folderMissing'
	| 'folderChanged'
	| 'messageMissing'
	| 'overQuota'
	| 'notSupported'
	| 'tooManyConnections'
	| 'refused'
	| 'connectionLost'
	| 'cancelled';

export interface FolderInfo {
	readonly path: string;
	/** RFC 6154, e.g. \\Sent, \\Trash; absent when the server names none. */
	readonly specialUse?: string;
	readonly selectable: boolean;
	/** What stands between the levels of its path; absent where there are no levels. */
	readonly delimiter?: string;
}

export interface FolderSize {
	readonly path: string;
	readonly messages: number;
	/** Bytes. */
	readonly size: number;
	/** What it shows lies in other folders too (RFC 6154 \\All, \\Flagged): it takes no space of its own. */
	readonly shownAgain?: true;
}

export interface FolderSizes {
	/** `sum`: RFC822.SIZE was added up, of some folder at least. */
	readonly source: 'status' | 'sum';
	readonly folders: readonly FolderSize[];
	/** Paths of folders that the server lists and lets nobody look into. */
	readonly closed: readonly string[];
}

/** Of several limits the one that is reached first. */
export interface Quota {
	/** Bytes. */
	readonly used: number;
	readonly limit: number;
}

/** All given criteria must hold. Dates compare with INTERNALDATE by day. */
export interface SearchCriteria {
	readonly uid?: string;
	readonly since?: Date;
	readonly before?: Date;
	readonly from?: string;
	readonly to?: string;
	readonly subject?: string;
	/** Header name to a part of its value. */
	readonly header?: Readonly<Record<string, string>>;
	readonly larger?: number;
	readonly smaller?: number;
	readonly seen?: boolean;
	readonly flagged?: boolean;
}

/** What a scan reads of a message without its body. */
export interface ScannedMessage {
	readonly uid: number;
	/** RFC822.SIZE, bytes. */
	readonly size: number;
	readonly flags: readonly string[];
	/** INTERNALDATE. */
	readonly receivedAt: Date;
	/** BODY[HEADER] as the server sent it. */
	readonly headers: Buffer;
}

export interface FetchedMessage extends ScannedMessage {
	/** BODY[] as the server sent it. */
	readonly raw: Buffer;
}

/** Of a small one all of it. */
export type ArrivedMessage = ScannedMessage & Partial<Pick<FetchedMessage, 'raw'>>;

/** A folder as the server counts it now. */
export interface FolderState {
	readonly uidNext: number;
	readonly uidValidity: string;
	readonly messages: number;
}

/** What became of a request to flag, or to take flags away; UIDs ascending. */
export interface Flagging {
	readonly flagged: readonly number[];
	/** Not there any more. */
	readonly missing: readonly number[];
}

export interface Appended {
	/** Absent without UIDPLUS. */
	readonly uid?: number;
	readonly uidValidity?: string;
}

export interface Deletion {
	readonly deleted: readonly number[];
	/** Asked for, and still there afterwards. */
	readonly remaining: readonly number[];
}

/**
 * One selected folder. UIDs only, never sequence numbers. Every method throws MailError; `folderChanged` when the
 * session meanwhile selected another folder or UIDVALIDITY moved.
 */
export interface OpenFolder {
	readonly path: string;
	readonly uidValidity: string;
	readonly uidNext: number;
	readonly messages: number;
	/** False once the session opened another folder: then every method throws `folderChanged`. */
	isSelected(): boolean;
	/** UIDs, ascending. */
	search(criteria: SearchCriteria): Promise<number[]>;
	/** In ascending UID order, fetched in windows; missing UIDs are left out. */
	scan(uids: readonly number[]): Promise<ScannedMessage[]>;
	/**
	 * The messages whose UIDs follow this one without a gap, when they are as many as the last news of `waitForNews` told of;
	 * one request for all that has to be known of a small message. `undefined` when it takes a search to tell.
	 */
	arrivals(after: number): Promise<ArrivedMessage[] | undefined>;
	/** RFC822.SIZE, bytes, of those that are there. */
	sizes(uids: readonly number[]): Promise<Map<number, number>>;
	/** `undefined` when there is no such UID any more. */
	fetch(uid: number): Promise<FetchedMessage | undefined>;
	/** The same of several at once, ascending; missing ones are left out. All are in memory together: the caller bounds them. */
	fetchMany(uids: readonly number[]): Promise<FetchedMessage[]>;
	/**
	 * The bytes of one large message in pieces, of which two are in memory at most. Another folder may be opened only when
	 * all were read. Throws `refused` when the message is gone, or has not the size that it was listed with.
	 */
	fetchPieces(message: Pick<ScannedMessage, 'uid' | 'size'>): AsyncIterable<Buffer>;
	/** The decoded first part of that file name (case-insensitive) of each message, without reading the rest. */
	fetchNamedParts(uids: readonly number[], fileName: string): Promise<Map<number, Buffer>>;
	/**
	 * Removes by UID EXPUNGE and looks afterwards whether they are gone. Throws `notSupported` without UIDPLUS: a plain
	 * EXPUNGE would also remove what somebody else marked.
	 */
	remove(uids: readonly number[]): Promise<Deletion>;
	/**
	 * Adds flags to those they have, and looks afterwards. Throws `refused` in a folder that is open for reading only, and
	 * when one that is there did not take them all; others may have taken them then, and asking again does no harm.
	 */
	addFlags(uids: readonly number[], flags: readonly string[]): Promise<Flagging>;
	/** Takes flags from those that have them, and looks afterwards, as `addFlags`. */
	removeFlags(uids: readonly number[], flags: readonly string[]): Promise<Flagging>;
	/** Asks for a copy in another folder of the mailbox. Whether it is there is to be looked at: servers say OK and do nothing. */
	copyTo(uid: number, path: string): Promise<void>;
	/** Asks for it to be moved, in one step. Throws `notSupported` without MOVE. What became of it is to be looked at. */
	moveTo(uid: number, path: string): Promise<void>;
	/**
	 * Resolves on news of this folder (IDLE, or a poll each `pollMs`), or `quiet` after `maxMs` or when the session is
	 * `wanted`. Rejects when the connection is lost.
	 */
	waitForNews(options: {
		maxMs: number;
		pollMs: number;
		signal?: AbortSignal;
	}): Promise<'news' | 'quiet'>;
	/** Makes `waitForNews` answer at once, or the next time it is called. */
	wake(): void;
	/** UIDNEXT and the number of messages as the server sees them now, and as a search will. */
	refresh(): Promise<FolderState>;
}

export interface ImapSession {
	/** Upper-case capability names. */
	readonly capabilities: ReadonlySet<string>;
	/**
	 * Aborted when others wait for a connection to this account: a session opened with `yields` is then closed as soon as
	 * its work allows, and opened again, behind them. Never aborted without `yields`.
	 */
	readonly wanted: AbortSignal;
	listFolders(): Promise<FolderInfo[]>;
	/**
	 * The state of many folders without opening them: one LIST where the server can (RFC 5819), else a STATUS each. A
	 * folder that is gone, or refused, is left out. Of the open one too it tells what has arrived, as `refresh` does.
	 */
	folderStates(paths: readonly string[]): Promise<Map<string, FolderState>>;
	/**
	 * The state of the folders that `choose` names of all that there are, in its order: one LIST where the server can
	 * (RFC 5819), else a LIST and a STATUS each. `undefined` for a folder that is gone, or refused. The open one may have
	 * more than is told here: then its news come as events.
	 */
	listStates(
		choose: (listed: readonly FolderInfo[]) => readonly string[],
	): Promise<Map<string, FolderState | undefined>>;
	/** Creates and subscribes it when it is missing. */
	ensureFolder(path: string): Promise<void>;
	open(path: string, options: { readOnly: boolean }): Promise<OpenFolder>;
	/** Without `at`, INTERNALDATE is the server's own time, cut to the second: no date is sent (RFC 3501 6.3.11). */
	append(
		path: string,
		raw: Buffer,
		options?: { flags?: readonly string[]; at?: Date },
	): Promise<Appended>;
	/** `undefined` where the server has no QUOTA. */
	quota(): Promise<Quota | undefined>;
	/** STATUS=SIZE (RFC 8438) where offered, else a sum over RFC822.SIZE. */
	folderSizes(): Promise<FolderSizes>;
	/** Settled when the connection is gone, whoever ended it. */
	readonly closed: Promise<void>;
	close(): Promise<void>;
}

export interface MailDraft {
	/** Exactly the bytes to submit, CRLF. */
	readonly raw: Buffer;
	readonly from: string;
	readonly to: readonly string[];
}

/** What became of one message. */
export interface SubmissionAnswer {
	/** `deferred`: provably not taken. `unclear`: its final dot was written, and no verdict was read. */
	readonly verdict: 'submitted' | 'rejected' | 'deferred' | 'unclear';
	readonly smtp?: { readonly code?: number; readonly response: string };
	readonly message?: string;
	/** Recipients that the server refused while it took the message for the others; lower-case. */
	readonly refused?: readonly string[];
	/** The server asks for less at a time. */
	readonly isTooMuch?: boolean;
	/** What keeps every message of this account from being taken, with `deferred`. */
	readonly fault?: MailError;
}

export interface SmtpSession {
	/** SIZE as announced, bytes. */
	readonly sizeLimit?: number;
	/**
	 * Never throws for this one message: what became of it is the answer. Throws MailError when signing in fails.
	 * @param mayFinish asked immediately before the final dot; when it says no the connection is cut, and the message deferred
	 */
	submit(draft: MailDraft, mayFinish?: () => boolean): Promise<SubmissionAnswer>;
	close(): Promise<void>;
}
