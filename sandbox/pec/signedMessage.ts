import { signDetachedAsync } from '../pki/cms.ts';
import { spelled } from './headerSpelling.ts';
import { base64Lines, certificationPart, multipart, originalPart, textPart } from './mimeParts.ts';
import type { Provider } from './provider.ts';
import type { ReadableText } from './texts.ts';

export interface MessageContent {
	readonly text: ReadableText;
	/** daticert.xml; an anomaly envelope has none (RFC 6109 3.2.2). */
	readonly certification?: string;
	readonly original?: Buffer;
}

/**
 * A whole provider message (RFC 6109 4.3, 5.1): `headers` (finished lines), then multipart/signed over
 * multipart/mixed. All bytes are CRLF, so what is signed is S/MIME's canonical form as it stands.
 */
export async function writeSignedMessage(
	provider: Provider,
	headers: string,
	content: MessageContent,
	at: Date,
): Promise<Buffer> {
	const { style, identifiers } = provider;
	const entity = multipart('mixed', identifiers.boundary(at), partsOf(provider, content, at));
	const signature = await signDetachedAsync(provider.signer, entity, { at, digest: style.digest });
	const boundary = identifiers.signatureBoundary();
	const digest = style.digest === 'sha1' ? 'sha1' : 'sha-256';
	const micalg = style.quotedMicalg ? `"${digest}"` : digest;
	const fields =
		`${headers}MIME-Version: 1.0\r\n` +
		`Content-Type: multipart/signed; protocol="${style.signatureType}"; micalg=${micalg}; boundary="${boundary}"\r\n`;
	return signedMessage({
		head: `${spelled(fields, style.headerSpelling)}\r\nThis is an S/MIME signed message\r\n`,
		boundary,
		entity,
		signature,
		signatureType: style.signatureType,
	});
}

/** multipart/signed (RFC 1847 2.1): `head` are the header lines, which name the boundary, and a preamble if any. */
export function signedMessage(parts: {
	readonly head: string;
	readonly boundary: string;
	readonly entity: Buffer;
	/** DER. */
	readonly signature: Buffer;
	readonly signatureType: string;
}): Buffer {
	const { head, boundary, entity, signature, signatureType } = parts;
	const tail =
		`\r\n--${boundary}\r\n` +
		`Content-Type: ${signatureType}; name="smime.p7s"\r\n` +
		'Content-Transfer-Encoding: base64\r\n' +
		'Content-Disposition: attachment; filename="smime.p7s"\r\n' +
		`\r\n${base64Lines(signature, 64)}\r\n--${boundary}--\r\n`;
	const before = Buffer.from(`${head}\r\n--${boundary}\r\n`, 'latin1');
	return Buffer.concat([before, entity, Buffer.from(tail, 'latin1')]);
}

function partsOf(provider: Provider, content: MessageContent, at: Date): Buffer[] {
	const { style, identifiers } = provider;
	const { text, certification, original } = content;
	const readable = style.html
		? multipart('alternative', identifiers.boundary(at), [
				textPart('plain', text.plain),
				textPart('html', text.html),
			])
		: textPart('plain', text.plain);
	const attached = [
		...(certification === undefined ? [] : [certificationPart(certification, style)]),
		...(original === undefined ? [] : [originalPart(original, style.disposition)]),
	];
	return [readable, ...(style.originalFirst ? attached.reverse() : attached)];
}
