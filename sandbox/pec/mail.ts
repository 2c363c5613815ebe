import {
	addressesIn,
	fieldsNamed,
	readHeaders,
	readableValue,
	type HeaderBlock,
} from './headers.ts';

export const RECEIPT_CONTENTS = ['completa', 'breve', 'sintetica'] as const;
export type ReceiptContent = (typeof RECEIPT_CONTENTS)[number];

export interface Recipient {
	readonly address: string;
	/** Managed by a PEC provider. */
	readonly certified: boolean;
	/** In both fields counts as `to` (RFC 6109 3.3.2.1). */
	readonly role: 'to' | 'cc';
}

/** What a client handed in: exactly the bytes of DATA after dot-unstuffing. */
export interface Submission {
	/** The address of the account that signed in. */
	readonly account: string;
	readonly mailFrom: string;
	readonly rcptTo: readonly string[];
	readonly raw: Buffer;
	/** For the Received line, e.g. `from desk ([127.0.0.1])`. */
	readonly client: { readonly name: string; readonly address: string; readonly protocol: string };
}

/** A submission with its PEC msgid: what envelope and receipts say about it. */
export interface PecMail {
	/** Without angle brackets. */
	readonly providerId: string;
	/** The client's Message-ID as it wrote it, with its angle brackets if it has any. */
	readonly clientId?: string;
	readonly sender: string;
	/** The addresses of Reply-To, separated by `, `; the sender when there are none. */
	readonly replyTo: string;
	/** As a person reads it; absent when there is no Subject. */
	readonly subject?: string;
	/** Those of RCPT, as written there (RFC 6109 2.1). */
	readonly recipients: readonly Recipient[];
	readonly receiptContent: ReceiptContent;
	readonly headers: HeaderBlock;
	/** The bytes submitted, untouched. */
	readonly raw: Buffer;
}

/** Reads a submission; whether it may pass is another question (`formalChecks.ts`). */
export function readSubmission(
	submission: Submission,
	options: { providerId: string; isCertified: (address: string) => boolean },
): PecMail {
	const headers = readHeaders(submission.raw);
	const first = (name: string): string | undefined => fieldsNamed(headers, name)[0]?.value;
	const asked = first('X-TipoRicevuta')?.toLowerCase();
	return {
		providerId: options.providerId,
		clientId: clientMessageId(headers),
		sender: submission.account,
		replyTo: addressesIn(headers, 'Reply-To').join(', ') || submission.account,
		subject: readableValue(fieldsNamed(headers, 'Subject')[0]),
		recipients: recipientsOf(headers, submission.rcptTo, options.isCertified),
		receiptContent: RECEIPT_CONTENTS.find((content) => content === asked) ?? 'completa',
		headers,
		// where the submission has it, which may be on disk
		get raw() {
			return submission.raw;
		},
	};
}

/**
 * The first Message-ID as the client wrote it, well formed or not (RFC 6109 2.2.1). Undefined when it says nothing, and
 * when it could not stand in a header: bytes beyond ASCII, or more than fit on a line.
 */
export function clientMessageId(headers: HeaderBlock): string | undefined {
	const value = fieldsNamed(headers, 'Message-ID')[0]?.value ?? '';
	return /^[\t\x20-\x7e]{1,900}$/.test(value) && value !== '<>' ? value : undefined;
}

/** The forward path is certified; To and Cc only tell primary recipients from others (RFC 6109 2.1). */
function recipientsOf(
	headers: HeaderBlock,
	rcptTo: readonly string[],
	isCertified: (address: string) => boolean,
): Recipient[] {
	const named = (field: string): Set<string> =>
		new Set(addressesIn(headers, field).map((address) => address.toLowerCase()));
	const to = named('To');
	const cc = named('Cc');
	return rcptTo.map((address) => {
		const key = address.toLowerCase();
		// RFC 6109 3.3.2.1: in both fields, or in none, is a primary recipient
		const role = cc.has(key) && !to.has(key) ? 'cc' : 'to';
		return { address, certified: isCertified(address), role };
	});
}
