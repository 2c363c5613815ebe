import { fieldsNamed } from './headers.ts';
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
	const before = Buffer.from(received, 'latin1');
	const present = fieldsNamed(headers, 'Message-ID')[0];
	if (present === undefined) {
		return Buffer.concat([before, raw.subarray(0, headers.size), own, raw.subarray(headers.size)]);
	}
	return Buffer.concat([
		before,
		raw.subarray(0, present.start),
		own,
		raw.subarray(present.start + present.raw.length),
	]);
}
