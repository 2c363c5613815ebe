import type { ImapSession } from '../mail/types';
import { unless } from '../mail/errors';
import { pecKeyOf, sizeOfPecKey } from '../pec/pecKey';
import type { Deleted, DeletionRecord, PlannedDeletion } from './cleanUpRecords';
import type { DeletionLog } from './deletionLog';
import { messageFolders } from './messageFolders';

/** After this long a run that planned a deletion is not about to do it any more: it would have lost its connection. */
const UNDER_WAY_MS = 30 * 60_000;

/**
 * Looks what became of deletions that were planned and whose end is not on record: the run was interrupted in between. What is
 * gone is recorded now; what lies there, or elsewhere, was not deleted.
 * @returns the deletions recorded, now or by the run that was interrupted: it may have told of them, or not
 * @throws MailError
 */
export async function recordUnfinishedDeletions(
	imap: ImapSession,
	{ log, now }: { log: DeletionLog; now: () => Date },
): Promise<DeletionRecord[]> {
	const recorded: DeletionRecord[] = [];
	for (const { uid, at, entries, recorded: before } of await log.open()) {
		recorded.push(...before);
		const present = await stillThere(imap, entries);
		const deletedAt = now().toISOString();
		const gone = entries
			.filter((entry) => !present.has(entry))
			.map((entry): Deleted => ({ ...entry, deletedAt, foundGone: true }));
		const isOver = now().getTime() - at.getTime() > UNDER_WAY_MS;
		recorded.push(...(await log.found(uid, gone, present.size === 0 || isOver)));
	}
	return recorded;
}

async function stillThere(
	imap: ImapSession,
	entries: readonly PlannedDeletion[],
): Promise<ReadonlySet<PlannedDeletion>> {
	const present = new Set<PlannedDeletion>();
	for (const path of new Set(entries.map(({ folder }) => folder))) {
		const folder = await unless('folderMissing', imap.open(path, { readOnly: true }));
		const planned = entries.filter((entry) => entry.folder === path);
		const found = await folder?.scan(planned.map(({ uid }) => uid));
		const keys = new Map(found?.map(({ uid, headers, size }) => [uid, pecKeyOf(headers, size)]));
		for (const entry of planned) {
			const isSameFolder = entry.uidValidity === folder?.uidValidity;
			if (isSameFolder && keys.get(entry.uid) === entry.pecKey) present.add(entry);
		}
	}
	const missing = entries.filter((entry) => !present.has(entry));
	for (const entry of await liesElsewhere(imap, missing)) present.add(entry);
	return present;
}

/** Moved by somebody, or numbered anew. */
async function liesElsewhere(
	imap: ImapSession,
	entries: readonly PlannedDeletion[],
): Promise<PlannedDeletion[]> {
	if (entries.length === 0) return [];
	const keys = new Set<string>();
	for (const path of await messageFolders(imap)) {
		const folder = await imap.open(path, { readOnly: true });
		if (folder.messages === 0) continue;
		for (const size of new Set(entries.map(({ pecKey }) => sizeOfPecKey(pecKey)))) {
			const uids = await folder.search({ larger: size - 1, smaller: size + 1 });
			for (const { headers, size: actual } of await folder.scan(uids)) {
				keys.add(pecKeyOf(headers, actual));
			}
		}
	}
	return entries.filter(({ pecKey }) => keys.has(pecKey));
}
