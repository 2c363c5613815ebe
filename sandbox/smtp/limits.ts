import type { Provider } from '../pec/provider.ts';
import { providerOf } from '../pec/provider.ts';
import type { ProviderKey } from '../pec/provisioning.ts';

/** Why a provider did not take something. */
export type RefusalReason =
	'recipients' | 'messagesPerMinute' | 'messagesPerDay' | 'smtpConnections' | 'unavailable';

/** How much an account may do; what is not given is not limited, but for the recipients and the size in all. */
export interface Limits {
	/** Of one message, refused at RCPT. 500, as the large providers take; at least 50 are guaranteed (DM 2/11/2005 art. 12). */
	readonly recipients?: number;
	/** Bytes of a message times its recipients; more is a non-acceptance. 30 MB (RFC 6109 3.1.1). */
	readonly totalSize?: number;
	/** Messages taken within any 60 seconds. */
	readonly messagesPerMinute?: number;
	/** Messages taken within any 24 hours. */
	readonly messagesPerDay?: number;
	/** Signed in at once. */
	readonly smtpConnections?: number;
	/** Signed in at once; one more gets `NO [LIMIT]` (RFC 5530), or is sent away with BYE. */
	readonly imapConnections?: number;
	readonly imapRefusal?: 'no' | 'bye';
	/**
	 * From the start of the sandbox on for so long nothing is taken: refused at MAIL unless said. Before anybody signed
	 * in (`connect`) only what holds for all accounts is known.
	 */
	readonly unavailable?: { readonly forMs: number; readonly at?: 'connect' | 'mail' | 'data' };
	/** The reply line of a refusal in place of the usual one: `451 4.7.1 Come back later`. 421 ends the connection. */
	readonly replies?: Partial<Readonly<Record<RefusalReason, string>>>;
}

/** What is known of real providers (docs/SANDBOX.md says from where); all figures move. */
export const LIMIT_PRESETS = {
	aruba: { recipients: 500, totalSize: 100 * 1024 * 1024 },
	legalmail: { recipients: 500, messagesPerMinute: 6 },
	namirial: { messagesPerDay: 1000 },
} as const satisfies Record<string, Limits>;

export type LimitPreset = keyof typeof LIMIT_PRESETS;

/** Limits of all accounts; what a provider's or an account's say goes before it. */
export interface LimitOptions extends Limits {
	readonly alfa?: Limits | LimitPreset;
	readonly beta?: Limits | LimitPreset;
	/** By address, in any case. */
	readonly accounts?: Readonly<Record<string, Limits | LimitPreset>>;
}

/** In the words of the providers where they are known, else of the servers they run. */
export const USUAL_REPLIES: Readonly<Record<RefusalReason, string>> = {
	recipients: '452 4.5.3 Error: too many recipients',
	messagesPerMinute: '550 5.7.1 Message blocked "Class Of Service" - Too much traffic',
	messagesPerDay: '550 5.7.1 Daily limit of messages reached',
	smtpConnections: '421 4.7.0 Error: too many connections of this account',
	unavailable: '451 4.3.2 Service temporarily unavailable, try again later',
};

/** The limits of an account by its address, or without one those of all. */
export type LimitsOf = (account: string | undefined) => Limits;

export function limitsOf(
	options: LimitOptions | LimitPreset | undefined,
	providers: readonly Provider[],
): LimitsOf {
	const { alfa, beta, accounts = {}, ...all } = madeOf(options) as LimitOptions;
	const byProvider: Readonly<Record<ProviderKey, Limits>> = {
		alfa: madeOf(alfa),
		beta: madeOf(beta),
	};
	const byAddress = new Map(
		Object.entries(accounts).map(([address, limits]) => [address.toLowerCase(), madeOf(limits)]),
	);
	return (account) => {
		if (account === undefined) return all;
		const key = providerOf(providers, account)?.key;
		return {
			...all,
			...(key === undefined ? {} : byProvider[key]),
			...byAddress.get(account.toLowerCase()),
		};
	};
}

function madeOf(limits: Limits | LimitPreset | undefined): Limits {
	return typeof limits === 'string' ? LIMIT_PRESETS[limits] : (limits ?? {});
}
