import type { MailError } from '../mail/errors';
import type { ImapSession } from '../mail/types';
import { mailingTag } from '../pec/batch';
import type { ReceiptEvidence } from '../pec/types';
import type { RecordsError } from './errors';
import { withoutPlace } from './evidence';
import { copiesOf, submissionsOf, type Submissions } from './recordContent';
import { unreadable } from './recordFormat';
import { RecordNews } from './recordNews';
import type { StoredRecord } from './recordsFolder';
import { ReceiptNews, type ReceiptsWanted } from './receiptNews';

/** Who follows the sendings of an account. */
export interface SendingReader {
	/** In the order of the records; one may come again. */
	onSubmissions(submissions: Submissions): void;
	/** In the mailbox, or only in a checked copy; the same one may come again. */
	onReceipt(receipt: ReceiptEvidence): void;
}

/** Follows what the mailbox shows of this package's sendings: records, receipts, and receipts only a checked copy keeps. */
export class SendingNews {
	readonly #account: string;
	readonly #reader: SendingReader;
	readonly #records: RecordNews;
	readonly #receipts: ReceiptNews;

	/**
	 * @param options.since receipts of what was submitted before may be left out
	 * @param options.tags of these mailings alone (`mailingTag`); receipts in copies come all the same
	 */
	constructor(options: { account: string } & ReceiptsWanted, reader: SendingReader) {
		this.#account = options.account;
		this.#reader = reader;
		this.#records = new RecordNews(['submissions', 'copies'], options.tags);
		this.#receipts = new ReceiptNews(options);
	}

	/** Records that cannot be read, oldest first: what they speak of is not known. */
	get problems(): readonly RecordsError[] {
		return this.#records.problems;
	}

	/**
	 * Reads what is new. The session has other folders selected afterwards.
	 * @param folders where receipts are looked for; everywhere unless given
	 * @returns why a folder could not be read: the server refuses it, and gives others
	 * @throws MailError; what was told until then stays told, and the next call goes on from there
	 */
	async read(imap: ImapSession, folders?: readonly string[]): Promise<MailError | undefined> {
		await this.#records.read(imap, (record) => this.#tell(record));
		const onReceipts = (receipts: readonly ReceiptEvidence[]): void => {
			for (const receipt of receipts) this.#reader.onReceipt(receipt);
		};
		return await this.#receipts.read(imap, onReceipts, folders);
	}

	#tell({ uid, subject, content }: StoredRecord): void {
		if (subject.type === 'copies') {
			for (const { receipt, location } of copiesOf(content, uid)) {
				if (receipt) this.#reader.onReceipt({ ...withoutPlace(receipt), location });
			}
			return;
		}
		const submissions = submissionsOf(content, uid);
		const tag = mailingTag({ account: this.#account, mailing: submissions.mailing });
		if (tag !== subject.tag) throw unreadable(uid);
		this.#reader.onSubmissions(submissions);
	}
}
