import type { AccountStore } from '../store/accountStore.ts';
import type { Folder } from '../store/folder.ts';
import type { Direction } from './line.ts';

/** Where a fault can strike; each is passed in every run, whether or not a rule stands there. */
export const FAULT_POINTS = [
	'imap.connection',
	'imap.literal',
	'imap.command',
	'imap.done',
	'imap.replied',
	'smtp.connection',
	'smtp.command',
	'smtp.body',
	'smtp.dot',
	'smtp.accepted',
	'smtp.replied',
	'mailbox.delivered',
] as const;

export type FaultPoint = (typeof FAULT_POINTS)[number];

/** A point as it is passed. */
export interface FaultEvent {
	readonly point: FaultPoint;
	/** As the log names it, upper case, e.g. `UID FETCH`; `unknown` is one the server does not know. */
	readonly command?: string;
	/** Address of the account that is signed in, or that was delivered to. */
	readonly account?: string;
	/** Number of the connection, by protocol, from 1. */
	readonly connection?: number;
	/** The same account's mailbox. */
	readonly mailbox?: AccountStore;
	/** The selected folder, or the one that was delivered to. */
	readonly folder?: Folder;
	/** Of the message that was delivered. */
	readonly uid?: number;
}

/** How the conversation goes on: IMAP. `BYE` hangs up. */
export interface ImapAnswer {
	readonly do: 'answer';
	readonly status: 'NO' | 'BAD' | 'BYE';
	/** Without brackets, e.g. `OVERQUOTA`. */
	readonly code?: string;
	readonly text?: string;
}

/** How the conversation goes on: SMTP. 421 hangs up. */
export interface SmtpAnswer {
	readonly do: 'answer';
	/** 2xx, 4xx or 5xx. */
	readonly reply: number;
	/** May begin with an enhanced status code, e.g. `4.7.1`. */
	readonly text?: string;
}

/** Messages of a folder: the named one, else the event's, else INBOX; all of them unless UIDs are given. */
interface MessagesMeant {
	readonly folder?: string;
	readonly uids?: readonly number[];
}

/** What others do to a mailbox meanwhile. */
export type MailboxAction =
	| { readonly do: 'resetUidValidity'; readonly folder?: string }
	/** Leaves so many bytes of room, none unless given. */
	| { readonly do: 'fillQuota'; readonly freeBytes?: number }
	| ({ readonly do: 'deleteMessages' } & MessagesMeant)
	| ({ readonly do: 'moveMessages'; readonly to: string } & MessagesMeant);

export type FaultAction =
	/** The connection ends: now, or once so many bytes more were sent (or received). */
	| { readonly do: 'drop'; readonly afterBytes?: number; readonly direction?: Direction }
	/** Nothing passes any more, now or after so many bytes, on a connection that stays open. */
	| { readonly do: 'stall'; readonly afterBytes?: number; readonly direction?: Direction }
	/** From now on, in both directions unless one is named. Real time. */
	| { readonly do: 'slow'; readonly bytesPerSecond: number; readonly direction?: Direction }
	| ImapAnswer
	| SmtpAnswer
	/** The client is told OK (250), and nothing was done (taken). */
	| { readonly do: 'ignore' }
	/** What this command adds, or what was delivered: other connections see it after so many ms by the clock. */
	| { readonly do: 'hide'; readonly forMs?: number }
	| MailboxAction
	/** Code of a test; awaited, before anything else happens on the connection. */
	| { readonly do: 'call'; readonly run: (event: FaultEvent) => unknown };

/** What goes wrong, where, and how often. */
export interface FaultRule {
	readonly at: FaultPoint;
	/** Any unless given, as everything below; in any case. */
	readonly command?: string;
	readonly account?: string;
	readonly connection?: number;
	/** Matching events that pass unharmed first; none unless given. */
	readonly skip?: number;
	/** Of those that follow, each so-manieth, beginning with the first; each unless given. */
	readonly every?: number;
	/** How often it strikes in all; once unless given. */
	readonly times?: number | 'always';
	/** For the log. */
	readonly name?: string;
	readonly action: FaultAction;
}

/** Whether the event is one the rule speaks of, however often it struck. */
export function matches(rule: FaultRule, event: FaultEvent): boolean {
	return (
		rule.at === event.point &&
		isSame(rule.command, event.command) &&
		isSame(rule.account, event.account) &&
		(rule.connection === undefined || rule.connection === event.connection)
	);
}

/** Whether a rule strikes at its `nth` matching event, which is counted from 1. */
export function strikesAt({ skip = 0, every = 1, times = 1 }: FaultRule, nth: number): boolean {
	const index = nth - skip - 1;
	if (index < 0 || index % every !== 0) return false;
	return times === 'always' || index / every < times;
}

function isSame(wanted: string | undefined, found: string | undefined): boolean {
	return wanted === undefined || wanted.toLowerCase() === found?.toLowerCase();
}
