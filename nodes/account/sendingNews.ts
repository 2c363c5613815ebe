import type { MailError } from '../mail/errors';
import type { ImapSession } from '../mail/types';
import { mailingTag, rowOfMessageId } from '../pec/batch';
import { CertifiedMatching } from '../pec/certifiedMatch';
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

/** Receipts that name no message, where a provider writes such. */
interface Unnamed {
	readonly matching: CertifiedMatching;
	/** Of all sendings: one that is not followed may be meant as well. */
	readonly records: RecordNews;
	/** By pecKey: what was told of one sending is told of no other. */
	readonly told: Map<string, ReceiptEvidence>;
	ambiguous: ReadonlyMap<string, number>;
}

/** Follows what the mailbox shows of this package's sendings: records, receipts, and receipts only a checked copy keeps. */
export class SendingNews {
	readonly #account: string;
	readonly #wanted: ReceiptsWanted;
	readonly #reader: SendingReader;
	readonly #records: RecordNews;
	#receipts: ReceiptNews;
	#isHidden = false;
	#unnamed: Unnamed | undefined;

	/**
	 * @param options.since receipts of what was submitted before may be left out
	 * @param options.tags of these mailings alone (`mailingTag`); receipts in copies come all the same
	 */
	constructor(options: { account: string } & ReceiptsWanted, reader: SendingReader) {
		this.#account = options.account;
		this.#wanted = options;
		this.#reader = reader;
		this.#records = new RecordNews(['submissions', 'copies', 'correlations'], options.tags);
		this.#receipts = new ReceiptNews(options);
	}

	/** Records that cannot be read, oldest first: what they speak of is not known. */
	get problems(): readonly RecordsError[] {
		const others = this.#unnamed?.records.problems ?? [];
		const all = [...this.#records.problems, ...others];
		return [...new Map(all.map((problem) => [problem.message, problem])).values()];
	}

	/** By Message-ID, how many messages of the provider could be it, or another: their receipts were told of none. */
	get ambiguous(): ReadonlyMap<string, number> {
		return this.#unnamed?.ambiguous ?? new Map();
	}

	/**
	 * Reads what is new. The session has other folders selected afterwards.
	 * @param folders where receipts are looked for; everywhere unless given
	 * @returns why a folder could not be read: the server refuses it, and gives others
	 * @throws MailError; what was told until then stays told, and the next call goes on from there
	 */
	async read(imap: ImapSession, folders?: readonly string[]): Promise<MailError | undefined> {
		await this.#records.read(imap, (record) => this.#tell(record));
		if (this.#isHidden) await this.#readAllRecords(imap);
		const onReceipts = (receipts: readonly ReceiptEvidence[]): void => {
			for (const receipt of receipts) {
				this.#unnamed?.matching.addNamed(receipt);
				this.#reader.onReceipt(receipt);
			}
		};
		const refusal = await this.#receipts.read(imap, onReceipts, folders);
		if (this.#unnamed) this.#tellMatched(this.#unnamed);
		return refusal;
	}

	#tell({ uid, subject, content }: StoredRecord): void {
		if (subject.type === 'correlations') {
			this.#isHidden = content.by === 'certification';
			return;
		}
		if (subject.type === 'copies') {
			for (const { receipt, location } of copiesOf(content, uid)) {
				if (receipt) this.#reader.onReceipt({ ...withoutPlace(receipt), location });
			}
			return;
		}
		this.#reader.onSubmissions(this.#submissionsIn({ uid, subject, content }));
	}

	#submissionsIn({ uid, subject, content }: Omit<StoredRecord, 'receivedAt'>): Submissions {
		const submissions = submissionsOf(content, uid);
		const tag = mailingTag({ account: this.#account, mailing: submissions.mailing });
		if (tag !== subject.tag) throw unreadable(uid);
		return submissions;
	}

	/** What it does not know of would not stand in the way of a match: without all of them there is none. */
	async #readAllRecords(imap: ImapSession): Promise<void> {
		const matching = this.#unnamed?.matching ?? new CertifiedMatching(this.#account);
		const records = this.#unnamed?.records ?? new RecordNews(['submissions']);
		await records.read(imap, (record) => matching.addSubmissions(this.#submissionsIn(record)));
		const { tags } = this.#wanted;
		const tagOf = (messageId: string) => rowOfMessageId(messageId)?.mailingTag ?? '';
		const period = matching.period((messageId) => !tags || tags.has(tagOf(messageId)));
		if (this.#unnamed || !period) return;
		this.#unnamed = { matching, records, told: new Map(), ambiguous: new Map() };
		const { since = period.from } = this.#wanted;
		// From the start once more: what was read without it was read for names alone.
		this.#receipts = new ReceiptNews(this.#wanted, {
			from: since,
			onUnnamed: (receipt) => matching.addUnnamed(receipt),
		});
	}

	#tellMatched(unnamed: Unnamed): void {
		if (unnamed.records.problems.length > 0) return;
		const { receipts, ambiguous } = unnamed.matching.matches();
		unnamed.ambiguous = ambiguous;
		for (const receipt of receipts) {
			const told = unnamed.told.get(receipt.pecKey) ?? receipt;
			if (told.originalMessageId !== receipt.originalMessageId) continue;
			const isMoved = told.folder !== receipt.folder || told.uid !== receipt.uid;
			if (told !== receipt && !isMoved) continue;
			unnamed.told.set(receipt.pecKey, receipt);
			this.#reader.onReceipt(receipt);
		}
	}
}
