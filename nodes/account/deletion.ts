import type { ImapSession, OpenFolder } from '../mail/types';
import { cancelled } from '../mail/connectionError';
import { groupedBy } from '../pec/groups';
import { pecKeyOf } from '../pec/pecKey';
import type { CopyRecord, PurgeVerdict } from '../pec/types';
import { isRecordsFolder, type DeletionRecord, type Records } from './records';

/**
 * Why a message that was to go is still there. noCopy: no record of a checked copy with this size. folderChanged: the
 * folder was numbered anew. changed: under its number lies another message. gone: nothing lies there any more.
 * notRemoved: the server kept it. protected: it is one of our own records.
 */
export type KeptBecause =
	'noCopy' | 'folderChanged' | 'changed' | 'gone' | 'notRemoved' | 'protected';

export type DeletionOutcome = { readonly message: PurgeVerdict['message'] } & (
	| { readonly result: 'deleted'; readonly deletion: DeletionRecord }
	| { readonly result: 'kept'; readonly because: KeptBecause }
);

/** Deletions are recorded after each window: what an interruption leaves unrecorded is at most this many. */
const WINDOW = 100;

/**
 * Carries a purge plan out: of the verdicts `delete`, what lies where the plan saw it, is what the plan saw, and has a
 * checked copy in the mailbox's records. Nothing in the verdicts is believed: headers are fetched again right before.
 * One outcome per verdict `delete`.
 * @throws MailError; `cancelled` between two windows when the signal aborts
 */
export async function applyPurge(args: {
	imap: ImapSession;
	records: Records;
	verdicts: readonly PurgeVerdict[];
	now: () => Date;
	signal?: AbortSignal;
}): Promise<DeletionOutcome[]> {
	const { imap, records, now, signal } = args;
	const messages = args.verdicts
		.filter(({ verdict }) => verdict === 'delete')
		.map(({ message }) => message);
	const copies = await records.readCopies();
	const outcomes: DeletionOutcome[] = [];
	for (const [path, inFolder] of groupedBy(messages, ({ folder }) => folder)) {
		if (isRecordsFolder(path)) {
			outcomes.push(...inFolder.map((message) => kept(message, 'protected')));
			continue;
		}
		for (let start = 0; start < inFolder.length; start += WINDOW) {
			if (signal?.aborted) throw cancelled();
			// Opened for each window: writing the record may have selected another folder.
			const folder = await imap.open(path, { readOnly: false });
			const window = inFolder.slice(start, start + WINDOW);
			const done = await removeWindow(folder, window, copies, now);
			outcomes.push(...done);
			const deletions = done.flatMap((outcome) =>
				outcome.result === 'deleted' ? [outcome.deletion] : [],
			);
			await records.writeDeletions(deletions);
		}
	}
	return outcomes;
}

async function removeWindow(
	folder: OpenFolder,
	messages: ReadonlyArray<PurgeVerdict['message']>,
	copies: ReadonlyMap<string, CopyRecord>,
	now: () => Date,
): Promise<DeletionOutcome[]> {
	const current = new Map<number, string>();
	for (const { uid, headers, size } of await folder.scan(messages.map(({ uid }) => uid))) {
		current.set(uid, pecKeyOf(headers, size));
	}
	const outcomes: DeletionOutcome[] = [];
	const removable = new Map<number, { message: PurgeVerdict['message']; copy: CopyRecord }>();
	for (const message of messages) {
		const copy = copies.get(message.pecKey);
		const because = reasonToKeep(message, folder, current.get(message.uid), copy);
		if (because !== undefined) outcomes.push(kept(message, because));
		else if (copy) removable.set(message.uid, { message, copy });
	}
	if (removable.size === 0) return outcomes;
	const { deleted } = await folder.remove([...removable.keys()]);
	const gone = new Set(deleted);
	const deletedAt = now().toISOString();
	for (const [uid, { message, copy }] of removable) {
		if (!gone.has(uid)) {
			outcomes.push(kept(message, 'notRemoved'));
			continue;
		}
		const { pecKey, sha256, location } = copy;
		const { path, uidValidity } = folder;
		const deletion = { pecKey, sha256, location, folder: path, uid, uidValidity, deletedAt };
		outcomes.push({ message, result: 'deleted', deletion });
	}
	return outcomes;
}

function reasonToKeep(
	message: PurgeVerdict['message'],
	folder: OpenFolder,
	current: string | undefined,
	copy: CopyRecord | undefined,
): KeptBecause | undefined {
	if (message.uidValidity !== folder.uidValidity) return 'folderChanged';
	if (current === undefined) return 'gone';
	if (current !== message.pecKey) return 'changed';
	if (!copy || copy.size !== message.size) return 'noCopy';
	return undefined;
}

function kept(message: PurgeVerdict['message'], because: KeptBecause): DeletionOutcome {
	return { message, result: 'kept', because };
}
