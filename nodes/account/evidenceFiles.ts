import type { ImapSession } from '../mail/types';
import { evidenceHtml, hashList, type EvidenceFile, type PackedFolder } from '../pec/evidenceHtml';
import type { EvidenceFolder } from '../pec/evidencePlan';
import type { EvidenceLanguage } from '../pec/evidenceWords';
import { readPecMessage } from '../pec/message';
import { presentFields } from '../pec/presentFields';
import { safeStep, UniqueNames } from '../pec/safeName';
import { sha256Of } from '../pec/sha256';
import type { Attachment, PecMessage, Trust } from '../pec/types';
import type { FileToPack } from '../pec/zipWriter';
import type { WantedMessage } from './hintedFolders';
import { leftWhilePacked } from './packagePayload';
import { wholeMessages, type ReadMessage } from './wholeMessages';

export interface EvidenceContext {
	readonly imap: ImapSession;
	readonly account: string;
	readonly trust: Trust;
	readonly now: Date;
	readonly language: EvidenceLanguage;
}

const ATTACHMENT_NAME = 100;

type Messages = AsyncGenerator<ReadMessage<WantedMessage>, void>;

/**
 * The files of these folders: of each its messages to the byte, the attachments of the message beside them, hashes, and
 * the page that explains them. Messages of several folders are fetched together; memory does not grow with them.
 * `onFolder` is told of each folder before its last file.
 * @throws MailError, also for a message that left the mailbox since it was found
 */
export async function* filesOfFolders(
	folders: readonly EvidenceFolder[],
	context: EvidenceContext,
	onFolder: (packed: PackedFolder) => void,
	signal?: AbortSignal,
): AsyncGenerator<FileToPack, void> {
	const wanted = folders
		.flatMap(({ files }) => files)
		.map(({ part: { pecKey, place } }) => ({ pecKey, hint: place }));
	const messages = wholeMessages(wanted, context, signal);
	try {
		for (const folder of folders) yield* filesOfFolder(folder, context, messages, onFolder);
	} finally {
		await messages.return();
	}
}

/** @param messages that of the folder's first file comes next */
async function* filesOfFolder(
	folder: EvidenceFolder,
	context: EvidenceContext,
	messages: Messages,
	onFolder: (packed: PackedFolder) => void,
): AsyncGenerator<FileToPack, void> {
	const { language, now, trust } = context;
	const files: EvidenceFile[] = [];
	const packed = (path: string, content: Buffer, about: Partial<EvidenceFile> = {}): FileToPack => {
		const sha256 = sha256Of(content);
		files.push(presentFields({ path, size: content.length, sha256, ...about }));
		return { path: `${folder.name}/${path}`, content };
	};
	let attachments: readonly Attachment[] = [];
	for (const { path, part } of folder.files) {
		const { value } = await messages.next();
		if (!value?.message) throw value?.refusal ?? leftWhilePacked(`${folder.name}/${path}`);
		const { content, place } = value.message;
		const raw = await bytesOf(content);
		const receivedAt = new Date(place.receivedAt);
		const read = await readPecMessage(raw, { trust, now, receivedAt });
		yield packed(
			path,
			raw,
			presentFields({ role: part.role, at: part.at, verified: read.verified }),
		);
		if (attachments.length === 0) attachments = attachmentsOf(read);
	}
	const names = new UniqueNames();
	for (const { fileName, content } of attachments) {
		const name = names.take(safeStep(fileName, 'allegato', ATTACHMENT_NAME));
		yield packed(`allegati/${name}`, content);
	}
	const hashes = hashList(files);
	yield { path: `${folder.name}/impronte-sha256.txt`, content: hashes };
	onFolder({ folder, files, hashesSha256: sha256Of(hashes) });
	const page = evidenceHtml({ folder, files, language, now });
	yield { path: `${folder.name}/riepilogo.html`, content: page };
}

/** Of the message itself, where this one is it or holds it: a brief receipt has only hashes of them. */
function attachmentsOf(message: PecMessage): readonly Attachment[] {
	const { kind, receipt, original, partialCopy } = message;
	const holdsIt = kind === 'receipt' ? receipt?.content === 'complete' : !partialCopy;
	return (holdsIt && original?.attachments) || [];
}

async function bytesOf(content: Buffer | AsyncIterable<Buffer>): Promise<Buffer> {
	if (Buffer.isBuffer(content)) return content;
	const pieces: Buffer[] = [];
	for await (const piece of content) pieces.push(piece);
	return Buffer.concat(pieces);
}
