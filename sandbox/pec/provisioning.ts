import type { Pki, ProviderName } from '../pki/hierarchy.ts';
import { dialectOf, type Dialect, type Dialects } from './dialect.ts';
import { Identifiers } from './identifiers.ts';
import type { Provider, ProviderStyle } from './provider.ts';

export type ProviderKey = 'alfa' | 'beta';

interface ProviderPlan extends ProviderName {
	readonly key: ProviderKey;
	readonly host: number;
	readonly retiredDomains: readonly string[];
	readonly style: ProviderStyle;
}

/** Where the two do not differ unless asked. */
const COMMON_STYLE = {
	digest: 'sha256',
	quotedMicalg: true,
	msgid: true,
	reference: true,
	identifierShape: 'opec',
	headerSpelling: 'usual',
	certificationType: 'application/xml',
} as const satisfies Partial<ProviderStyle>;

/** Two providers that differ wherever the rules let real ones differ. */
export const PROVIDER_PLANS: readonly ProviderPlan[] = [
	{
		key: 'alfa',
		name: 'Gestore Alfa S.p.A.',
		domain: 'pec.alfa.test',
		retiredDomains: ['dismesso.pec.alfa.test'],
		host: 2941,
		style: {
			html: true,
			signatureType: 'application/x-pkcs7-signature',
			originalFirst: false,
			disposition: 'inline',
			senderField: false,
			unknownMailbox: 'altro',
			...COMMON_STYLE,
		},
	},
	{
		key: 'beta',
		name: 'Gestore Beta S.r.l.',
		domain: 'pec.beta.test',
		retiredDomains: ['dismesso.pec.beta.test'],
		host: 3107,
		style: {
			html: false,
			signatureType: 'application/pkcs7-signature',
			originalFirst: true,
			disposition: 'attachment',
			senderField: true,
			unknownMailbox: 'no-dest',
			...COMMON_STYLE,
		},
	},
];

export interface AccountPlan {
	readonly address: string;
	readonly password: string;
	/** Bytes. */
	readonly quotaLimit?: number;
	/** The address unless given. */
	readonly user?: string;
	/** It receives nothing any more; who has its password still gets in. */
	readonly disabled?: boolean;
}

/** A sender, a colleague of the same provider, ten customers of the other one, a mailbox without room and a disabled one. */
export const DEFAULT_ACCOUNTS: readonly AccountPlan[] = [
	{ address: 'studio@pec.alfa.test', password: 'prova-alfa' },
	{ address: 'alfa2@pec.alfa.test', password: 'prova-alfa' },
	...Array.from({ length: 10 }, (_, index) => ({
		address: `cliente${String(index + 1).padStart(2, '0')}@pec.beta.test`,
		password: 'prova-beta',
	})),
	// no envelope is that small
	{ address: 'pieno@pec.beta.test', password: 'prova-beta', quotaLimit: 1024 },
	{ address: 'sospeso@pec.beta.test', password: 'prova-beta', disabled: true },
];

/**
 * The providers with their signers. `process` tells identifiers of two starts apart, 0 to 99999; `virusScan` turns
 * scanners off, they are on otherwise; `dialects` says where a provider differs from its plan.
 */
export function createProviders(
	pki: Pki,
	options: {
		process: number;
		random: (bytes: number) => Buffer;
		virusScan?: Readonly<Partial<Record<ProviderKey, boolean>>>;
		dialects?: Dialects;
	},
): Provider[] {
	const { process, random, virusScan = {}, dialects = {} } = options;
	return PROVIDER_PLANS.map(({ key, host, ...plan }) => {
		const signer = pki.signers.get(plan.domain);
		if (signer === undefined) throw new Error('a provider has no signer');
		const dialect = dialectOf(dialects, key);
		const style = styledBy(plan.style, dialect);
		return {
			key,
			...plan,
			style,
			dialect,
			certifiedAddress: `posta-certificata@${plan.domain}`,
			serviceAddress: `servizio-pec@${plan.domain}`,
			signer,
			identifiers: new Identifiers({
				process,
				random,
				host,
				domain: plan.domain,
				shape: style.identifierShape,
			}),
			virusScan: virusScan[key] ?? true,
		};
	});
}

function styledBy(style: ProviderStyle, dialect: Dialect): ProviderStyle {
	const asked = Object.entries(dialect).filter(
		([name, value]) => name in style && value !== undefined,
	);
	return { ...style, ...Object.fromEntries(asked) };
}
