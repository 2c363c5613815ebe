import { generateKeyPair, randomBytes, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

import forge from 'node-forge';

const { asn1, pki } = forge;

export interface KeyPair {
	readonly publicKey: KeyObject;
	readonly privateKey: KeyObject;
}

/** A certificate with the key it certifies. */
export interface Certified {
	readonly certificate: forge.pki.Certificate;
	readonly pem: string;
	readonly key: KeyObject;
}

export interface CertificateRequest {
	readonly subject: { readonly organization: string; readonly commonName: string };
	/** Absent: self-signed. */
	readonly issuer?: Certified;
	readonly from: Date;
	readonly to: Date;
	/** In node-forge's notation; key identifiers are added. */
	readonly extensions: readonly object[];
}

const generateKeys = promisify(generateKeyPair);

/** A new RSA key of 2048 bits, made off the main thread. */
export async function createKeyPair(): Promise<KeyPair> {
	return await generateKeys('rsa', { modulusLength: 2048 });
}

/** Issues a version 3 certificate over `keys`, signed with SHA-256 by the request's issuer. */
export function issueCertificate(keys: KeyPair, request: CertificateRequest): Certified {
	const certificate = pki.createCertificate();
	certificate.publicKey = pki.publicKeyFromPem(
		keys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
	);
	certificate.serialNumber = positiveSerial();
	certificate.validity.notBefore = request.from;
	certificate.validity.notAfter = request.to;
	const subject = [
		{ name: 'countryName', value: 'IT' },
		{ name: 'organizationName', value: request.subject.organization },
		{ name: 'commonName', value: request.subject.commonName },
	];
	certificate.setSubject(subject);
	certificate.setIssuer(request.issuer?.certificate.subject.attributes ?? subject);
	const issuer = request.issuer?.certificate ?? certificate;
	certificate.setExtensions([
		...request.extensions,
		{ name: 'subjectKeyIdentifier' },
		{
			name: 'authorityKeyIdentifier',
			keyIdentifier: issuer.generateSubjectKeyIdentifier().getBytes(),
		},
	]);
	const issuerKey = request.issuer?.key ?? keys.privateKey;
	certificate.sign(nativeSigningKey(issuerKey, certificate), forge.md.sha256.create());
	return { certificate, pem: pki.certificateToPem(certificate), key: keys.privateKey };
}

// node-forge signs in JavaScript, about a hundred times slower than OpenSSL
function nativeSigningKey(
	key: KeyObject,
	certificate: forge.pki.Certificate,
): forge.pki.rsa.PrivateKey {
	const forgeKey = pki.privateKeyFromPem(
		key.export({ type: 'pkcs8', format: 'pem' }).toString(),
	) as forge.pki.rsa.PrivateKey;
	forgeKey.sign = () => {
		const toBeSigned = Buffer.from(asn1.toDer(certificate.tbsCertificate).getBytes(), 'latin1');
		return sign('sha256', toBeSigned, key).toString('latin1');
	};
	return forgeKey;
}

// a leading byte above 0x7f would read as a negative INTEGER
function positiveSerial(): string {
	return `01${randomBytes(8).toString('hex')}`;
}
