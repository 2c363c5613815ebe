import { createHash } from 'node:crypto';
import { contentOf, fileNameOf } from './content';
import { encodeAttachment, type EncodedAttachment } from './encodedAttachment';
import { messageIdIn } from './header';
import { ownParts, readMime } from './mime';
import { pecKeyOf } from './pecKey';
import { presentFields } from './presentFields';
import type { Attachment, Mailaddress, PecMessage } from './types';
import { writeMessage, type WrittenFields } from './writeMessage';

/**
 * How a message stands in another mailbox: `exact`, its own bytes; `enclosed`, as a file of a plain message, for servers
 * that change what they store; `readable`, what its author wrote on top and its own bytes as a file.
 */
export type CopyForm = 'exact' | 'enclosed' | 'readable';

export type ComposedForm = Exclude<CopyForm, 'exact'>;

const ID_WORD: Readonly<Record<ComposedForm, string>> = {
	enclosed: 'pec-copy',
	readable: 'pec-readable',
};

/** What finds a composed copy again: with angle brackets. Whether it is one is told by its file alone. */
export function copyMessageIdOf(pecKey: string, form: ComposedForm): string {
	return `<${ID_WORD[form]}.${pecKey}@n8n-nodes-pec.invalid>`;
}

/** Safe on every file system, short enough to stand in one piece in a header. */
export function enclosedNameOf(pecKey: string): string {
	return `busta-${pecKey.slice(0, 24)}.eml`;
}

/**
 * The message that a composed copy carries, with this pecKey, to the byte; `undefined` when it carries none.
 * The key holds the size, and is computed from what was decoded.
 */
export function enclosedMessageOf(copy: Buffer, pecKey: string): Buffer | undefined {
	const parts = ownParts(readMime(copy).root).reverse();
	for (const part of parts) {
		if (part.parts.length > 0 || !fileNameOf(part)?.toLowerCase().endsWith('.eml')) continue;
		const content = contentOf(part);
		if (pecKeyOf(content, content.length) === pecKey) return content;
	}
	return undefined;
}

/**
 * Writes a copy of a message that carries it as a file: a file of no type, in base64, since a server that changes messages
 * may change `message/rfc822` as well.
 * @param read what `raw` says
 * @param inReplyTo the message of the other mailbox that it belongs to there, with angle brackets
 */
export async function composeCopy(
	raw: Buffer,
	read: PecMessage,
	form: ComposedForm,
	inReplyTo?: string,
): Promise<Buffer> {
	const { pecKey } = read;
	const envelope = encodeAttachment({
		fileName: enclosedNameOf(pecKey),
		mimeType: 'application/octet-stream',
		content: raw,
	});
	const { original } = read;
	const isOpened = form === 'readable' && original !== undefined && read.kind !== 'receipt';
	const fields = isOpened ? lettersFields(read, original) : envelopesFields(read);
	const files = isOpened ? original.attachments.map(fileOf) : [];
	return await writeMessage(
		{
			...answering(fields, inReplyTo),
			messageId: copyMessageIdOf(pecKey, form),
			headers: { 'X-PEC-Key': pecKey },
		},
		[...files, envelope],
		// Of all the bytes: no author can have known it.
		createHash('sha256').update(raw).update(pecKey).digest('hex').slice(0, 32),
	);
}

/** What a message refers to, oldest first; mail programs put together what refers to the same. */
interface Threaded extends Omit<WrittenFields, 'references'> {
	readonly references: string[];
}

function answering(
	{ references: known, ...fields }: Threaded,
	inReplyTo: string | undefined,
): WrittenFields {
	const references = [...new Set([...(inReplyTo === undefined ? [] : [inReplyTo]), ...known])];
	return {
		...fields,
		...(inReplyTo === undefined ? {} : { inReplyTo }),
		...(references.length === 0 ? {} : { references }),
	};
}

function envelopesFields(read: PecMessage): Threaded {
	const { envelope, receipt } = read;
	// What a receipt is about: the letters and receipts of one sending stand together.
	const about = messageIdIn(receipt?.originalMessageId);
	return presentFields<Threaded>({
		from: plain(envelope.from),
		to: envelope.to.map(plain).filter((one) => one !== undefined),
		cc: envelope.cc.map(plain).filter((one) => one !== undefined),
		subject: envelope.subject,
		inReplyTo: about,
		references: [about ?? [], envelope.messageId ?? []].flat(),
		date: dateOf(envelope.date),
		text: [...factsOf(read), ...ENCLOSED_NOTE(read.pecKey)].join('\r\n'),
	});
}

function lettersFields(
	{ envelope, pecKey }: PecMessage,
	original: NonNullable<PecMessage['original']>,
): Threaded {
	const references = [
		...(original.references ?? []),
		original.messageId ?? [],
		envelope.messageId ?? [],
	].flat();
	const hasText = Boolean(original.text || original.html);
	return presentFields<Threaded>({
		from: original.from ? addressOf(original.from) : plain(envelope.from),
		to: original.to.map(addressOf),
		cc: original.cc.map(addressOf),
		replyTo: original.replyTo.length > 0 ? original.replyTo.map(addressOf) : undefined,
		subject: original.subject ?? envelope.subject,
		inReplyTo: original.inReplyTo,
		references,
		date: dateOf(original.date) ?? dateOf(envelope.date),
		text: original.text ?? (hasText ? undefined : ENCLOSED_NOTE(pecKey).join('\r\n')),
		html: original.html,
	});
}

function addressOf({ address, name }: Mailaddress): { name: string; address: string } {
	return { name: name ?? '', address };
}

/** As it stood in a header, which may hold anything. */
function plain(text: string | undefined): string | undefined {
	return text === undefined ? undefined : text.replace(/[\x00-\x1f\x7f]+/g, ' ');
}

function dateOf(text: string | undefined): Date | undefined {
	const date = new Date(text ?? NaN);
	return Number.isNaN(date.getTime()) ? undefined : date;
}

/** A name or a type that cannot stand in a header is put right: the file as it was lies in the envelope. */
function fileOf({ fileName, mimeType, content }: Attachment): EncodedAttachment {
	return encodeAttachment({
		fileName: fileName.replace(/[\x00-\x1f\x7f]/g, '_'),
		mimeType: /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(mimeType)
			? mimeType
			: 'application/octet-stream',
		content,
	});
}

function factsOf({ certification, envelope }: PecMessage): string[] {
	const facts: ReadonlyArray<readonly [string, string | undefined]> = [
		['Oggetto (subject)', certification?.subject ?? envelope.subject],
		['Mittente (sender)', certification?.sender ?? envelope.from],
		['Consegnato a (delivered to)', certification?.deliveredTo],
		['Ora (time)', certification?.local ?? certification?.at ?? envelope.date],
		['Identificativo (provider id)', certification?.providerId],
	];
	const lines = facts.flatMap(([name, value]) =>
		value === undefined ? [] : [`${name}: ${plain(value)}`],
	);
	return lines.length === 0 ? [] : [...lines, ''];
}

const ENCLOSED_NOTE = (pecKey: string): string[] => [
	`Il messaggio PEC è allegato in ${enclosedNameOf(pecKey)}, esattamente come era nella casella certificata.`,
	`(The certified message is attached as ${enclosedNameOf(pecKey)}, exactly as the certified mailbox had it.)`,
	'',
];
