import type { AccountSettings } from '../../nodes/mail/types.ts';
import { start } from '../../sandbox/index.ts';
import { DOVECOT_MISSING, dovecotPath, startDovecot } from './dovecot.ts';

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
	stop(): Promise<void>;
}

export interface MailServerUnderTest {
	readonly name: string;
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
		stop: async () => await sandbox.stop(),
	};
}

async function startDovecotServer(): Promise<RunningMailServer> {
	const dovecot = await startDovecot([
		{ user: STUDIO, password: PASSWORD },
		{ user: FULL, password: PASSWORD, quotaLimit: SMALL_QUOTA },
	]);
	const settingsOf = (address: string): AccountSettings => ({
		address,
		user: address,
		password: PASSWORD,
		imap: dovecot.imap,
		// Dovecot takes no submissions: nothing listens here.
		smtp: { host: 'localhost', port: 1, secure: true },
		tlsCa: dovecot.tlsCa,
	});
	return { studio: settingsOf(STUDIO), full: settingsOf(FULL), stop: dovecot.stop };
}

export const MAIL_SERVERS: readonly MailServerUnderTest[] = [
	{ name: 'the sandbox', missing: undefined, start: startSandbox },
	{
		name: 'Dovecot',
		missing: dovecotPath() === undefined ? DOVECOT_MISSING : undefined,
		start: startDovecotServer,
	},
];

/** How a suite over one of them is called: a skipped one says what is missing. */
export function titleOf({ name, missing }: Pick<MailServerUnderTest, 'name' | 'missing'>): string {
	return missing === undefined ? `over ${name}` : `over ${name} (${missing})`;
}
