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
	| 'refused'
	| 'connectionLost'
	| 'cancelled';

export interface FolderInfo {
	readonly path: string;
	/** RFC 6154, e.g. \\Sent, \\Trash; absent when the server names none. */
	readonly specialUse?: string;
	readonly selectable: boolean;
}

export interface FolderSize {
	readonly path: string;
	readonly messages: number;
	/** Bytes. */
	readonly size: number;
}

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
	/** UIDs, ascending. */
	search(criteria: SearchCriteria): Promise<number[]>;
	/** In ascending UID order, fetched in windows; missing UIDs are left out. */
	scan(uids: readonly number[]): Promise<ScannedMessage[]>;
	/** `undefined` when there is no such UID any more. */
	fetch(uid: number): Promise<FetchedMessage | undefined>;
	/** The decoded first part of that file name (case-insensitive) of each message, without reading the rest. */
	fetchNamedParts(uids: readonly number[], fileName: string): Promise<Map<number, Buffer>>;
	/**
	 * Removes by UID EXPUNGE and looks afterwards whether they are gone. Throws `notSupported` without UIDPLUS: a plain
	 * EXPUNGE would also remove what somebody else marked.
	 */
	remove(uids: readonly number[]): Promise<Deletion>;
	/** Resolves on news of this folder (IDLE, or a poll each `pollMs`), or after `maxMs`. Rejects when the connection is lost. */
	waitForNews(options: {
		maxMs: number;
		pollMs: number;
		signal?: AbortSignal;
	}): Promise<'news' | 'quiet'>;
	/** UIDNEXT and the number of messages as the server sees them now. */
	refresh(): Promise<{ uidNext: number; messages: number; uidValidity: string }>;
}

export interface ImapSession {
	/** Upper-case capability names. */
	readonly capabilities: ReadonlySet<string>;
	listFolders(): Promise<FolderInfo[]>;
	/** Creates and subscribes it when it is missing. */
	ensureFolder(path: string): Promise<void>;
	open(path: string, options: { readOnly: boolean }): Promise<OpenFolder>;
	append(
		path: string,
		raw: Buffer,
		options?: { flags?: readonly string[]; at?: Date },
	): Promise<Appended>;
	/** `undefined` where the server has no QUOTA. */
	quota(): Promise<Quota | undefined>;
	/** STATUS=SIZE where offered, else a sum over RFC822.SIZE. */
	folderSizes(): Promise<{ source: 'status' | 'sum'; folders: FolderSize[] }>;
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

export interface SmtpSession {
	/** SIZE as announced, bytes. */
	readonly sizeLimit?: number;
	/** Never throws for this one message: what became of it is the answer. Throws MailError when signing in fails. */
	submit(draft: MailDraft): Promise<{
		verdict: 'submitted' | 'rejected' | 'deferred' | 'unclear';
		smtp?: { code?: number; response: string };
		message?: string;
	}>;
	close(): Promise<void>;
}
