import forge from 'node-forge';

import { createKeyPair, issueCertificate, type Certified } from './certificate.ts';

const { asn1 } = forge;

const DAY = 24 * 60 * 60 * 1000;
const YEAR = 365 * DAY;

/** The policy AgID CA1 and the signers below it carry (AgID, "certificati firma PEC"). */
const PEC_POLICY = '1.3.76.16.3.1';

export interface ProviderName {
	readonly name: string;
	readonly domain: string;
}

/** What signs a provider's messages: its own certificate, and the issuing CA that travels with it. */
export interface SignerCertificates {
	readonly own: Certified;
	readonly issuing: Certified;
}

export interface Pki {
	/** Issuing CA and root, PEM, one after the other. */
	readonly pecCa: string;
	/** The CA of the server certificate, PEM; it has nothing to do with the signers' CA. */
	readonly tlsCa: string;
	readonly tls: { readonly key: string; readonly cert: string };
	/** By mail domain. */
	readonly signers: ReadonlyMap<string, SignerCertificates>;
}

/**
 * A throw-away hierarchy shaped like the real one (root, AgID CA1, one signer a provider; RFC 6109 5.5), and a
 * separate CA with the server certificate of localhost and 127.0.0.1.
 *
 * `now` is the sandbox's clock and dates the signers; TLS is dated by the machine's clock, which clients verify with.
 */
export async function createPki(options: {
	providers: readonly ProviderName[];
	now: Date;
	tls: 'valid' | 'expired';
}): Promise<Pki> {
	const { providers, now } = options;
	const [rootKeys, issuingKeys, tlsCaKeys, tlsKeys, ...signerKeys] = await Promise.all([
		createKeyPair(),
		createKeyPair(),
		createKeyPair(),
		createKeyPair(),
		...providers.map(async () => await createKeyPair()),
	]);

	const root = issueCertificate(rootKeys, {
		subject: { organization: 'Sandbox PEC', commonName: 'Sandbox Authentication Root CA' },
		...around(now, 10),
		extensions: certificationAuthority(),
	});
	const issuing = issueCertificate(issuingKeys, {
		subject: { organization: 'Sandbox PEC', commonName: 'Sandbox PEC CA1' },
		issuer: root,
		...around(now, 5),
		extensions: [
			...certificationAuthority(0),
			{ name: 'extKeyUsage', emailProtection: true },
			policy(),
			nameConstraints(providers.map(({ domain }) => domain)),
		],
	});
	const signers = new Map<string, SignerCertificates>();
	for (const [index, provider] of providers.entries()) {
		const keys = signerKeys[index];
		if (!keys) continue;
		const own = issueCertificate(keys, {
			subject: { organization: provider.name, commonName: 'Posta Certificata' },
			issuer: issuing,
			...around(now, 1.5),
			extensions: [
				{ name: 'keyUsage', critical: true, digitalSignature: true, nonRepudiation: true },
				{ name: 'extKeyUsage', emailProtection: true },
				policy(),
				{
					name: 'subjectAltName',
					altNames: [{ type: 1, value: `posta-certificata@${provider.domain}` }],
				},
			],
		});
		signers.set(provider.domain, { own, issuing });
	}

	const real = new Date();
	const tlsCa = issueCertificate(tlsCaKeys, {
		subject: { organization: 'Sandbox TLS', commonName: 'Sandbox TLS CA' },
		...around(real, 5),
		extensions: certificationAuthority(),
	});
	const server = issueCertificate(tlsKeys, {
		subject: { organization: 'Sandbox TLS', commonName: 'localhost' },
		issuer: tlsCa,
		from: new Date(real.getTime() - 60 * DAY),
		to: new Date(real.getTime() + (options.tls === 'expired' ? -DAY : YEAR)),
		extensions: [
			{ name: 'basicConstraints', cA: false },
			{ name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
			{ name: 'extKeyUsage', serverAuth: true },
			{
				name: 'subjectAltName',
				altNames: [
					{ type: 2, value: 'localhost' },
					{ type: 7, ip: '127.0.0.1' },
				],
			},
		],
	});

	return {
		pecCa: issuing.pem + root.pem,
		tlsCa: tlsCa.pem,
		tls: {
			key: server.key.export({ type: 'pkcs8', format: 'pem' }).toString(),
			cert: server.pem,
		},
		signers,
	};
}

/** Half of the life lies behind `middle`, so that a test's clock may move either way. */
function around(middle: Date, years: number): { from: Date; to: Date } {
	return {
		from: new Date(middle.getTime() - years * YEAR),
		to: new Date(middle.getTime() + years * YEAR),
	};
}

function certificationAuthority(pathLenConstraint?: number): object[] {
	return [
		{
			name: 'basicConstraints',
			critical: true,
			cA: true,
			...(pathLenConstraint === undefined ? {} : { pathLenConstraint }),
		},
		{ name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
	];
}

function sequence(...parts: forge.asn1.Asn1[]): forge.asn1.Asn1 {
	return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, parts);
}

/** RFC 5280 4.2.1.4. */
function policy(): object {
	const oid = asn1.create(
		asn1.Class.UNIVERSAL,
		asn1.Type.OID,
		false,
		asn1.oidToDer(PEC_POLICY).getBytes(),
	);
	return { id: '2.5.29.32', value: sequence(sequence(oid)) };
}

/** RFC 5280 4.2.1.10: only mailboxes at these hosts. */
function nameConstraints(domains: readonly string[]): object {
	const subtrees = domains.map((domain) =>
		sequence(asn1.create(asn1.Class.CONTEXT_SPECIFIC, 1, false, domain)),
	);
	return {
		id: '2.5.29.30',
		critical: true,
		value: sequence(asn1.create(asn1.Class.CONTEXT_SPECIFIC, 0, true, subtrees)),
	};
}
