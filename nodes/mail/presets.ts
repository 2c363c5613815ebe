import type { ServerAddress } from './types';
import { MailError } from './errors';

export interface MailServers {
	readonly imap: ServerAddress;
	readonly smtp: ServerAddress;
}

export interface ProviderPreset {
	readonly value: string;
	readonly label: string;
	/** Absent where the user must name the servers. */
	readonly imap?: ServerAddress;
	readonly smtp?: ServerAddress;
	/** Where the figures come from, and what a user of this provider should know. */
	readonly notes: string;
}

/** What a user set by hand; what is absent, empty or 0 stays as the preset has it. */
export interface ServerOverrides {
	readonly imapHost?: string;
	readonly imapPort?: number;
	readonly imapSecure?: boolean;
	readonly smtpHost?: string;
	readonly smtpPort?: number;
	readonly smtpSecure?: boolean;
}

/** Hosts and limits of a provider move: every value can be overridden by the user. */
export const PROVIDER_PRESETS: readonly ProviderPreset[] = [
	{
		value: 'aruba',
		label: 'Aruba PEC',
		imap: { host: 'imaps.pec.aruba.it', port: 993, secure: true },
		smtp: { host: 'smtps.pec.aruba.it', port: 465, secure: true },
		notes:
			'Servers as in the Thunderbird ISPDB. With two-factor login a dedicated password is needed; the user can switch IMAP and SMTP off.',
	},
	{
		value: 'sandbox',
		label: 'Sandbox on This Computer',
		imap: { host: 'localhost', port: 11993, secure: true },
		smtp: { host: 'localhost', port: 11465, secure: true },
		notes:
			'The PEC provider that this package brings along to try things out: nothing leaves the computer.',
	},
	{
		value: 'custom',
		label: 'Other Provider',
		notes: 'The provider names its IMAP and SMTP servers in its instructions for e-mail programs.',
	},
];

const STANDARD_PORTS = {
	imap: { tls: 993, startTls: 143 },
	smtp: { tls: 465, startTls: 587 },
} as const;

/**
 * The servers of a preset with what the user set by hand laid over it.
 * A port that nobody names is the standard one (RFC 8314: 993 and 465; with STARTTLS 143 and 587).
 * @throws MailError `hostUnknown` when a server has no host
 */
export function resolveServers(preset: string, overrides: ServerOverrides = {}): MailServers {
	const known = PROVIDER_PRESETS.find(({ value }) => value === preset);
	return {
		imap: resolveServer('imap', known?.imap, {
			host: overrides.imapHost,
			port: overrides.imapPort,
			secure: overrides.imapSecure,
		}),
		smtp: resolveServer('smtp', known?.smtp, {
			host: overrides.smtpHost,
			port: overrides.smtpPort,
			secure: overrides.smtpSecure,
		}),
	};
}

function resolveServer(
	protocol: 'imap' | 'smtp',
	preset: ServerAddress | undefined,
	override: { host?: string; port?: number; secure?: boolean },
): ServerAddress {
	const host = override.host?.trim() || preset?.host;
	if (!host) {
		throw new MailError('hostUnknown', `No ${protocol.toUpperCase()} server is named`, {
			whatToDo: `Enter the ${protocol.toUpperCase()} server from your provider's instructions for e-mail programs in the credential`,
			retry: 'never',
		});
	}
	const secure = override.secure ?? preset?.secure ?? true;
	const standard = STANDARD_PORTS[protocol][secure ? 'tls' : 'startTls'];
	const presetPort = preset?.secure === secure ? preset.port : undefined;
	return { host, port: override.port || presetPort || standard, secure };
}
