import type { DraftAttachment, EncodedAttachment } from './encodedAttachment';

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
