import { createHash } from 'node:crypto';

import type { FaultAction, FaultPoint } from './faults/rules.ts';
import type { Refusal } from './pec/mailboxes.ts';
import type { RefusalReason } from './smtp/limits.ts';

export type DeliveryKind =
	'transportEnvelope' | 'receipt' | 'anomalyEnvelope' | 'remDispatch' | 'remReceipt';

/** A submission the provider answered for: it was written here before the 250 to DATA went out. */
export interface SubmissionEntry {
	readonly type: 'submission';
	/** Address of the account that signed in. */
	readonly account: string;
	/** The client's Message-ID as it wrote it, with its angle brackets if it has any. */
	readonly messageId?: string;
	/** The PEC msgid, without angle brackets. */
	readonly providerId: string;
	/** As a person reads it; absent when there is none. */
	readonly subject?: string;
	/** RCPT TO as received. */
	readonly recipients: readonly string[];
	/** Bytes of DATA after dot-unstuffing. */
	readonly size: number;
	/** Of the same bytes, hexadecimal. */
	readonly sha256: string;
}

/** What a mailbox entry is about. */
export interface Delivered {
	readonly mailbox: string;
	readonly kind: DeliveryKind;
	/** X-Ricevuta as written; receipts only. Of a REM receipt the event it is about. */
	readonly wireType?: string;
	/** X-Riferimento-Message-ID with its angle brackets. */
	readonly originalMessageId?: string;
	/** Of whom a receipt about one recipient speaks (daticert `consegna`). */
	readonly recipient?: string;
	/** The message's own, with angle brackets. */
	readonly messageId: string;
}

/** A message now in a mailbox; `presa-in-carico` and `rilevazione-virus` go to a provider's service mailbox, all else to users. */
export interface DeliveryEntry extends Delivered {
	readonly type: 'delivery';
	/** The one it was addressed to, on an outside server. */
	readonly folder: string;
	/** Absent on an outside server: LMTP does not tell. */
	readonly uid?: number;
	readonly uidValidity?: number;
	/** Of the bytes as stored; as handed over to an outside server, which puts trace fields in front. */
	readonly size: number;
	readonly sha256: string;
}

/** A message of the provider that its mailbox did not take and never will: of an envelope the sender is told by a receipt. */
export interface UndeliveredEntry extends Delivered {
	readonly type: 'undelivered';
	readonly reason: Refusal;
	/** What an outside server said. */
	readonly response?: string;
}

/** A message that an outside server could not take now; it is kept and tried again. */
export interface DeferredEntry extends Delivered {
	readonly type: 'deferred';
	/** In the server's words, or the connection's. */
	readonly reason: string;
	/** ISO 8601 in UTC, by the sandbox's clock. */
	readonly nextAttempt: string;
}

/** The sandbox could not do what it owed: a defect, of the sandbox or of a dialect. */
export interface FailureEntry {
	readonly type: 'failure';
	/** What it was about to do. */
	readonly about: string;
	readonly error: string;
}

/** An envelope handed to a recipient outside PEC; no delivery receipt will come. */
export interface ExternalEntry {
	readonly type: 'external';
	readonly account: string;
	readonly recipient: string;
	readonly originalMessageId?: string;
	readonly messageId: string;
	readonly size: number;
	readonly sha256: string;
}

export interface RefusedLoginEntry {
	readonly type: 'refusedLogin';
	readonly protocol: 'smtp' | 'imap';
	/** As given; SMTP only. */
	readonly user?: string;
}

/** Bytes a test put into a mailbox; no provider wrote or saw them. */
export interface PlantedEntry {
	readonly type: 'planted';
	readonly mailbox: string;
	readonly folder: string;
	readonly uid: number;
	readonly uidValidity: number;
	readonly size: number;
	readonly sha256: string;
}

/** What a limit kept out; nothing of it was taken. */
export interface RefusedSubmissionEntry {
	readonly type: 'refusedSubmission';
	/** Absent before anybody signed in. */
	readonly account?: string;
	/** Of the SMTP reply. */
	readonly code: number;
	readonly reason: RefusalReason;
}

/** A fault on request that struck. `ignore`: the client was told OK (250) and nothing was done (taken). */
export interface FaultEntry {
	readonly type: 'fault';
	readonly point: FaultPoint;
	readonly protocol: 'imap' | 'smtp' | 'mailbox';
	/** Upper case, e.g. `UID FETCH`. */
	readonly command?: string;
	/** Address. */
	readonly account?: string;
	/** Number of the connection, by protocol, from 1. */
	readonly connection?: number;
	readonly action: FaultAction['do'];
	/** The rule's. */
	readonly name?: string;
}

export type LogContent =
	| SubmissionEntry
	| DeliveryEntry
	| UndeliveredEntry
	| DeferredEntry
	| ExternalEntry
	| RefusedLoginEntry
	| RefusedSubmissionEntry
	| PlantedEntry
	| FaultEntry
	| FailureEntry;

/** `seq` counts from 1 without a gap; `at` is ISO 8601 in UTC by the sandbox's clock. */
export type LogEntry = { readonly seq: number; readonly at: string } & LogContent;

type EntryOf<T extends LogContent['type']> = Extract<LogEntry, { type: T }>;

/** Everything the providers did, in order: what "never twice, none forgotten" is counted against (RFC 6109 2.3). */
export class SandboxLog {
	readonly #entries: LogEntry[] = [];
	readonly #now: () => Date;
	readonly #followers = new Set<(entry: LogEntry) => void>();

	constructor(now: () => Date) {
		this.#now = now;
	}

	/** Only the sandbox itself writes here. */
	append(content: LogContent): void {
		const at = this.#now().toISOString();
		const entry = Object.freeze({ seq: this.#entries.length + 1, at, ...content });
		this.#entries.push(entry);
		for (const follower of [...this.#followers]) follower(entry);
	}

	/** Calls back at each entry, within the call that writes it. The answer stops it. */
	follow(follower: (entry: LogEntry) => void): () => void {
		this.#followers.add(follower);
		return () => void this.#followers.delete(follower);
	}

	/** A copy: what was logged stays as it is. */
	entries(): LogEntry[] {
		return [...this.#entries];
	}

	ofType<T extends LogContent['type']>(type: T): EntryOf<T>[] {
		return this.#entries.filter((entry): entry is EntryOf<T> => entry.type === type);
	}

	submissions(): EntryOf<'submission'>[] {
		return this.ofType('submission');
	}

	/** All deliveries, or those into one mailbox. */
	deliveries(mailbox?: string): EntryOf<'delivery'>[] {
		const all = this.ofType('delivery');
		return mailbox === undefined
			? all
			: all.filter((entry) => entry.mailbox === mailbox.toLowerCase());
	}
}

/** Hexadecimal. */
export function sha256(bytes: Buffer): string {
	return createHash('sha256').update(bytes).digest('hex');
}
