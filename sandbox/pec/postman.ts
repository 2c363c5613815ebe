import { sha256, type Delivered, type SandboxLog } from '../log.ts';
import { OverQuotaError } from '../store/errors.ts';
import type { MailStore } from '../store/mailStore.ts';
import type { Provider } from './provider.ts';
import { romeTime } from './romeTime.ts';

/** Puts messages into mailboxes, and every one of them into the log. */
export class Postman {
	readonly #log: SandboxLog;

	constructor(log: SandboxLog) {
		this.#log = log;
	}

	/**
	 * Delivers unchanged but for the trace fields in front (RFC 6109 3.3.2, RFC 5321 4.4). The mailbox must exist in
	 * `store`; the answer says whether it had room.
	 */
	deliver(
		store: MailStore,
		provider: Provider,
		message: Delivered & { returnPath: string; raw: Buffer; at: Date },
	): 'delivered' | 'overQuota' {
		const { returnPath, raw, at, ...delivered } = message;
		const account = store.account(delivered.mailbox);
		if (account === undefined) throw new Error('there is no such mailbox');
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
			const placed = account.deliver(stored, { internalDate: at });
			this.#log.append({
				type: 'delivery',
				...entry,
				folder: 'INBOX',
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
