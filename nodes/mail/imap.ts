import type { ImapSettings, ImapSession } from './types';
import { takeSlot } from './connectionSlots';
import { connectClient, IMAP_TIMEOUT_MS, type ImapOptions } from './imapClient';
import { sessionOver } from './imapSession';

/**
 * Signs in to the account's IMAP server, as soon as this process has fewer than `CONNECTIONS_PER_ACCOUNT` to it. TLS is
 * verified always; without `secure`, STARTTLS is mandatory. Close the session when done: an open one keeps the process
 * alive, and others of the account waiting.
 * @throws MailError
 */
export async function openImap(
	settings: ImapSettings,
	options: ImapOptions = {},
): Promise<ImapSession> {
	const { timeoutMs = IMAP_TIMEOUT_MS, queueMs = timeoutMs, signal } = options;
	const slot = await takeSlot(settings, { ...options, queueMs });
	const client = await connectClient(settings, options).catch((error: unknown) => {
		slot.release();
		throw error;
	});
	const session = sessionOver(client, {
		server: { protocol: 'IMAP', ...settings.imap },
		timeoutMs,
		wanted: slot.wanted,
		...(signal ? { signal } : {}),
	});
	void session.closed.then(slot.release);
	return session;
}

/** Works over a session of its own, which is closed however the work ends. @throws MailError, and what `work` throws */
export async function withImap<T>(
	settings: ImapSettings,
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
