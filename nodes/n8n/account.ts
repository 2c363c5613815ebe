import type { AccountSettings, ImapSession, SmtpSession } from '../mail/types';
import type { Trust } from '../pec/types';
import type { PecCredential } from './credential';
import { MailError } from '../mail/errors';
import { openImap } from '../mail/imap';
import { openRecords, type Records } from '../account/records';
import { openSmtpPool } from '../mail/smtpPool';
import type { PaceLimits } from '../account/pace';
import { UserError } from './errors';

/**
 * The account of one execution: each connection is opened when first asked for, shared by all items, and closed with
 * `close()`, which never throws.
 */
export interface AccountSession {
	readonly settings: AccountSettings;
	readonly trust: Trust;
	/** How much the account may send. */
	readonly pace: PaceLimits;
	imap(): Promise<ImapSession>;
	/** @throws UserError when the credential does not allow to send; MailError when signing in fails */
	smtp(): Promise<SmtpSession>;
	records(): Promise<Records>;
	close(): Promise<void>;
}

export function openAccount(credential: PecCredential, now: () => Date): AccountSession {
	const { settings, trust, pace } = credential;
	let imap: Promise<ImapSession> | undefined;
	let smtp: Promise<SmtpSession> | undefined;
	let records: Promise<Records> | undefined;
	const forget = (): void => {
		imap = undefined;
		records = undefined;
	};
	const session: AccountSession = {
		settings,
		trust,
		pace,
		imap: async () => {
			imap ??= openImap(settings).then(
				(open) => {
					// One that was lost fails what was under way; the next item gets a new one.
					void open.closed.then(forget);
					return open;
				},
				(error: unknown) => {
					// Whoever asks again tries again: results wait to be recorded. A wrong password stays wrong.
					if (!isAuthRefused(error)) forget();
					throw error;
				},
			);
			return await imap;
		},
		smtp: async () => {
			const { sendingRefusal } = credential;
			if (sendingRefusal) throw new UserError(sendingRefusal.message, sendingRefusal.whatToDo);
			smtp ??= openSmtpPool(settings, { connections: pace.connections });
			// The next one asks again: a server may be back by then. A wrong password stays wrong, and locks accounts.
			smtp.catch((error: unknown) => {
				if (!isAuthRefused(error)) smtp = undefined;
			});
			return await smtp;
		},
		records: async () =>
			await (records ??= session
				.imap()
				.then(async (open) => await openRecords(open, { account: settings.address, now }))),
		close: async () => {
			await Promise.allSettled([
				imap?.then(async (open) => await open.close()),
				smtp?.then(async (open) => await open.close()),
			]);
		},
	};
	return session;
}

function isAuthRefused(error: unknown): boolean {
	return error instanceof MailError && error.code === 'authRefused';
}
