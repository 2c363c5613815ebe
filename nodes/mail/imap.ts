import type { AccountSettings, ImapSession } from './types';
import { connectClient, IMAP_TIMEOUT_MS, type ImapOptions } from './imapClient';
import { sessionOver } from './imapSession';

/**
 * Signs in to the account's IMAP server. TLS is verified always; without `secure`, STARTTLS is mandatory. Close the
 * session when done: an open one keeps the process alive.
 * @throws MailError
 */
export async function openImap(
	settings: AccountSettings,
	options: ImapOptions = {},
): Promise<ImapSession> {
	const client = await connectClient(settings, options);
	return sessionOver(client, {
		server: { protocol: 'IMAP', ...settings.imap },
		timeoutMs: options.timeoutMs ?? IMAP_TIMEOUT_MS,
		...(options.signal ? { signal: options.signal } : {}),
	});
}

/** Works over a session of its own, which is closed however the work ends. @throws MailError, and what `work` throws */
export async function withImap<T>(
	settings: AccountSettings,
	options: ImapOptions,
	work: (imap: ImapSession) => Promise<T>,
): Promise<T> {
	const imap = await openImap(settings, options);
	try {
		return await work(imap);
	} finally {
		await imap.close();
	}
}
