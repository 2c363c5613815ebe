import type { AccountSettings } from '../../nodes/mail/types.ts';
import { start } from '../../sandbox/index.ts';
import { CYRUS_MISSING, findCyrus, startCyrus } from './cyrus.ts';
import { DOVECOT_MISSING, dovecotPath, startDovecot } from './dovecot.ts';
import type { ImapProcess, ServerAccount } from './imapProcess.ts';

export const STUDIO = 'studio@pec.alfa.test';
const FULL = 'pieno@pec.beta.test';
const PASSWORD = 'prova-alfa';

/** Small enough that one message fills it. */
const SMALL_QUOTA = 1024;

/** An IMAP server with the accounts the tests use; nothing but IMAP is meant here. */
export interface RunningMailServer {
	readonly studio: AccountSettings;
	/** Its quota is 1,024 bytes. */
	readonly full: AccountSettings;
	/** Where a connection begins in clear text. */
	readonly startTls: { readonly host: string; readonly port: number; readonly secure: false };
	stop(): Promise<void>;
}

export type ServerName = 'the sandbox' | 'Dovecot' | 'Cyrus';

export interface MailServerUnderTest {
	readonly name: ServerName;
	/** Why it cannot run here. */
	readonly missing: string | undefined;
	start(): Promise<RunningMailServer>;
}

async function startSandbox(): Promise<RunningMailServer> {
	const sandbox = await start();
	const settingsOf = (address: string): AccountSettings => {
		const account = sandbox.accounts.find((each) => each.address === address);
		if (!account) throw new Error('the sandbox has no such account');
		return {
			address,
			user: account.user,
			password: account.password,
			imap: sandbox.imap,
			smtp: sandbox.smtp,
			tlsCa: sandbox.tlsCa,
		};
	};
	return {
		studio: settingsOf(STUDIO),
		full: settingsOf(FULL),
		startTls: sandbox.imapStartTls,
		stop: async () => await sandbox.stop(),
	};
}

/** Servers that take no submissions. */
async function startImapAlone(
	startServer: (accounts: readonly ServerAccount[]) => Promise<ImapProcess>,
): Promise<RunningMailServer> {
	const server = await startServer([
		{ user: STUDIO, password: PASSWORD, quotaLimit: 1024 ** 3 },
		{ user: FULL, password: PASSWORD, quotaLimit: SMALL_QUOTA },
	]);
	const settingsOf = (address: string): AccountSettings => ({
		address,
		user: address,
		password: PASSWORD,
		imap: server.imap,
		// Nothing listens here.
		smtp: { host: 'localhost', port: 1, secure: true },
		tlsCa: server.tlsCa,
	});
	return {
		studio: settingsOf(STUDIO),
		full: settingsOf(FULL),
		startTls: server.imapStartTls,
		stop: server.stop,
	};
}

export const MAIL_SERVERS: readonly MailServerUnderTest[] = [
	{ name: 'the sandbox', missing: undefined, start: startSandbox },
	{
		name: 'Dovecot',
		missing: dovecotPath() === undefined ? DOVECOT_MISSING : undefined,
		start: async () => await startImapAlone(startDovecot),
	},
	{
		name: 'Cyrus',
		missing: findCyrus() === undefined ? CYRUS_MISSING : undefined,
		start: async () => await startImapAlone(startCyrus),
	},
];

/** How a suite over one of them is called: a skipped one says what is missing. */
export function titleOf({ name, missing }: { name: string; missing: string | undefined }): string {
	return missing === undefined ? `over ${name}` : `over ${name} (${missing})`;
}
