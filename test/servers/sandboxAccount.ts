import { ImapFlow, type ImapFlowOptions } from 'imapflow';
import type { Sandbox } from '../../sandbox/index.ts';
import type { CredentialInput } from '../../scripts/editor/restTypes.ts';

/** How n8n gets to an account of the sandbox. @param changes fields of the credential's form */
export function pecCredential(
	sandbox: Sandbox,
	address: string,
	changes: Readonly<Record<string, unknown>> = {},
): CredentialInput {
	const account = sandbox.accounts.find((one) => one.address === address);
	return {
		name: `PEC ${sandbox.imap.port} ${address}`,
		type: 'pecApi',
		data: {
			provider: 'sandbox',
			email: address,
			password: account?.password,
			imapHost: 'localhost',
			imapPort: sandbox.imap.port,
			imapSecurity: 'tls',
			smtpHost: 'localhost',
			smtpPort: sandbox.smtp.port,
			smtpSecurity: 'tls',
			tlsCa: sandbox.tlsCa,
			pecCa: sandbox.pecCa,
			...changes,
		},
	};
}

/** What the owner of a mailbox does in a mail program. */
export async function asOwner<T>(
	sandbox: Sandbox,
	address: string,
	work: (client: ImapFlow) => Promise<T>,
): Promise<T> {
	const account = sandbox.accounts.find((one) => one.address === address);
	const auth = { user: account?.user ?? '', pass: account?.password ?? '' };
	return await inMailProgram({ ...sandbox.imap, auth, tls: { ca: sandbox.tlsCa } }, work);
}

/** The same on any server. */
export async function inMailProgram<T>(
	settings: ImapFlowOptions,
	work: (client: ImapFlow) => Promise<T>,
): Promise<T> {
	const client = new ImapFlow({ ...settings, logger: false });
	await client.connect();
	try {
		return await work(client);
	} finally {
		await client.logout();
	}
}
