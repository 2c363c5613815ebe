import type {
	ICredentialDataDecryptedObject,
	IExecuteFunctions,
	ILoadOptionsFunctions,
	ITriggerFunctions,
} from 'n8n-workflow';
import type { AccountSettings } from '../mail/types';
import type { Trust } from '../pec/types';
import { resolveServers } from '../mail/presets';

export const CREDENTIAL = 'pecApi';

/** What the PecApi credential says, in the words of the library. */
export interface PecCredential {
	readonly settings: AccountSettings;
	readonly trust: Trust;
}

/** Reads the stored fields. @throws MailError when a server is missing. */
export function readCredential(data: ICredentialDataDecryptedObject): PecCredential {
	const text = (name: string) => String(data[name] ?? '').trim();
	const provider = text('provider');
	const byHand = provider !== 'aruba' || text('servers') === 'byHand';
	const servers = resolveServers(
		provider,
		byHand
			? {
					imapHost: text('imapHost'),
					imapPort: Number(data.imapPort) || undefined,
					imapSecure: text('imapSecurity') !== 'startTls',
					smtpHost: text('smtpHost'),
					smtpPort: Number(data.smtpPort) || undefined,
					smtpSecure: text('smtpSecurity') !== 'startTls',
				}
			: {},
	);
	const address = text('email').toLowerCase();
	return {
		settings: {
			address,
			user: text('user') || text('email'),
			password: String(data.password ?? ''),
			...servers,
			...(text('tlsCa') ? { tlsCa: text('tlsCa') } : {}),
		},
		trust: readTrust(data),
	};
}

function readTrust(data: ICredentialDataDecryptedObject): Trust {
	const pecCa = String(data.pecCa ?? '').trim();
	return { issuers: pecCa ? [pecCa] : [] };
}

export async function credentialOf(
	functions: Pick<IExecuteFunctions | ITriggerFunctions | ILoadOptionsFunctions, 'getCredentials'>,
): Promise<PecCredential> {
	return readCredential(await functions.getCredentials(CREDENTIAL));
}

/** The field by which an operation that needs no account says whether a credential is to be asked for its CA. */
export const SIGNERS_FIELD = 'signers';
export const BUILT_IN_SIGNERS = 'pecProviders';

/** Whose signatures count for an operation that needs no account. An account in the credential may be unusable. */
export async function offlineTrustOf(
	functions: Pick<IExecuteFunctions, 'getCredentials' | 'getNodeParameter'>,
): Promise<Trust> {
	const signers = functions.getNodeParameter(SIGNERS_FIELD, 0, BUILT_IN_SIGNERS);
	// n8n refuses a credential that the form does not show.
	if (signers === BUILT_IN_SIGNERS) return { issuers: [] };
	return readTrust(await functions.getCredentials(CREDENTIAL));
}
