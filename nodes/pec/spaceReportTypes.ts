import type {
	PurgeBlocker,
	PurgeCandidate,
	MessageKind,
	ReceiptContent,
	ReceiptType,
} from './types';
import type { Space } from './space';

/** A message as a report of the space knows it: where it lies, and of its headers what tells what it is. */
export interface SpaceMessage extends PurgeCandidate {
	/** Who it came from, or whom it is about; lower case. Absent when that is nobody, or several. */
	readonly correspondent?: string;
}

export interface Amount {
	readonly messages: number;
	/** Bytes. */
	readonly size: number;
}

/** What arrived between two ages: `fromDays` old or older, and younger than `toDays`. */
export interface AgeAmount extends Amount {
	readonly age: 'days' | 'future' | 'undated';
	readonly fromDays?: number;
	readonly toDays?: number;
}

/** Messages of `fromBytes` or more, and less than `toBytes`. */
export interface SizeAmount extends Amount {
	readonly fromBytes: number;
	readonly toBytes?: number;
}

export interface MonthAmount extends Amount {
	/** Of Rome: `2026-01`. */
	readonly month: string;
	/** Bytes of `size` that are receipts and notices; received mail (envelopes, also of anomalies); everything else. */
	readonly receipts: number;
	readonly received: number;
	readonly other: number;
}

/** What a clean-up of everything older than so many days would come to. */
export interface PolicyForecast {
	readonly olderThanDays: number;
	/** All that is so old. */
	readonly old: Amount;
	/** What Clean Up deletes as things are: a checked copy of each exists. */
	readonly now: Amount;
	/** What it would delete if a checked copy of every message existed. */
	readonly afterCopy: Amount;
	/** Of `old`, what it would keep even then, each under the first reason. */
	readonly kept: ReadonlyArray<Amount & { readonly reason: PurgeBlocker }>;
	/** Percent of the mailbox used after `now`, and after `afterCopy`; absent where its limit is not known. */
	readonly percentNow?: number;
	readonly percentAfterCopy?: number;
}

export interface Growth {
	/** Looked at: the last 30 days, or since the oldest message. */
	readonly days: number;
	/** Bytes a day, of what arrived in these days and is still there. */
	readonly bytesPerDay: number;
	readonly messagesPerDay: number;
	/** Absent where the limit is not known, or nothing arrives. */
	readonly full?: { readonly days: number; readonly at: string };
	/** The last twelve, oldest first, those without messages too. */
	readonly months: readonly MonthAmount[];
}

/** The same message, to its headers and size, in several places. */
export interface Duplicates {
	/** Messages that lie there more than once. */
	readonly groups: number;
	/** What would go if each lay there once. */
	readonly extra: Amount;
	/** The largest ones. */
	readonly largest: ReadonlyArray<{
		readonly pecKey: string;
		readonly size: number;
		readonly places: ReadonlyArray<{ readonly folder: string; readonly uid: number }>;
	}>;
}

/** `unlisted`: the server lists messages that it does not give. `closed`: a folder nobody may look into. */
export type SpaceTrouble = 'unlisted' | 'closed';

export interface SpaceReport {
	readonly account: string;
	readonly generatedAt: string;
	readonly space: Space;
	/** Of the messages that were read. */
	readonly total: Amount;
	readonly oldestAt?: string;
	readonly newestAt?: string;
	readonly kinds: ReadonlyArray<Amount & { readonly kind: MessageKind }>;
	readonly receipts: ReadonlyArray<
		Amount & { readonly type: ReceiptType; readonly content?: ReceiptContent }
	>;
	readonly ages: readonly AgeAmount[];
	readonly sizes: readonly SizeAmount[];
	readonly folders: ReadonlyArray<Amount & { readonly path: string }>;
	readonly correspondents: {
		/** Largest first. */
		readonly top: ReadonlyArray<Amount & { readonly address: string }>;
		/** All further ones. */
		readonly others: Amount & { readonly addresses: number };
		/** Of several correspondents, or none that can be told. */
		readonly unattributed: Amount;
	};
	readonly duplicates: Duplicates;
	readonly growth: Growth;
	/** Absent when it was not asked for. */
	readonly policies?: readonly PolicyForecast[];
	readonly troubles: readonly SpaceTrouble[];
}
