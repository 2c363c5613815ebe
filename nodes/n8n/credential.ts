import type {
	ICredentialDataDecryptedObject,
	IExecuteFunctions,
	ILoadOptionsFunctions,
	ITriggerFunctions,
} from 'n8n-workflow';
import type { AccountSettings } from '../mail/types';
import type { Trust } from '../pec/types';
import {
	presetOf,
	resolvePace,
	resolveServers,
	type Pace,
	type ServerOverrides,
} from '../mail/presets';

export const CREDENTIAL = 'pecApi';

/** What the PecApi credential says, in the words of the library. */
export interface PecCredential {
	readonly settings: AccountSettings;
	readonly trust: Trust;
	readonly pace: Pace;
	/** Whether this account may send by a program. Reading is always allowed. */
	readonly sendingAllowed: boolean;
	/** Present when it may not: for a person. */
	readonly sendingRefusal?: { readonly message: string; readonly whatToDo: string };
}

/** Reads the stored fields; one that is missing is as its default. @throws MailError when a server is missing. */
export function readCredential(data: ICredentialDataDecryptedObject): PecCredential {
	const text = (name: string) => String(data[name] ?? '').trim();
	const provider = text('provider');
	const address = text('email').toLowerCase();
	return {
		settings: {
			address,
			user: text('user') || text('email'),
			password: String(data.password ?? ''),
			...resolveServers(provider, serversByHand(data)),
			...(text('tlsCa') ? { tlsCa: text('tlsCa') } : {}),
		},
		trust: readTrust(data),
		pace: resolvePace(provider, {
			perMinute: Number(data.messagesPerMinute),
			perDay: Number(data.messagesPerDay),
		}),
		...readPermission(data),
	};
}

/** Providers whose form always shows the servers. */
const ALWAYS_BY_HAND: readonly string[] = ['custom', 'sandbox'];

/** What the form shows beside a host that nobody entered. */
const FORM_PORTS = { imap: 993, smtp: 465 } as const;

function serversByHand(data: ICredentialDataDecryptedObject): ServerOverrides {
	const text = (name: string) => String(data[name] ?? '').trim();
	const provider = text('provider');
	const isByHand =
		presetOf(provider) === undefined ||
		ALWAYS_BY_HAND.includes(provider) ||
		text('servers') === 'byHand';
	if (!isByHand) return {};
	const portOf = (protocol: 'imap' | 'smtp') => {
		const port = Number(data[`${protocol}Port`]) || undefined;
		const isUntouched = text(`${protocol}Host`) === '' && port === FORM_PORTS[protocol];
		return isUntouched ? undefined : port;
	};
	return {
		imapHost: text('imapHost'),
		imapPort: portOf('imap'),
		imapSecure: text('imapSecurity') !== 'startTls',
		smtpHost: text('smtpHost'),
		smtpPort: portOf('smtp'),
		smtpSecure: text('smtpSecurity') !== 'startTls',
	};
}

/** The field of the credential by which a person says that the provider agreed. */
export const AGREEMENT_FIELD = 'sendingAgreement';

function readPermission(
	data: ICredentialDataDecryptedObject,
): Pick<PecCredential, 'sendingAllowed' | 'sendingRefusal'> {
	const preset = presetOf(String(data.provider ?? '').trim());
	if (!preset?.sendingNeedsAgreement || data[AGREEMENT_FIELD] === true) {
		return { sendingAllowed: true };
	}
	return {
		sendingAllowed: false,
		sendingRefusal: {
			message: `The contract of ${preset.label} forbids sending by a program unless you have an agreement on it`,
			whatToDo:
				'Ask the provider for one; when you have it, tick “I Have an Agreement for Automated Sending” in the credential. Reading works without it.',
		},
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
