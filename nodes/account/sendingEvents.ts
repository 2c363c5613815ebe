import type { MailError } from '../mail/errors';
import type { ImapSession } from '../mail/types';
import type { SendingEvent } from '../pec/sendingEvent';
import { SendingLedger } from '../pec/sendingLedger';
import type { ReceiptEvidence } from '../pec/types';
import type { RecordsError } from './errors';
import { SendingNews } from './sendingNews';

export interface SendingWatchOptions {
	/** The PEC address it is sent from. */
	readonly account: string;
	/** Only sendings submitted from then on, by the clock of who sent them; all when absent. */
	readonly since?: Date;
	/** Whether the event of this key needs no telling any more: what the caller keeps. Must not turn back to false. */
	readonly settled: (key: string) => boolean;
	readonly now: () => Date;
}

/**
 * The events of the sendings of one account: a recipient reached a final state, or nothing came in time. It lives as long
 * as its trigger, over any number of connections: what was read once is not read again.
 *
 * Silence proves something only while somebody listens. So all is judged as of the last `refresh` of all folders: after
 * an outage nothing is overdue until the mailbox was looked at, and a caller's timer for `nextDueAt` refreshes before it
 * asks.
 */
export class SendingWatch {
	readonly #ledger: SendingLedger;
	readonly #news: SendingNews;
	readonly #now: () => Date;
	/** The last look at all folders. */
	#seenAt: Date | undefined;
	#refusal: MailError | undefined;

	constructor(options: SendingWatchOptions) {
		const ledger = new SendingLedger(options);
		this.#ledger = ledger;
		this.#now = options.now;
		this.#news = new SendingNews(options, {
			onSubmissions: (submissions) => ledger.addSubmissions(submissions),
			onReceipt: (receipt) => ledger.addReceipt(receipt),
		});
	}

	/** Records that cannot be read: the sendings they speak of are not watched. */
	get problems(): readonly RecordsError[] {
		return this.#news.problems;
	}

	/**
	 * Reads what is new in the records and in these folders (all unless given). Selects other folders of the session.
	 * @throws MailError; the next call goes on from there
	 */
	async refresh(imap: ImapSession, folders?: readonly string[]): Promise<void> {
		const begun = this.#now();
		this.#refusal = await this.#news.read(imap, folders);
		if (folders) return;
		// What a refused folder holds is not known: what was read is told, but silence proves nothing.
		this.#seenAt = this.#refusal ? (this.#seenAt ?? new Date(0)) : begun;
	}

	/** A folder that the server refused at the last refresh. */
	get refusal(): MailError | undefined {
		return this.#refusal;
	}

	/** Takes in receipts that the caller has read himself, of any message; a later `refresh` may find them again. */
	learn(receipts: Iterable<ReceiptEvidence>): void {
		for (const receipt of receipts) this.#ledger.addReceipt(receipt);
	}

	/**
	 * The events that are not settled, in the order in which their sendings were begun; none before the first `refresh` of all
	 * folders. Lazily: a caller may stop when it has enough, and gets the rest next time.
	 */
	*events(): Generator<SendingEvent, void, undefined> {
		if (this.#seenAt) yield* this.#ledger.events(this.#seenAt);
	}

	/** When something will be overdue if nothing comes; it may have passed since the last `refresh`. */
	nextDueAt(): Date | undefined {
		return this.#seenAt && this.#ledger.nextDueAt(this.#seenAt);
	}
}
