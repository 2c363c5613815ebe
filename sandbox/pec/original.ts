import { fieldsNamed, type HeaderBlock } from './headers.ts';
import type { PecMail } from './mail.ts';

/**
 * postacert.eml: the submitted bytes with what the access point adds, and nothing else (RFC 6109 2.2.1):
 * 1. its Received field in front;
 * 2. the value of the first Message-ID replaced by the PEC msgid, in place (or the field appended to the header);
 * 3. X-Riferimento-Message-ID with the client's Message-ID right behind it, if there was one.
 */
export function withProviderAdditions(mail: PecMail, received: string): Buffer {
	const { raw, headers, providerId, clientId } = mail;
	const reference = clientId === undefined ? '' : `X-Riferimento-Message-ID: ${clientId}\r\n`;
	const own = Buffer.from(`Message-ID: <${providerId}>\r\n${reference}`, 'latin1');
	return Buffer.concat([Buffer.from(received, 'latin1'), withMessageId(raw, headers, own)]);
}

/** A message with these lines in the place of its first Message-ID, or at the end of a header that has none. */
export function withMessageId(raw: Buffer, headers: HeaderBlock, own: Buffer): Buffer {
	const present = fieldsNamed(headers, 'Message-ID')[0];
	const start = present?.start ?? headers.size;
	const end = start + (present?.raw.length ?? 0);
	return Buffer.concat([raw.subarray(0, start), own, raw.subarray(end)]);
}
