import type { AccountSettings, ImapSettings } from './types';
import { MailError } from './errors';
import { openImap } from './imap';
import { openSmtp } from './smtp';

/**
 * Signs in to both servers and out again, at the same time and within `timeoutMs` each, or twice that when the account's
 * connections are all in use; nothing is read, written or sent. `undefined` means it worked.
 */
export async function checkSignIn(
	settings: AccountSettings,
	{ timeoutMs = 20_000 }: { timeoutMs?: number } = {},
): Promise<{ imap: MailError | undefined; smtp: MailError | undefined }> {
	const [imap, smtp] = await Promise.all([
		failureOf(async () => await openImap(settings, { timeoutMs })),
		failureOf(async () => await openSmtp(settings, { timeoutMs })),
	]);
	return { imap, smtp };
}

/** The same of a mailbox that is only read and written to. */
export async function checkImapSignIn(
	settings: ImapSettings,
	{ timeoutMs = 20_000 }: { timeoutMs?: number } = {},
): Promise<MailError | undefined> {
	return await failureOf(async () => await openImap(settings, { timeoutMs }));
}

async function failureOf(
	open: () => Promise<{ close(): Promise<void> }>,
): Promise<MailError | undefined> {
	const signedInAndOut = open().then(async (session) => await session.close());
	return await signedInAndOut.then(
		() => undefined,
		(error: unknown) => {
			if (error instanceof MailError) return error;
			throw error;
		},
	);
}
