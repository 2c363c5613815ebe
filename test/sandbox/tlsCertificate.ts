import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';

/** A self-signed server certificate for localhost and 127.0.0.1, valid for the next hour. PEM texts. */
export function makeTlsCertificate(): { key: string; cert: string } {
	const { publicKey, privateKey } = generateKeyPairSync('rsa', {
		modulusLength: 2048,
		publicKeyEncoding: { type: 'spki', format: 'pem' },
		privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
	});
	const certificate = forge.pki.createCertificate();
	certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
	certificate.serialNumber = '01';
	certificate.validity.notBefore = new Date(Date.now() - 60_000);
	certificate.validity.notAfter = new Date(Date.now() + 3_600_000);
	const name = [{ name: 'commonName', value: 'localhost' }];
	certificate.setSubject(name);
	certificate.setIssuer(name);
	certificate.setExtensions([
		{ name: 'basicConstraints', cA: false },
		{ name: 'extKeyUsage', serverAuth: true },
		{
			name: 'subjectAltName',
			altNames: [
				{ type: 2, value: 'localhost' },
				{ type: 7, ip: '127.0.0.1' },
			],
		},
	]);
	certificate.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
	return { key: privateKey, cert: forge.pki.certificateToPem(certificate) };
}
