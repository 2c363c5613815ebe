import { sha256, type Delivered, type SandboxLog } from '../log.ts';
import { OverQuotaError } from '../store/errors.ts';
import type { MailStore } from '../store/mailStore.ts';
import type { Provider } from './provider.ts';
import { romeTime } from './romeTime.ts';

type Letter = Delivered & { returnPath: string; raw: Buffer; at: Date };

/** What real providers do to receipts beside delivering them once into INBOX. */
export interface Dialects {
	/** Each receipt reaches the user twice: the same message, delivered again with trace fields of its own. */
	readonly duplicateReceipts?: boolean;
	/** Receipts are sorted into this folder, levels separated by `/`; into INBOX once the user deleted it. */
	readonly receiptsFolder?: string;
}

/** Puts messages into mailboxes, and every one of them into the log. */
export class Postman {
	readonly #log: SandboxLog;
	readonly #users: MailStore;
	readonly #dialects: Dialects;

	/** @param options.users whose receipts the dialects apply to */
	constructor(options: { log: SandboxLog; users: MailStore; dialects?: Dialects }) {
		this.#log = options.log;
		this.#users = options.users;
		this.#dialects = options.dialects ?? {};
	}

	/**
	 * Delivers unchanged but for the trace fields in front (RFC 6109 3.3.2, RFC 5321 4.4). The mailbox must exist in
	 * `store`; the answer says whether it had room, for a duplicate whether the first had.
	 */
	deliver(store: MailStore, provider: Provider, message: Letter): 'delivered' | 'overQuota' {
		const isUsersReceipt = store === this.#users && message.kind === 'receipt';
		const folder = isUsersReceipt ? this.#dialects.receiptsFolder : undefined;
		const outcome = this.#place(store, provider, message, folder);
		if (isUsersReceipt && this.#dialects.duplicateReceipts === true) {
			this.#place(store, provider, message, folder);
		}
		return outcome;
	}

	#place(
		store: MailStore,
		provider: Provider,
		message: Letter,
		wantedFolder = 'INBOX',
	): 'delivered' | 'overQuota' {
		const { returnPath, raw, at, ...delivered } = message;
		const account = store.account(delivered.mailbox);
		if (account === undefined) throw new Error('there is no such mailbox');
		const folder = account.folder(wantedFolder)?.path ?? 'INBOX';
		const entry = { ...delivered, mailbox: account.address.toLowerCase() };
		const host = `mx.${provider.domain}`;
		const trace =
			`Return-Path: <${returnPath}>\r\n` +
			`Delivered-To: ${account.address}\r\n` +
			`Received: from ${host} (localhost [127.0.0.1])\r\n` +
			`\tby ${host} (lmtpd) with LMTP id ${provider.identifiers.queueId()};\r\n` +
			`\t${romeTime(at).headerDate}\r\n`;
		const stored = Buffer.concat([Buffer.from(trace, 'latin1'), raw]);
		try {
			const placed = account.deliver(stored, { folder, internalDate: at });
			this.#log.append({
				type: 'delivery',
				...entry,
				folder,
				...placed,
				size: stored.length,
				sha256: sha256(stored),
			});
			return 'delivered';
		} catch (error) {
			if (!(error instanceof OverQuotaError)) throw error;
			this.#log.append({ type: 'undelivered', ...entry, reason: 'overQuota' });
			return 'overQuota';
		}
	}
}
