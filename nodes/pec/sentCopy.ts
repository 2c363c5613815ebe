import type { DraftAttachment, EncodedAttachment } from './encodedAttachment';
import type { Original } from './types';

const NOT_IN_COPY = 'This file was sent with the message. It is not in this copy.';

/** What stands in a sent copy for an attachment that the copy does not hold: enough to recognise the file that was sent. */
export function withoutContent({ fileName, size, sha256 }: EncodedAttachment): DraftAttachment {
	const lines = [
		NOT_IN_COPY,
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

/** Whether a sent copy is one of those whose files are only named: it is not the message that was sent. */
export function isWithoutContent({ attachments }: Pick<Original, 'attachments'>): boolean {
	return attachments.some(
		({ fileName, size, content }) =>
			fileName.endsWith('.txt') &&
			size < NOTE_LIMIT &&
			content.subarray(0, NOT_IN_COPY.length).equals(Buffer.from(NOT_IN_COPY)),
	);
}

/** File names are long at the most as headers are. */
const NOTE_LIMIT = 64 * 1024;
