/** A message for one mailbox, as signed: trace fields are the business of who puts it there. */
export interface Parcel {
	/** Its address in any case. */
	readonly mailbox: string;
	/** Levels separated by `/`; INBOX unless given. */
	readonly folder?: string;
	/** Empty for none. */
	readonly returnPath: string;
	readonly raw: Buffer;
	/** INTERNALDATE, where the mailboxes let it be told. */
	readonly at: Date;
	/** Who hands it over, for the trace fields. */
	readonly by: { readonly host: string; readonly queueId: string };
}

export interface Placed {
	readonly kind: 'placed';
	readonly folder: string;
	/** As stored; as handed over where that cannot be known. */
	readonly bytes: Buffer;
	/** Where it lies, if that can be known. */
	readonly position?: { readonly uid: number; readonly uidValidity: number };
}

/** Why a mailbox did not take a message and never will; `expired`: it was tried for a day. */
export type Refusal = 'overQuota' | 'disabled' | 'unknownMailbox' | 'refused' | 'expired';

export interface Refused {
	readonly kind: 'refused';
	readonly reason: Refusal;
	/** RFC 3463. */
	readonly status: string;
	/** What an outside server said. */
	readonly response?: string;
}

/** It may be taken later. */
export interface Deferred {
	readonly kind: 'deferred';
	readonly reason: string;
}

/**
 * The narrow door through which providers put messages into mailboxes: the sandbox's own store or an outside server.
 */
export interface Mailboxes {
	/** Whether there is a mailbox of that address, in any case. */
	exists(address: string): boolean;
	/** One attempt; rejects for no mail and no server, only when there is no such mailbox. */
	deliver(parcel: Parcel): Promise<Placed | Refused | Deferred> | Placed | Refused | Deferred;
	/** Breaks off what is under way, which is then deferred. */
	close(): void;
}
