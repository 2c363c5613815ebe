import type { ServerAddress } from './types';
import { MailError } from './errors';

export interface MailServers {
	readonly imap: ServerAddress;
	readonly smtp: ServerAddress;
}

/** How fast an account may send, over all its connections, and over how many at once. */
export interface Pace {
	readonly perMinute: number;
	/** Within any 24 hours; absent where no limit is known. */
	readonly perDay?: number;
	readonly connections: number;
}

export interface ProviderPreset {
	readonly value: string;
	readonly label: string;
	/** Absent where the user must name the servers. */
	readonly imap?: ServerAddress;
	readonly smtp?: ServerAddress;
	/** `thirdParty`: hosts that others wrote down, not seen on a page of the provider. docs/PROVIDERS.md names each source. */
	readonly hostsFrom: 'provider' | 'ispdb' | 'thirdParty' | 'user';
	readonly pace: Pace;
	/** The contract forbids sending by a program unless provider and customer agreed on it. Reading is always allowed. */
	readonly sendingNeedsAgreement?: true;
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

/** A limit a user set by hand; what is absent, 0 or no number stays as the preset has it. */
export interface PaceOverrides {
	readonly perMinute?: number;
	readonly perDay?: number;
}

/**
 * Where no limit is published: what a person with a mail program could do, so that no provider takes it for abuse. A mailing
 * of a thousand takes 34 minutes; who knows a better figure enters it.
 */
const CAREFUL: Pace = { perMinute: 30, connections: 1 };

function tls(imap: string, smtp: string): { imap: ServerAddress; smtp: ServerAddress } {
	return {
		imap: { host: imap, port: 993, secure: true },
		smtp: { host: smtp, port: 465, secure: true },
	};
}

/** Hosts and limits of a provider move: every value can be overridden by the user. Sources: docs/PROVIDERS.md. */
export const PROVIDER_PRESETS: readonly ProviderPreset[] = [
	{
		value: 'aruba',
		label: 'Aruba PEC',
		...tls('imaps.pec.aruba.it', 'smtps.pec.aruba.it'),
		hostsFrom: 'ispdb',
		pace: CAREFUL,
		notes:
			'With two-factor login a dedicated password is needed; the user can switch IMAP and SMTP off. No limit of messages a minute or a day was found: 30 a minute is ours.',
	},
	{
		value: 'legalmail',
		label: 'InfoCert Legalmail',
		...tls('mbox.cert.legalmail.it', 'sendm.cert.legalmail.it'),
		hostsFrom: 'thirdParty',
		pace: { perMinute: 6, connections: 1 },
		sendingNeedsAgreement: true,
		notes:
			'6 messages a minute, and no automated sending without an agreement: art. 5 of the conditions, quoted on help.infocert.it. More is answered with 550 and “Too much traffic”. The user name is often a user ID, not the address.',
	},
	{
		value: 'namirial',
		label: 'Namirial (Sicurezza Postale)',
		...tls('imaps.sicurezzapostale.it', 'smtps.sicurezzapostale.it'),
		hostsFrom: 'thirdParty',
		pace: { perMinute: 30, perDay: 1000, connections: 1 },
		notes:
			'1000 messages a day: from the title of a manual whose text was not seen. Of messages a minute nothing was found: 30 is ours. PRO mailboxes send by pro-smtps.sicurezzapostale.it.',
	},
	{
		value: 'poste',
		label: 'Poste Italiane (Postecert)',
		...tls('mail.postecert.it', 'mail.postecert.it'),
		hostsFrom: 'ispdb',
		pace: CAREFUL,
		notes: 'No limit of messages a minute or a day was found: 30 a minute is ours.',
	},
	{
		value: 'register',
		label: 'Register.it',
		...tls('imap.pec-email.com', 'smtp.pec-email.com'),
		hostsFrom: 'thirdParty',
		pace: CAREFUL,
		notes: 'No limit of messages a minute or a day was found: 30 a minute is ours.',
	},
	{
		value: 'sandbox',
		label: 'Sandbox on This Computer',
		imap: { host: 'localhost', port: 11993, secure: true },
		smtp: { host: 'localhost', port: 11465, secure: true },
		hostsFrom: 'provider',
		pace: { perMinute: 6000, connections: 2 },
		notes:
			'The PEC provider that this package brings along to try things out: nothing leaves the computer.',
	},
	{
		value: 'custom',
		label: 'Other Provider',
		hostsFrom: 'user',
		pace: CAREFUL,
		notes:
			'The provider names its IMAP and SMTP servers in its instructions for e-mail programs, and its limits in the contract. Unless they are entered, 30 messages a minute.',
	},
];

export function presetOf(value: string): ProviderPreset | undefined {
	return PROVIDER_PRESETS.find((preset) => preset.value === value);
}

/** The limits of a preset, those of an unknown one as of a provider of which nothing is known, with the user's laid over them. */
export function resolvePace(preset: string, overrides: PaceOverrides = {}): Pace {
	const { perMinute, perDay, connections } = presetOf(preset)?.pace ?? CAREFUL;
	const day = limitIn(overrides.perDay) ?? perDay;
	return {
		perMinute: limitIn(overrides.perMinute) ?? perMinute,
		...(day === undefined ? {} : { perDay: day }),
		connections,
	};
}

function limitIn(value: number | undefined): number | undefined {
	const whole = Math.floor(value ?? 0);
	return Number.isSafeInteger(whole) && whole > 0 ? whole : undefined;
}

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
	const known = presetOf(preset);
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
