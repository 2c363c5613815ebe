import type { ImapSession } from '../mail/types';
import { ReplyIndex } from '../pec/replyIndex';
import type { Answer, PecMessage, ReceiptEvidence } from '../pec/types';
import type { RecordsError } from './errors';
import { SendingNews } from './sendingNews';

/**
 * Answers to the sendings of one account. Reads nothing before the first message that may be an answer; then records and
 * receipts, once, and what is new since.
 */
export class Replies {
	readonly #index = new ReplyIndex();
	readonly #news: SendingNews;

	constructor({ account }: { account: string }) {
		const index = this.#index;
		this.#news = new SendingNews(
			{ account },
			{
				onSubmissions: (submissions) => index.addSubmissions(submissions),
				onReceipt: (receipt) => index.addReceipt(receipt),
			},
		);
	}

	/** Records that cannot be read: answers to the sendings they speak of are not recognised. */
	get problems(): readonly RecordsError[] {
		return this.#news.problems;
	}

	/** Takes in receipts that the caller has read himself. */
	learn(receipts: Iterable<ReceiptEvidence>): void {
		for (const receipt of receipts) this.#index.addReceipt(receipt);
	}

	/**
	 * What each of these received messages answers, in their order; `undefined` for one that answers none of our
	 * sendings. Looks into the mailbox only when one quotes a message that is not known yet; then it selects other folders
	 * of the session.
	 * @throws MailError
	 */
	async answersTo(
		imap: ImapSession,
		messages: readonly PecMessage[],
	): Promise<(Answer | undefined)[]> {
		const isOpen = (message: PecMessage): boolean => this.#index.isOpen(message);
		if (messages.some(isOpen)) await this.#news.read(imap);
		return messages.map((message) => this.#index.answerTo(message));
	}
}
