import type { Digest } from '../pki/cms.ts';
import type { SignerCertificates } from '../pki/hierarchy.ts';
import type { Dialect } from './dialect.ts';
import type { HeaderSpelling } from './headerSpelling.ts';
import type { Identifiers, IdentifierShape } from './identifiers.ts';
import type { ProviderKey } from './provisioning.ts';

/** Where real providers differ from each other within the rules; a reader must take all of it. */
export interface ProviderStyle {
	/** Readable text with an HTML alternative, or plain only (RFC 6109 4.3.1). */
	readonly html: boolean;
	readonly signatureType: 'application/x-pkcs7-signature' | 'application/pkcs7-signature';
	/** Certification data and original are interchangeable in order (RFC 6109 4.3). */
	readonly originalFirst: boolean;
	readonly disposition: 'inline' | 'attachment';
	/** Whether an envelope has a Sender beside From: RFC 6109 2.1 wants one of the same value, most write none. */
	readonly senderField: boolean;
	/** `postacert@errore` of a mailbox that does not exist: both are met with 5.1.1. */
	readonly unknownMailbox: 'no-dest' | 'altro';
	readonly digest: Digest;
	/** `micalg="sha1"`, or `micalg=sha1` as older messages have it. */
	readonly quotedMicalg: boolean;
	/** Whether certification data name the client's Message-ID (`msgid`). */
	readonly msgid: boolean;
	/** Whether envelopes and receipts name it in X-Riferimento-Message-ID. */
	readonly reference: boolean;
	readonly identifierShape: IdentifierShape;
	readonly headerSpelling: HeaderSpelling;
	/** Of the certification data; the second was not seen yet. */
	readonly certificationType: 'application/xml' | 'text/xml';
}

export interface Provider {
	readonly key: ProviderKey;
	readonly name: string;
	readonly domain: string;
	/** Domains it manages but has no mailbox at any more: mail to them fails with 5.1.2. */
	readonly retiredDomains: readonly string[];
	/** What envelopes and receipts come from (RFC 6109 2.2.6). */
	readonly certifiedAddress: string;
	/** Where presa-in-carico goes (RFC 6109 2.2.5). */
	readonly serviceAddress: string;
	readonly signer: SignerCertificates;
	readonly identifiers: Identifiers;
	readonly style: ProviderStyle;
	readonly dialect: Dialect;
	/** Whether its virus scanner is on. */
	readonly virusScan: boolean;
}

/** The provider that manages the domain of an address, if any does (RFC 6109 2.2.1). */
export function providerOf(providers: readonly Provider[], address: string): Provider | undefined {
	const domain = domainOf(address);
	return providers.find(
		(provider) => provider.domain === domain || provider.retiredDomains.includes(domain),
	);
}

export function domainOf(address: string): string {
	return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}
