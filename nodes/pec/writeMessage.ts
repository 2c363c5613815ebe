import MailComposer from 'nodemailer/lib/mail-composer';
import type { EncodedAttachment } from './encodedAttachment';

type MailOptions = NonNullable<ConstructorParameters<typeof MailComposer>[0]>;

/** What the composer is asked to write: header fields and texts. */
export type WrittenFields = Pick<
	MailOptions,
	| 'from'
	| 'sender'
	| 'to'
	| 'cc'
	| 'replyTo'
	| 'subject'
	| 'text'
	| 'html'
	| 'messageId'
	| 'inReplyTo'
	| 'references'
	| 'date'
	| 'headers'
>;

/** The composer leaves out an empty text, and with it the multipart round the only file of a message. */
const EMPTY_TEXT = {
	raw: 'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n',
};

/**
 * Puts the finished parts where the composer wrote the stand-in for them, with the boundary that follows it. The
 * composer itself would take tens of milliseconds to pass a megabyte through its streams.
 */
function withParts(
	written: Buffer,
	standIn: string,
	attachments: readonly EncodedAttachment[],
): Buffer {
	const start = written.lastIndexOf(standIn);
	const end = start + standIn.length;
	// CRLF, two hyphens, the boundary, two hyphens (RFC 2046 5.1.1).
	const closing = written.toString('latin1', end).trimEnd();
	const delimiter = Buffer.from(`${closing.slice(0, -2)}\r\n`, 'latin1');
	const parts = attachments.flatMap(({ part }, index) => (index === 0 ? part : [delimiter, part]));
	return Buffer.concat([written.subarray(0, start), ...parts, written.subarray(end)]);
}

/**
 * Writes a message of these fields and parts: CRLF, the same bytes for the same arguments.
 * @param fingerprint what boundaries are made of: hexadecimal, and nothing in the message may hold it
 */
export async function writeMessage(
	fields: WrittenFields,
	attachments: readonly EncodedAttachment[],
	fingerprint: string,
): Promise<Buffer> {
	const standIn = `parts-${fingerprint}`;
	const composer = new MailComposer({
		...fields,
		attachments:
			attachments.length === 0
				? []
				: [...(fields.text || fields.html ? [] : [EMPTY_TEXT]), { raw: standIn }],
		baseBoundary: fingerprint,
		newline: 'win',
		disableFileAccess: true,
		disableUrlAccess: true,
	});
	const written = await composer.compile().build();
	return attachments.length === 0 ? written : withParts(written, standIn, attachments);
}
