import type { MailError } from '../mail/errors';
import type { ImapSession } from '../mail/types';
import { AttemptRecord } from '../pec/attemptRecord';
import { mailingTag, rowOfMessageId } from '../pec/batch';
import { mergedEvidence } from '../pec/evidence';
import type { KnownMailing } from '../pec/mailingOutcomes';
import type { ReceiptEvidence, Row } from '../pec/types';
import type { RecordsError } from './errors';
import type { Submissions } from './recordContent';
import { ReceiptVerifier, type VerifierOptions } from './receiptVerifier';
import { SendingNews } from './sendingNews';

export interface FollowingOptions extends VerifierOptions {
	/** The PEC address it is sent from. */
	readonly account: string;
	/** The mailings that are followed, by their tags (`mailingTag`). */
	readonly tags: ReadonlySet<string>;
}

interface FollowedMailing {
	mailing: string;
	/** By Message-ID, in the order of their first record. */
	readonly rows: Map<string, AttemptRecord>;
	/** By pecKey. */
	readonly receipts: Map<string, ReceiptEvidence>;
}

/**
 * What the mailbox shows of a few mailings, look by look: records and receipts, of which headers and certification data
 * are read once, and small ones whole, once, for their signature. It may live over any number of connections.
 */
export class Following {
	readonly #account: string;
	readonly #mailings = new Map<string, FollowedMailing>();
	readonly #unread = new Map<string, ReceiptEvidence>();
	readonly #receiptsIn = new Map<string, number>();
	readonly #verifier: ReceiptVerifier;
	readonly #news: SendingNews;
	#refusal: MailError | undefined;

	constructor(options: FollowingOptions) {
		const { account, tags } = options;
		this.#account = account;
		for (const tag of tags) {
			this.#mailings.set(tag, { mailing: '', rows: new Map(), receipts: new Map() });
		}
		this.#verifier = new ReceiptVerifier(options);
		this.#news = new SendingNews(
			{ account, tags },
			{
				onSubmissions: (submissions) => this.#addSubmissions(submissions),
				onReceipt: (receipt) => this.#addReceipt(receipt),
			},
		);
	}

	/** Records that cannot be read: the rows they speak of are not known. */
	get problems(): readonly RecordsError[] {
		return this.#news.problems;
	}

	/** By Message-ID, how many messages of the provider could be it, or another: their receipts count for none. */
	get ambiguous(): ReadonlyMap<string, number> {
		return this.#news.ambiguous;
	}

	/** A folder that the server refused at the last look. */
	get refusal(): MailError | undefined {
		return this.#refusal;
	}

	/** The folder in which most receipts were found; INBOX before there are any. */
	get receiptsFolder(): string {
		const [most] = [...this.#receiptsIn].sort(([, one], [, other]) => other - one);
		return most?.[0] ?? 'INBOX';
	}

	/** `undefined` when nothing was ever sent under this tag. */
	known(tag: string): KnownMailing | undefined {
		const followed = this.#mailings.get(tag);
		if (!followed || followed.rows.size === 0) return undefined;
		const { mailing, rows, receipts } = followed;
		return { mailing, records: [...rows.values()], receipts: [...receipts.values()] };
	}

	/**
	 * Reads what is new. Selects other folders of the session.
	 * @param folders where receipts are looked for; everywhere unless given
	 * @throws MailError; the next look goes on from there
	 */
	async look(imap: ImapSession, folders?: readonly string[], signal?: AbortSignal): Promise<void> {
		this.#refusal = await this.#news.read(imap, folders);
		await this.#verifier.verify(
			imap,
			[...this.#unread.values()],
			(receipt) => this.#addReceipt(receipt),
			signal,
		);
		this.#unread.clear();
	}

	#addSubmissions({ mailing, intents, results }: Submissions): void {
		const followed = this.#mailings.get(mailingTag({ account: this.#account, mailing }));
		if (!followed) return;
		followed.mailing = mailing;
		const recordOf = ({ row, messageId }: { row: Row; messageId: string }): AttemptRecord => {
			const known = followed.rows.get(messageId) ?? new AttemptRecord(row, messageId);
			followed.rows.set(messageId, known);
			return known;
		};
		// A folder that was numbered anew is read again.
		for (const result of results) recordOf(result).addResult(result.submission);
		for (const intent of intents) recordOf(intent).addIntent(intent);
	}

	#addReceipt(receipt: ReceiptEvidence): void {
		const tag = rowOfMessageId(receipt.originalMessageId)?.mailingTag;
		const receipts = tag === undefined ? undefined : this.#mailings.get(tag)?.receipts;
		if (!receipts) return;
		const { pecKey, folder } = receipt;
		const known = receipts.get(pecKey);
		const merged = known ? mergedEvidence(known, receipt) : receipt;
		receipts.set(pecKey, merged);
		this.#unread.set(pecKey, merged);
		if (!known && folder !== undefined) {
			this.#receiptsIn.set(folder, (this.#receiptsIn.get(folder) ?? 0) + 1);
		}
	}
}
