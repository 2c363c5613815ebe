import { messageFileName } from './messageName';
import type { PlannedFile } from './packagePlan';
import { outcomeOf } from './outcome';
import { presentFields } from './presentFields';
import { rowOfMessageId } from './rowId';
import { safeStep, UniqueNames } from './safeName';
import type { MissingPart, Thread, ThreadPart } from './threadTypes';
import type { RecipientOutcome } from './types';

/** What one recipient of one sending has in an evidence file. */
export interface EvidenceFolder {
	/** A safe step. */
	readonly name: string;
	/** Of a received message, its sender. */
	readonly correspondent?: string;
	readonly thread: Thread;
	/** Of a sending of which records or receipts say how it stands. */
	readonly outcome?: RecipientOutcome;
	/** About this recipient alone. */
	readonly missing: readonly MissingPart[];
	readonly files: readonly PlannedFile[];
	/** What left the mailbox, where only its copy is. */
	readonly elsewhere: readonly ThreadPart[];
}

/** Attachments are put beside the message that holds them. */
const SIZE_FACTOR = 2;
const FOLDER_COST = 64 * 1024;
/** Windows and its users bear no more in one ZIP; each folder has, beside its messages and attachments, a page and hashes. */
const FILES_LIMIT = 20_000;

/** Of the page about the whole ZIP. */
export const SUMMARY_NAME = 'riepilogo.html';

/** One folder for each recipient, in the order of the sendings: each can be deposited by itself. */
export function evidenceFolders(
	threads: readonly Thread[],
	{ account, now }: { account: string; now: Date },
): EvidenceFolder[] {
	const names = new UniqueNames();
	names.take(SUMMARY_NAME);
	return threads.flatMap((thread) =>
		correspondentsOf(thread).map((correspondent) => {
			const words = [correspondent, thread.rowKey].filter((word) => word !== undefined);
			const name = names.take(safeStep(words.join('_'), 'senza-indirizzo'));
			return folderOf(thread, { name, correspondent, account, now });
		}),
	);
}

function correspondentsOf({ direction, recipients, sender }: Thread): (string | undefined)[] {
	if (direction === 'received') return [sender];
	const addresses = recipients.map(({ address }) => address.toLowerCase());
	return addresses.length === 0 ? [undefined] : addresses;
}

function folderOf(
	thread: Thread,
	{
		name,
		correspondent,
		account,
		now,
	}: { name: string; correspondent: string | undefined; account: string; now: Date },
): EvidenceFolder {
	const isTheirs = (recipient: string | undefined) =>
		thread.direction === 'received' ||
		recipient === undefined ||
		recipient.toLowerCase() === correspondent;
	const parts = thread.parts.filter(({ recipient }) => isTheirs(recipient));
	const names = new UniqueNames();
	const files = parts.flatMap((part) => {
		const { place, headers, pecKey } = part;
		if (!place || !headers) return [];
		const file = messageFileName({ headers, pecKey, receivedAt: place.receivedAt, account });
		return [{ path: names.take(file), part: { ...part, place, headers } }];
	});
	return presentFields({
		name,
		correspondent,
		thread,
		outcome: outcomeIn(thread, correspondent, now),
		missing: thread.missing.filter((one) =>
			isTheirs('recipient' in one ? one.recipient : undefined),
		),
		files,
		elsewhere: parts.filter(({ place }) => place === undefined),
	});
}

/** `undefined` where neither a record nor a receipt tells anything: not that nothing was sent. */
function outcomeIn(
	{ direction, messageId, rowKey = '', mailing, receipts, record }: Thread,
	recipient: string | undefined,
	now: Date,
): RecipientOutcome | undefined {
	if (direction === 'received' || messageId === undefined || recipient === undefined)
		return undefined;
	const attempt = rowOfMessageId(messageId)?.attempt ?? 1;
	const row = { recipient, rowKey, attempt };
	const known = presentFields({ row, messageId, mailing, record, receipts, now });
	const outcome = outcomeOf(known);
	const isKnown = record !== undefined || outcome.receipts.length > 0;
	return isKnown ? outcome : undefined;
}

/** Which folders go into which ZIP; one that is larger by itself stays whole. @param limit bytes */
export function splitFolders(
	folders: readonly EvidenceFolder[],
	limit: number,
): EvidenceFolder[][] {
	const parts: EvidenceFolder[][] = [];
	let [bytes, files] = [Infinity, Infinity];
	for (const folder of folders) {
		const size = folder.files.reduce((sum, { part }) => sum + part.size, 0);
		const cost = SIZE_FACTOR * size + FOLDER_COST;
		const count = folder.files.length + 2;
		if (bytes + cost > limit || files + count > FILES_LIMIT) {
			parts.push([]);
			[bytes, files] = [0, 0];
		}
		parts.at(-1)?.push(folder);
		bytes += cost;
		files += count;
	}
	return parts;
}

/** Nothing of it is missing, nor only elsewhere. */
export function isWholeFolder({ missing, elsewhere, files }: EvidenceFolder): boolean {
	return missing.length === 0 && elsewhere.length === 0 && files.length > 0;
}
