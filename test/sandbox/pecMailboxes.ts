import { ImapFlow } from 'imapflow';
import { afterAll, beforeAll } from 'vitest';

import type { Sandbox, SandboxOptions } from '../../sandbox/index.ts';
import { DEFAULT_ACCOUNTS } from '../../sandbox/pec/provisioning.ts';
import { DOVECOT_MISSING, dovecotPath, startDovecot } from '../servers/dovecot.ts';

/** Both providers have a full and a disabled mailbox. */
export const PEC_ACCOUNTS = [
	...DEFAULT_ACCOUNTS,
	{ address: 'pieno@pec.alfa.test', password: 'prova-alfa', quotaLimit: 1024 },
	{ address: 'sospeso@pec.alfa.test', password: 'prova-alfa', disabled: true },
];

/** Where the users of a sandbox have their mail. */
export interface RunningMailboxes {
	readonly options: Pick<SandboxOptions, 'mailboxes'>;
	/** Byte for byte as they lie there, oldest first; none when there is no such folder. */
	read(sandbox: Sandbox, address: string, folder: string): Promise<Buffer[]>;
	empty(sandbox: Sandbox, address: string, folder: string): Promise<void>;
	stop(): Promise<void>;
}

export interface MailboxesUnderTest {
	readonly name: string;
	/** Why they cannot run here. */
	readonly missing: string | undefined;
	start(): Promise<RunningMailboxes>;
}

export const OWN_MAILBOXES: RunningMailboxes = {
	options: {},
	read: async (sandbox, address, folder) =>
		(sandbox.store.account(address)?.folder(folder)?.messages ?? []).map(({ raw }) => raw),
	empty: async (sandbox, address, folder) => {
		const found = sandbox.store.account(address)?.folder(folder);
		found?.expunge(found.messages.map(({ uid }) => uid));
	},
	stop: async () => undefined,
};

async function startOutside(): Promise<RunningMailboxes> {
	const dovecot = await startDovecot(
		PEC_ACCOUNTS.map(({ address, ...account }) => ({ ...account, user: address })),
	);
	return {
		options: { mailboxes: dovecot },
		read: async (sandbox, address, folder) =>
			await inFolder(sandbox, address, folder, async (client) => {
				const messages = await client.fetchAll('1:*', { source: true, uid: true });
				return messages
					.sort((one, other) => one.uid - other.uid)
					.map(({ source }) => source ?? Buffer.of());
			}),
		empty: async (sandbox, address, folder) => {
			await inFolder(sandbox, address, folder, async (client) => {
				await client.messageDelete('1:*');
				return [];
			});
		},
		stop: dovecot.stop,
	};
}

async function inFolder<T>(
	sandbox: Sandbox,
	address: string,
	folder: string,
	use: (client: ImapFlow) => Promise<T[]>,
): Promise<T[]> {
	const account = sandbox.accounts.find((each) => each.address === address);
	if (account === undefined) throw new Error('the sandbox has no such account');
	const client = new ImapFlow({
		...sandbox.imap,
		auth: { user: account.user, pass: account.password },
		tls: { ca: sandbox.tlsCa },
		logger: false,
	});
	client.on('error', () => undefined);
	await client.connect();
	try {
		const folders = await client.list();
		if (!folders.some(({ path }) => path === folder)) return [];
		const { exists } = await client.mailboxOpen(folder);
		return exists === 0 ? [] : await use(client);
	} finally {
		await client.logout();
	}
}

export const MAILBOXES: readonly MailboxesUnderTest[] = [
	{ name: "the sandbox's own store", missing: undefined, start: async () => OWN_MAILBOXES },
	{
		name: 'Dovecot by LMTP',
		missing: dovecotPath() === undefined ? DOVECOT_MISSING : undefined,
		start: startOutside,
	},
];

/** Opens what the tests of a suite share over these mailboxes; both end with the suite. */
export function sharedOver(
	where: MailboxesUnderTest,
	open: (mailboxes: RunningMailboxes) => Promise<{ readonly sandbox: Sandbox }>,
): void {
	let mailboxes: RunningMailboxes | undefined;
	let shared: { readonly sandbox: Sandbox } | undefined;
	beforeAll(async () => {
		mailboxes = await where.start();
		shared = await open(mailboxes);
	});
	afterAll(async () => {
		await shared?.sandbox.stop();
		await mailboxes?.stop();
	});
}
