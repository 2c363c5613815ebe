import { createHash } from 'node:crypto';
import type { ImapSession } from '../mail/types';
import { evidenceHtml, hashList, type EvidenceFile } from '../pec/evidenceHtml';
import type { EvidenceFolder } from '../pec/evidencePlan';
import type { EvidenceLanguage } from '../pec/evidenceWords';
import { readPecMessage } from '../pec/message';
import { presentFields } from '../pec/presentFields';
import { safeStep, UniqueNames } from '../pec/safeName';
import type { Attachment, PecMessage, Trust } from '../pec/types';
import type { FileToPack } from '../pec/zipWriter';
import { leftMeanwhile } from './packagePayload';
import { wholeMessages } from './wholeMessages';

export interface EvidenceContext {
	readonly imap: ImapSession;
	readonly account: string;
	readonly trust: Trust;
	readonly now: Date;
	readonly language: EvidenceLanguage;
}

const ATTACHMENT_NAME = 100;

/**
 * The files of one folder: its messages to the byte, the attachments of the message beside them, hashes, and the page
 * that explains them. One message at a time is in memory. `onFile` is told of each.
 * @throws MailError, also for a message that left the mailbox since it was found
 */
export async function* filesOfFolder(
	folder: EvidenceFolder,
	context: EvidenceContext,
	onFile: (file: EvidenceFile) => void,
	signal?: AbortSignal,
): AsyncGenerator<FileToPack, void> {
	const { language, now, trust } = context;
	const files: EvidenceFile[] = [];
	const packed = (path: string, content: Buffer, about: Partial<EvidenceFile> = {}): FileToPack => {
		const sha256 = createHash('sha256').update(content).digest('hex');
		const file = presentFields({ path, size: content.length, sha256, ...about });
		files.push(file);
		onFile({ ...file, path: `${folder.name}/${path}` });
		return { path: `${folder.name}/${path}`, content };
	};
	const wanted = folder.files.map(({ path, part }) => ({
		path,
		part,
		pecKey: part.pecKey,
		hint: part.place,
	}));
	let attachments: readonly Attachment[] = [];
	for await (const { wanted: file, message } of wholeMessages(wanted, context, signal)) {
		if (!message) throw leftMeanwhile();
		const raw = await bytesOf(message.content);
		const receivedAt = new Date(message.place.receivedAt);
		const read = await readPecMessage(raw, { trust, now, receivedAt });
		const { role, at } = file.part;
		yield packed(file.path, raw, presentFields({ role, at, verified: read.verified }));
		if (attachments.length === 0) attachments = attachmentsOf(read);
	}
	const names = new UniqueNames();
	for (const { fileName, content } of attachments) {
		const name = names.take(safeStep(fileName, 'allegato', ATTACHMENT_NAME));
		yield packed(`allegati/${name}`, content);
	}
	yield { path: `${folder.name}/impronte-sha256.txt`, content: hashList(files) };
	const page = evidenceHtml({ folder, files, language, now });
	yield { path: `${folder.name}/riepilogo.html`, content: page };
}

/** Of the message itself, where this one is it or holds it: a brief receipt has only hashes of them. */
function attachmentsOf({ kind, receipt, original }: PecMessage): readonly Attachment[] {
	const holdsIt = kind !== 'receipt' || receipt?.content === 'complete';
	return (holdsIt && original?.attachments) || [];
}

async function bytesOf(content: Buffer | AsyncIterable<Buffer>): Promise<Buffer> {
	if (Buffer.isBuffer(content)) return content;
	const pieces: Buffer[] = [];
	for await (const piece of content) pieces.push(piece);
	return Buffer.concat(pieces);
}
