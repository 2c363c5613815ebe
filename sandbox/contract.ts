import type { Faults } from './faults/faults.ts';
import type { FaultRule } from './faults/rules.ts';
import type { SandboxLog } from './log.ts';
import type { ExternalMail } from './pec/accessPoint.ts';
import type { Dialects } from './pec/dialect.ts';
import type { LmtpServer } from './pec/lmtpMailboxes.ts';
import type { OutgoingMail } from './pec/outgoing.ts';
import type { AccountPlan } from './pec/provisioning.ts';
import type { LimitOptions, LimitPreset } from './smtp/limits.ts';
import type { MailStore } from './store/mailStore.ts';

/** Bytes of one message on SMTP; above it 552. Between it and 30 MB over all recipients: non-accettazione. */
export const DEFAULT_SIZE_LIMIT = 40 * 1024 * 1024;

/** A mail server that holds the users' mailboxes, under the addresses and passwords of the accounts. */
export interface OutsideMailboxes {
	/** Where the providers deliver. */
	readonly lmtp: LmtpServer;
	/** Where the users read. */
	readonly imap: { readonly host: string; readonly port: number };
	readonly imapStartTls: { readonly host: string; readonly port: number };
	/** PEM, of its IMAP. */
	readonly tlsCa: string;
}

export interface SandboxOptions {
	readonly host?: string;
	/** 0 or absent: a free one. */
	readonly ports?: {
		readonly imap?: number;
		readonly imapStartTls?: number;
		readonly smtp?: number;
		readonly smtpStartTls?: number;
	};
	/** Instead of the default ones; their domains must be the providers'. */
	readonly accounts?: readonly AccountPlan[];
	/**
	 * The clock of everything but TLS certificates, on which `advance` builds. Unless given it is real time, and what is
	 * due then comes by itself as well.
	 */
	readonly now?: () => Date;
	/** Whose scanner is on; both are unless given. What it finds is the EICAR test file. */
	readonly virusScan?: { readonly alfa?: boolean; readonly beta?: boolean };
	/** Where the providers differ from their usual selves. */
	readonly dialects?: Dialects;
	/** Instead of the sandbox's own store and IMAP server. */
	readonly mailboxes?: OutsideMailboxes;
	/** How much accounts may do by SMTP and IMAP, or what is known of a real provider by its name. */
	readonly limits?: LimitOptions | LimitPreset;
	readonly tls?: 'valid' | 'expired';
	/** What the IMAP server is to lack, e.g. `MOVE`; docs/SANDBOX.md has the names. A RangeError on any other. */
	readonly withoutCapabilities?: readonly string[];
	/** What goes wrong from the start; `start` rejects with a TypeError that says what is wrong with a rule. */
	readonly faults?: readonly FaultRule[];
	/** Bytes. */
	readonly sizeLimit?: number;
}

export interface SandboxServer<Secure extends boolean> {
	readonly host: string;
	readonly port: number;
	readonly secure: Secure;
}

export interface Sandbox {
	/** The sandbox's own, or the outside server. */
	readonly imap: SandboxServer<true>;
	readonly imapStartTls: SandboxServer<false>;
	readonly smtp: SandboxServer<true>;
	readonly smtpStartTls: SandboxServer<false>;
	/** PEM; for the connections. */
	readonly tlsCa: string;
	/** PEM of issuing CA and root; for the signatures. */
	readonly pecCa: string;
	readonly accounts: readonly {
		readonly address: string;
		readonly user: string;
		readonly password: string;
		/** The provider's name. */
		readonly provider: string;
	}[];
	readonly log: SandboxLog;
	/** The users' mailboxes; with outside ones their passwords alone. */
	readonly store: MailStore;
	/** The providers' own mailboxes, where presa-in-carico and rilevazione-virus go; nobody can sign in to them. */
	readonly serviceStore: MailStore;
	/** What goes wrong, on request. */
	readonly faults: Pick<Faults, 'add' | 'clear'>;
	/** Envelopes that left PEC. */
	readonly outsideWorld: readonly ExternalMail[];
	/**
	 * While held, acceptance still comes at once; envelopes and what follows from them wait. After 12 and 24 hours by the
	 * clock the sender is told so.
	 */
	holdDeliveries(): void;
	/** Resolves when all that waited has been delivered. */
	releaseDeliveries(): Promise<void>;
	/** Resolves when nothing is being processed any more, but for what is held or waits for another attempt. */
	settled(): Promise<void>;
	/**
	 * Moves the clock ahead by so many milliseconds and does what became due, each at its own hour; resolves when all
	 * of it is done. Nothing waits in real time. Rejects with a RangeError when that is less than 0 or no number.
	 */
	advance(ms: number): Promise<void>;
	/**
	 * From the next IMAP connection on, the server lacks these and nothing else; none given: it offers everything again.
	 * Throws a RangeError on a name it does not have.
	 */
	withoutCapabilities(names: readonly string[]): void;
	/** IMAP, if it is the sandbox's own, and SMTP stop listening and cut every connection; processing goes on inside. */
	goDown(): Promise<void>;
	/** On the same ports. */
	comeBack(): Promise<void>;
	/** Connections to the sandbox's own IMAP server that are open now. */
	connections(): number;
	/** Ordinary mail from the internet arrives; rejects when there is no such mailbox, it is disabled, or for a virus. */
	deliverOrdinary(raw: Buffer, to: string): Promise<void>;
	/**
	 * Puts exactly these bytes into a folder, INBOX unless given, as no provider would; throws when there is no such mailbox
	 * or folder, or no room.
	 */
	deliverRaw(raw: Buffer, to: string, options?: { readonly folder?: string }): void;
	/** A submission without SMTP; rejects when the sandbox has no such account. */
	sendAs(
		address: string,
		mail: OutgoingMail,
	): Promise<{ messageId: string | undefined; providerId: string }>;
	/**
	 * Experimental: a REM message, and the evidence for its sender; all of it is in the mailboxes when this resolves. Rejects
	 * when there is no such account, or a recipient is at no provider's domain.
	 */
	sendRem(address: string, mail: OutgoingMail): Promise<{ messageId: string; providerId: string }>;
	/** Ends it; what waits is dropped. */
	stop(): Promise<void>;
}
