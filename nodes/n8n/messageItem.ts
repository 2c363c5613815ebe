import type { IDataObject } from 'n8n-workflow';
import type { BinaryFile } from './parameters';
import type { PecMessage } from '../pec/types';
import type { MailboxPlace } from '../account/mailbox';

export interface MessageItem {
	readonly json: object;
	readonly binary: Readonly<Record<string, BinaryFile>>;
}

/** The JSON contract of one message, with the binaries that were asked for. */
export function messageItem(
	message: PecMessage,
	mailbox: MailboxPlace,
	include: { readonly attachments: boolean; readonly wholeMessage?: Buffer },
): MessageItem {
	const { original, sha256, size, ...facts } = message;
	const binary: Record<string, BinaryFile> = {};
	if (include.wholeMessage) {
		binary.data = {
			fileName: fileNameOf(message.pecKey),
			mimeType: 'message/rfc822',
			content: include.wholeMessage,
		};
	}
	const json: Record<string, unknown> = { ...facts };
	if (original) {
		const { raw: _bytes, attachments, ...letter } = original;
		json.original = {
			...letter,
			attachments: attachments.map(({ content, ...attachment }, index) => {
				if (!include.attachments) return attachment;
				const binaryField = `attachment_${index}`;
				binary[binaryField] = {
					fileName: attachment.fileName,
					mimeType: attachment.mimeType,
					content,
				};
				return { ...attachment, binaryField };
			}),
		};
	}
	json.mailbox = { ...mailbox, size, sha256 };
	return { json, binary };
}

/** As it leaves a node: a round trip drops absent fields. */
export function toJson(value: object): IDataObject {
	return JSON.parse(JSON.stringify(value)) as IDataObject;
}

/** Safe on every file system, and the same for the same message. */
export function fileNameOf(pecKey: string): string {
	return `${pecKey.slice(0, 24)}.eml`;
}
