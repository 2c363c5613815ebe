import type { Sandbox } from '../../sandbox/index.ts';
import type { CredentialInput } from '../editor/restTypes.ts';
import type { SandboxAccount } from './context.ts';

/** A credential for an account of the sandbox, as a user would fill in its form. */
export function sandboxCredential(sandbox: Sandbox, account: SandboxAccount): CredentialInput {
	return {
		name: `PEC sandbox: ${account.address}`,
		type: 'pecApi',
		data: {
			provider: 'sandbox',
			email: account.address,
			user: account.user,
			password: account.password,
			imapHost: sandbox.imap.host,
			imapPort: sandbox.imap.port,
			imapSecurity: 'tls',
			smtpHost: sandbox.smtp.host,
			smtpPort: sandbox.smtp.port,
			smtpSecurity: 'tls',
			tlsCa: sandbox.tlsCa,
			pecCa: sandbox.pecCa,
		},
	};
}
