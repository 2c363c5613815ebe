import { OverQuotaError, StorageFullError } from '../store/errors.ts';
import type { MailStore } from '../store/mailStore.ts';
import type { Deferred, Mailboxes, Parcel, Placed, Refused } from './mailboxes.ts';
import { romeTime } from './romeTime.ts';

/** The mailboxes of a store: at once, or later when the disk is full. */
export class StoreMailboxes implements Mailboxes {
	readonly #store: MailStore;

	constructor(store: MailStore) {
		this.#store = store;
	}

	exists(address: string): boolean {
		return this.#store.account(address) !== undefined;
	}

	/**
	 * Places it unchanged but for the trace fields in front (RFC 6109 3.3.2, RFC 5321 4.4); into INBOX when the folder is
	 * gone. Throws when there is no such mailbox.
	 */
	deliver({
		mailbox,
		folder: wanted,
		returnPath,
		raw,
		at,
		by,
	}: Parcel): Placed | Refused | Deferred {
		const account = this.#store.account(mailbox);
		if (account === undefined) throw new Error('there is no such mailbox');
		const folder = account.folder(wanted ?? 'INBOX')?.path ?? 'INBOX';
		const trace =
			`Return-Path: <${returnPath}>\r\n` +
			`Delivered-To: ${account.address}\r\n` +
			`Received: from ${by.host} (localhost [127.0.0.1])\r\n` +
			`\tby ${by.host} (lmtpd) with LMTP id ${by.queueId};\r\n` +
			`\t${romeTime(at).headerDate}\r\n`;
		const bytes = Buffer.concat([Buffer.from(trace, 'latin1'), raw]);
		try {
			const position = account.deliver(bytes, { folder, internalDate: at });
			return { kind: 'placed', folder, bytes, position };
		} catch (error) {
			if (error instanceof StorageFullError) return { kind: 'deferred', reason: error.message };
			if (!(error instanceof OverQuotaError)) throw error;
			return { kind: 'refused', reason: 'overQuota', status: '5.2.2' };
		}
	}

	close(): void {
		// nothing is ever under way
	}
}
