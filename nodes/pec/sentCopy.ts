import type { DraftAttachment, EncodedAttachment } from './encodedAttachment';
import { fieldOf, type Header } from './header';

/** What stands in a sent copy for an attachment that the copy does not hold: enough to recognise the file that was sent. */
export function withoutContent({ fileName, size, sha256 }: EncodedAttachment): DraftAttachment {
	const lines = [
		'This file was sent with the message. It is not in this copy.',
		'(Il file è stato inviato con il messaggio. Questa copia non lo contiene.)',
		'',
		`File: ${fileName}`,
		`Size (dimensione): ${size} bytes`,
		`SHA-256: ${sha256}`,
		'',
	];
	return {
		fileName: `${fileName}.txt`,
		mimeType: 'text/plain; charset=utf-8',
		content: Buffer.from(lines.join('\r\n')),
	};
}

const MARK = 'X-n8n-PEC-Copy';
const WITHOUT_ATTACHMENTS = 'without-attachments';

/** Marks a sent copy as one that is not the message itself; the message that is sent never carries it. */
export function asPartialCopy(raw: Buffer): Buffer {
	return Buffer.concat([Buffer.from(`${MARK}: ${WITHOUT_ATTACHMENTS}\r\n`), raw]);
}

/** Whether a message is a sent copy whose files are only named. */
export function isPartialCopy(header: Header): boolean {
	return fieldOf(header, MARK.toLowerCase()) === WITHOUT_ATTACHMENTS;
}
