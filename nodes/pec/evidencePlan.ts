import { messageFileName } from './messageName';
import type { PlannedFile } from './packagePlan';
import { presentFields } from './presentFields';
import { safeStep, UniqueNames } from './safeName';
import type { MissingPart, Thread, ThreadPart } from './threadTypes';

/** What one recipient of one sending has in an evidence file. */
export interface EvidenceFolder {
	/** A safe step. */
	readonly name: string;
	/** Of a received message, its sender. */
	readonly correspondent?: string;
	readonly thread: Thread;
	/** About this recipient alone. */
	readonly missing: readonly MissingPart[];
	readonly files: readonly PlannedFile[];
	/** What left the mailbox, where only its copy is. */
	readonly elsewhere: readonly ThreadPart[];
}

/** Attachments are put beside the message that holds them. */
const SIZE_FACTOR = 2;
const FOLDER_COST = 64 * 1024;

/** One folder for each recipient, in the order of the sendings: each can be deposited by itself. */
export function evidenceFolders(threads: readonly Thread[], account: string): EvidenceFolder[] {
	const names = new UniqueNames();
	return threads.flatMap((thread) =>
		correspondentsOf(thread).map((correspondent) => {
			const words = [correspondent, thread.rowKey].filter((word) => word !== undefined);
			const name = names.take(safeStep(words.join('_'), 'senza-indirizzo'));
			return folderOf(thread, { name, correspondent, account });
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
	}: { name: string; correspondent: string | undefined; account: string },
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
		missing: thread.missing.filter((one) =>
			isTheirs('recipient' in one ? one.recipient : undefined),
		),
		files,
		elsewhere: parts.filter(({ place }) => place === undefined),
	});
}

/** Which folders go into which ZIP; one that is larger by itself stays whole. @param limit bytes */
export function splitFolders(
	folders: readonly EvidenceFolder[],
	limit: number,
): EvidenceFolder[][] {
	const parts: EvidenceFolder[][] = [];
	let bytes = Infinity;
	for (const folder of folders) {
		const size = folder.files.reduce((sum, { part }) => sum + part.size, 0);
		const cost = SIZE_FACTOR * size + FOLDER_COST;
		if (bytes + cost > limit) {
			parts.push([]);
			bytes = 0;
		}
		parts.at(-1)?.push(folder);
		bytes += cost;
	}
	return parts;
}
