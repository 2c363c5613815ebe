import { X509Certificate } from 'node:crypto';
import * as tls from 'node:tls';
import { MailError } from './errors';

/**
 * TLS as every connection of this package uses it: verified, always. `tlsCa` is trusted beside, never instead of, what
 * Node trusts by itself (its bundled roots and NODE_EXTRA_CA_CERTS).
 * @param tlsCa PEM, one certificate or several
 * @throws MailError `tlsUntrusted` when `tlsCa` holds no certificate
 */
export function tlsOptions(tlsCa: string | undefined): tls.ConnectionOptions {
	if (!tlsCa) return { rejectUnauthorized: true };
	const known = contexts.get(tlsCa);
	if (known) return { rejectUnauthorized: true, secureContext: known };
	try {
		new X509Certificate(tlsCa);
	} catch (cause) {
		throw unreadableCa(cause);
	}
	const secureContext = tls.createSecureContext({ ca: [...trustedByNode(), tlsCa] });
	const [oldest] = contexts.keys();
	if (oldest !== undefined && contexts.size >= CONTEXTS) contexts.delete(oldest);
	contexts.set(tlsCa, secureContext);
	return { rejectUnauthorized: true, secureContext };
}

/** To read Node's 150 certificates anew takes 30 ms and more than 1 MB a connection. */
const contexts = new Map<string, tls.SecureContext>();
const CONTEXTS = 8;

function unreadableCa(cause: unknown): MailError {
	return new MailError('tlsUntrusted', 'The additional TLS certificate cannot be read', {
		whatToDo:
			'Paste the certificate in the credential again, from "-----BEGIN CERTIFICATE-----" to "-----END CERTIFICATE-----"',
		retry: 'never',
		cause,
	});
}

/** Node before 22.15 cannot tell what NODE_EXTRA_CA_CERTS added. */
function trustedByNode(): readonly string[] {
	return typeof tls.getCACertificates === 'function'
		? tls.getCACertificates('default')
		: tls.rootCertificates;
}
