import type { IDataObject } from 'n8n-workflow';
import type { BinaryFile } from './parameters';
import type { PecMessage } from '../pec/types';
import type { FilePlace } from '../pec/messageFile';
import type { MailboxPlace } from '../account/mailbox';
import { signedContentOf } from '../pec/signedContent';

export interface MessageItem {
	readonly json: object;
	readonly binary: Readonly<Record<string, BinaryFile>>;
}

/** Which files go out with a message. */
export interface Include {
	readonly attachments: boolean;
	/** What lies inside signed attachments (.p7m). */
	readonly signedContents?: boolean;
	readonly wholeMessage?: Buffer;
}

/** By the values of the field Files to Put Out. */
export function includeOf(values: readonly string[], raw: Buffer): Include {
	return {
		attachments: values.includes('attachments'),
		signedContents: values.includes('signedContents'),
		...(values.includes('message') ? { wholeMessage: raw } : {}),
	};
}

/** The JSON contract of one message of a mailbox, with the binaries that were asked for. */
export function messageItem(
	message: PecMessage,
	mailbox: MailboxPlace,
	include: Include,
): MessageItem {
	const { size, sha256 } = message;
	return itemOf(message, { mailbox: { ...mailbox, size, sha256 } }, include);
}

/** Of one that the server lists, and of which it gives not even the header: it may be anything, also a deadline. */
export function withheldJson(place: {
	readonly account: string;
	readonly folder: string;
	readonly uid: number;
	readonly uidValidity: string;
}): object {
	const message =
		'The mail server gives neither content nor header of this message, though it gives others. Look at it in the webmail, and tell the provider.';
	return {
		kind: 'unreadable',
		consistent: false,
		verified: false,
		findings: [{ code: 'notGiven', message }],
		mailbox: place,
	};
}

/** The same of a message that was read from a file. */
export function fileMessageItem(
	message: PecMessage,
	file: FilePlace,
	include: Include,
): MessageItem {
	const { size, sha256 } = message;
	return itemOf(message, { file: { ...file, size, sha256 } }, include);
}

function itemOf(message: PecMessage, place: object, include: Include): MessageItem {
	const { original, sha256: _sha256, size: _size, ...facts } = message;
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
			attachments: attachments.map((attachment, index) => {
				const field = `attachment_${index}`;
				const signed = include.signedContents ? signedContentOf(attachment) : undefined;
				return {
					...(include.attachments ? putOut(attachment, field, binary) : factsOf(attachment)),
					...(signed ? { signedContent: putOut(signed, `${field}_content`, binary) } : {}),
				};
			}),
		};
	}
	return { json: { ...json, ...place }, binary };
}

/** Without asking for the content, which is decoded when it is asked for. */
function factsOf(file: object): object {
	const names = Object.keys(file).filter((name) => name !== 'content');
	return Object.fromEntries(names.map((name) => [name, file[name as keyof typeof file]]));
}

/** The file's facts with the binary field it went into; of a signed file that cannot be opened, the reason alone. */
function putOut(
	file: BinaryFile | { readonly reason: string },
	binaryField: string,
	binary: Record<string, BinaryFile>,
): object {
	if ('reason' in file) return file;
	const { fileName, mimeType, content } = file;
	binary[binaryField] = { fileName, mimeType, content };
	return { ...factsOf(file), binaryField };
}

/** As it leaves a node: a round trip drops absent fields. */
export function toJson(value: object): IDataObject {
	return JSON.parse(JSON.stringify(value)) as IDataObject;
}

/** Safe on every file system, and the same for the same message. */
export function fileNameOf(pecKey: string): string {
	return `${pecKey.slice(0, 24)}.eml`;
}
