import { EN } from './spaceWordsEnglish';
import { IT } from './spaceWordsItalian';
import type { ReportLanguage } from './reportWords';
import type { SpaceTrouble } from './spaceReportTypes';
import type { MessageKind, PurgeBlocker, ReceiptContent, ReceiptType } from './types';

/** The words of a report of the space: an office worker's. */
export interface SpaceWords {
	readonly locale: string;
	readonly title: string;
	readonly mailbox: string;
	readonly generated: string;
	readonly times: string;
	readonly facts: {
		readonly used: string;
		readonly limit: string;
		readonly free: string;
		readonly messages: string;
		readonly growth: string;
		readonly full: string;
		readonly oldest: string;
	};
	readonly unknown: string;
	readonly never: string;
	readonly alreadyFull: string;
	readonly aDay: (text: string) => string;
	readonly days: (count: number) => string;
	readonly inDays: (count: number, at: string) => string;
	readonly warnings: {
		readonly over: (percent: string, threshold: string) => string;
		readonly noLimit: string;
		readonly given: string;
		readonly sum: string;
		readonly troubles: Readonly<Record<SpaceTrouble, string>>;
	};
	readonly headings: {
		readonly composition: string;
		readonly receipts: string;
		readonly cleanUp: string;
		readonly kept: string;
		readonly growth: string;
		readonly ages: string;
		readonly sizes: string;
		readonly folders: string;
		readonly correspondents: string;
		readonly duplicates: string;
		readonly notes: string;
	};
	readonly columns: {
		readonly kind: string;
		readonly receipt: string;
		readonly messages: string;
		readonly size: string;
		readonly share: string;
		readonly olderThan: string;
		readonly old: string;
		readonly now: string;
		readonly afterCopy: string;
		readonly usedAfter: string;
		readonly reason: string;
		readonly month: string;
		readonly age: string;
		readonly messageSize: string;
		readonly folder: string;
		readonly correspondent: string;
		readonly places: string;
	};
	readonly groups: {
		readonly receipts: string;
		readonly received: string;
		readonly other: string;
		readonly records: string;
		readonly free: string;
		/** Counted by the server, and in no message that was read. */
		readonly rest: string;
	};
	readonly kinds: Readonly<Record<MessageKind, string>>;
	readonly receiptTypes: Readonly<Record<ReceiptType, string>>;
	readonly contents: Readonly<Record<ReceiptContent, string>>;
	readonly blockers: Readonly<Record<PurgeBlocker, string>>;
	readonly ages: {
		readonly between: (from: number, to: number) => string;
		readonly below: (to: number) => string;
		readonly above: (from: number) => string;
		readonly future: string;
		readonly undated: string;
	};
	readonly sizes: {
		readonly between: (from: string, to: string) => string;
		readonly below: (to: string) => string;
		readonly above: (from: string) => string;
	};
	readonly otherCorrespondents: (count: number) => string;
	readonly noCorrespondent: string;
	readonly total: string;
	readonly noDuplicates: string;
	readonly duplicates: (groups: string, extra: string, size: string) => string;
	readonly growthBy: (days: number) => string;
	readonly empty: string;
	readonly cleanUpNote: string;
	readonly notes: readonly string[];
}

export const SPACE_WORDS: Readonly<Record<ReportLanguage, SpaceWords>> = { it: IT, en: EN };
