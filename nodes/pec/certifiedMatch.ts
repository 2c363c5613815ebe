import { AttemptRecord } from './attemptRecord';
import { addTo, groupedBy } from './groups';
import type { RecordedSubmissions } from './sendingLedger';
import { isSingleMessage, recipientsOfSingleMessage } from './singleMessage';
import { readSubmission } from './submission';
import type { ReceiptEvidence, Row, UnnamedReceipt } from './types';

/** Clocks of the machine that sends and of the provider run apart; certification data is cut to the second. */
const CLOCKS_MS = 60_000;

/** A provider gives up after 24 hours (RFC 6109 3.1.6); its notice may come late. */
const LONGEST_MS = 3 * 24 * 3_600_000;

interface Sending {
	readonly record: AttemptRecord;
	/** Everybody the record names; a mailing's row has nobody else. */
	readonly recipients: readonly string[];
	readonly isSingle: boolean;
	subject: string | undefined;
}

/** What a message is known by to its provider's receipts. */
interface Tie {
	readonly messageId: string;
	readonly isNamed: boolean;
}

export interface CertifiedMatches {
	/** Marked `matchedBy`, but for those whose message another receipt names. */
	readonly receipts: readonly ReceiptEvidence[];
	/** Of each message, how many messages of the provider could be it, or another: their receipts count for none. */
	readonly ambiguous: ReadonlyMap<string, number>;
}

/**
 * Tells which sendings receipts are about that name no message (docs/ARCHITECTURE.md, The canary). Receipts with one
 * identifier of the provider's are about one message. Which one is known where another of them names it. Else it is the only
 * sending with this sender, recipient and subject that was begun up to three days before, and of which nothing else is
 * known; where several sendings fit, or several identifiers fit one sending, it is none.
 */
export class CertifiedMatching {
	readonly #account: string;
	/** By Message-ID. */
	readonly #sendings = new Map<string, Sending>();
	/** By identifier, of receipts that name their message. */
	readonly #named = new Map<string, string>();
	/** By pecKey. */
	readonly #unnamed = new Map<string, UnnamedReceipt>();

	/** @param account all sendings of which are told to it: what it does not know of fits nothing */
	constructor(account: string) {
		this.#account = account.toLowerCase();
	}

	/** In the order of the records; one may come again. */
	addSubmissions({ mailing, intents, results }: RecordedSubmissions): void {
		const sendingOf = ({ row, messageId }: { row: Row; messageId: string }): Sending => {
			const known = this.#sendings.get(messageId) ?? newSending(mailing, row, messageId);
			this.#sendings.set(messageId, known);
			return known;
		};
		for (const result of results) sendingOf(result).record.addResult(result.submission);
		for (const intent of intents) {
			const sending = sendingOf(intent);
			sending.record.addIntent(intent);
			sending.subject = intent.about?.subject ?? sending.subject;
		}
	}

	addNamed({ providerId, originalMessageId, matchedBy }: ReceiptEvidence): void {
		if (providerId === undefined || matchedBy !== undefined) return;
		this.#named.set(providerId, originalMessageId);
	}

	addUnnamed(receipt: UnnamedReceipt): void {
		this.#unnamed.set(receipt.pecKey, receipt);
	}

	/** When receipts of these sendings can have been written; `undefined` when there are no sendings. */
	period(
		isWanted: (messageId: string) => boolean = () => true,
	): { readonly from: Date; readonly to: Date } | undefined {
		let [from, to] = [Infinity, -Infinity];
		for (const { record } of this.#sendings.values()) {
			if (!isWanted(record.messageId)) continue;
			for (const at of record.intents) {
				from = Math.min(from, Date.parse(at));
				to = Math.max(to, Date.parse(at));
			}
		}
		return from > to
			? undefined
			: { from: new Date(from - CLOCKS_MS), to: new Date(to + LONGEST_MS) };
	}

	/** By all that is known now: the order in which it became known does not matter. */
	matches(): CertifiedMatches {
		const ties = new Map<string, Tie>();
		for (const [identifier, messageId] of this.#named) {
			ties.set(identifier, { messageId, isNamed: true });
		}
		const taken = new Set(this.#named.values());
		const open = this.#candidates(ties);
		for (let isNews = true; isNews;) {
			isNews = false;
			for (const [messageId, identifiers] of claimsOn(open, taken)) {
				const [only] = identifiers;
				if (only === undefined || identifiers.length > 1) continue;
				ties.set(only, { messageId, isNamed: false });
				taken.add(messageId);
				open.delete(only);
				isNews = true;
			}
		}
		const ambiguous = new Map<string, number>();
		for (const messageId of [...open.values()].flat()) {
			if (!taken.has(messageId)) ambiguous.set(messageId, (ambiguous.get(messageId) ?? 0) + 1);
		}
		return { receipts: this.#told(ties), ambiguous };
	}

	/** The Message-IDs that fit all receipts of an identifier, by identifiers that are not told. */
	#candidates(told: ReadonlyMap<string, Tie>): Map<string, readonly string[]> {
		const byRecipient = this.#byRecipient();
		const byIdentifier = groupedBy(this.#unnamed.values(), ({ providerId }) => providerId);
		const candidates = new Map<string, readonly string[]>();
		for (const [identifier, group] of byIdentifier) {
			const [first] = group;
			if (!first || identifier === undefined || told.has(identifier)) continue;
			const near = first.recipients.flatMap(
				({ address }) => byRecipient.get(address.toLowerCase()) ?? [],
			);
			const fitting = [...new Set(near)].filter((sending) =>
				group.every((receipt) => this.#fits(sending, receipt)),
			);
			candidates.set(
				identifier,
				fitting.map(({ record }) => record.messageId),
			);
		}
		return candidates;
	}

	#byRecipient(): Map<string, Sending[]> {
		const index = new Map<string, Sending[]>();
		for (const sending of this.#sendings.values()) {
			const { verdict } = readSubmission(sending.record);
			// What was provably not handed over has no receipts.
			if (verdict !== 'submitted' && verdict !== 'unclear') continue;
			for (const recipient of sending.recipients) addTo(index, recipient, sending);
		}
		return index;
	}

	#fits(sending: Sending, receipt: UnnamedReceipt): boolean {
		const begun = Date.parse(sending.record.intents.at(-1) ?? '');
		const after = Date.parse(receipt.at ?? '') - begun;
		if (!(after >= -CLOCKS_MS && after <= LONGEST_MS)) return false;
		if (receipt.sender?.toLowerCase() !== this.#account) return false;
		if (receipt.subject === undefined || sending.subject === undefined) return false;
		if (plain(receipt.subject) !== plain(sending.subject)) return false;
		const certified = new Set(receipt.recipients.map(({ address }) => address.toLowerCase()));
		if (!sending.recipients.every((recipient) => certified.has(recipient))) return false;
		// A single message may have gone to others in Cc, whom its record does not name.
		return sending.isSingle || certified.size === sending.recipients.length;
	}

	#told(ties: ReadonlyMap<string, Tie>): ReceiptEvidence[] {
		return [...this.#unnamed.values()].flatMap(({ sender: _, subject: __, ...receipt }) => {
			const tie = ties.get(receipt.providerId ?? '');
			if (!tie) return [];
			const evidence = { ...receipt, originalMessageId: tie.messageId };
			return [tie.isNamed ? evidence : { ...evidence, matchedBy: 'certification' as const }];
		});
	}
}

function newSending(mailing: string, row: Row, messageId: string): Sending {
	const isSingle = isSingleMessage(mailing);
	const recipients = isSingle ? recipientsOfSingleMessage(row) : [row.recipient];
	return { record: new AttemptRecord(row, messageId), recipients, isSingle, subject: undefined };
}

/** By the messages that nothing is told of yet, the identifiers that can be no other's. */
function claimsOn(
	candidates: ReadonlyMap<string, readonly string[]>,
	taken: ReadonlySet<string>,
): Map<string, string[]> {
	const claims = new Map<string, string[]>();
	for (const [identifier, fitting] of candidates) {
		const [only, ...others] = fitting.filter((messageId) => !taken.has(messageId));
		if (only === undefined || others.length > 0) continue;
		addTo(claims, only, identifier);
	}
	return claims;
}

/** Providers fold and unfold subjects, and decode them. */
function plain(subject: string): string {
	return subject.normalize('NFC').replace(/\s+/g, ' ').trim();
}
