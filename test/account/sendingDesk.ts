import { randomBytes } from 'node:crypto';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { onTestFinished } from 'vitest';

import { systemClock } from '../../nodes/account/clock.ts';
import { openRecords } from '../../nodes/account/records.ts';
import { sendMailing } from '../../nodes/account/sending.ts';
import { openImap } from '../../nodes/mail/imap.ts';
import { openSmtp } from '../../nodes/mail/smtp.ts';
import type { AccountSettings, ImapSession } from '../../nodes/mail/types.ts';
import { planMailing } from '../../nodes/pec/batch.ts';
import { start, type Sandbox, type SandboxOptions } from '../../sandbox/index.ts';
import type { MailboxesUnderTest } from '../sandbox/pecMailboxes.ts';

export const STUDIO = 'studio@pec.alfa.test';

/** Two providers and the account that sends, on a clock that the test moves. */
export class SendingDesk {
	readonly sandbox: Sandbox;
	#ahead = 0;

	constructor(sandbox: Sandbox) {
		this.sandbox = sandbox;
	}

	/** It ends with the test. */
	static async open(where: MailboxesUnderTest, options: SandboxOptions = {}): Promise<SendingDesk> {
		const mailboxes = await where.start();
		onTestFinished(async () => await mailboxes.stop());
		const sandbox = await start({ ...options, ...mailboxes.options });
		onTestFinished(async () => await sandbox.stop());
		return new SendingDesk(sandbox);
	}

	readonly now = (): Date => new Date(Date.now() + this.#ahead);

	/** The providers do what becomes due. */
	async advance(ms: number): Promise<void> {
		this.#ahead += ms;
		await this.sandbox.advance(ms);
	}

	settingsOf(address: string): AccountSettings {
		const { imap, smtp, tlsCa, accounts } = this.sandbox;
		const account = accounts.find((each) => each.address === address);
		if (!account) throw new Error('the sandbox has no such account');
		const { user, password } = account;
		return { address, user, password, imap, smtp, tlsCa };
	}

	/** A connection of its own, which ends with the test. */
	async connect(address = STUDIO): Promise<ImapSession> {
		const imap = await openImap(this.settingsOf(address));
		onTestFinished(async () => await imap.close());
		return imap;
	}

	/** Sends as PEC Send does; resolves with the Message-IDs when the providers are done. */
	async send(mailing: string, recipients: readonly string[], text = 'Testo'): Promise<string[]> {
		const settings = this.settingsOf(STUDIO);
		const [imap, smtp] = [await this.connect(), await openSmtp(settings)];
		const { now } = this;
		const records = await openRecords(imap, { account: STUDIO, now });
		const plan = async () =>
			planMailing({
				account: STUDIO,
				mailing,
				rows: recipients.map((recipient, at) => ({
					recipient,
					rowKey: `p/${at + 1}`,
					attempt: 1,
				})),
				records: await records.readMailing(mailing),
				receipts: [],
				now: now(),
			});
		const planned = await plan();
		const build = async ({ row, messageId }: (typeof planned)[number]) => ({
			raw: Buffer.from(
				`From: ${STUDIO}\r\nTo: ${row.recipient}\r\nSubject: ${mailing}\r\n` +
					`Message-ID: ${messageId}\r\nDate: Sun, 01 Feb 2026 10:00:00 +0000\r\n` +
					`Content-Type: text/plain\r\n\r\n${text}\r\n`,
			),
			to: [row.recipient],
			about: { subject: mailing },
		});
		const sending = sendMailing({
			account: STUDIO,
			mailing,
			records: async () => await Promise.resolve(records),
			smtp: async () => await Promise.resolve(smtp),
			plan,
			build,
			pace: { perMinute: 10_000 },
			maxDurationMs: 60_000,
			clock: { ...systemClock, now },
			nonce: () => randomBytes(10).toString('hex'),
		});
		for await (const { outcome } of sending) {
			if (outcome.action !== 'sent') throw new Error(`a message was ${outcome.action}`);
		}
		await smtp.close();
		await this.sandbox.settled();
		return planned.map(({ messageId }) => messageId);
	}

	/** Sends as a person does, by a mail program. */
	async write(address: string, mail: SendMailOptions): Promise<void> {
		const { user, password, smtp } = this.settingsOf(address);
		const transport = createTransport({
			...smtp,
			auth: { user, pass: password },
			tls: { ca: this.sandbox.tlsCa },
		});
		await transport.sendMail({ from: address, ...mail });
		transport.close();
		await this.sandbox.settled();
	}
}
