import type { ImapSession, OpenFolder, ScannedMessage } from '../mail/types';
import { folderChanged } from '../mail/imapError';
import { readPecMessage } from '../pec/message';
import { pecKeyOf } from '../pec/pecKey';
import { sha256Of } from '../pec/sha256';
import type { CopyRecord, CopyRequired, PurgeMessage, PurgeVerdict, Trust } from '../pec/types';
import type { DeletionRecord, MessagePlace } from './cleanUpRecords';
import type { DeletionLog } from './deletionLog';
import { isRecordsFolder, type Records } from './records';

/**
 * Why a message that was to go is still there. noCopy: no record of a copy with this size, or not the bytes of the copy.
 * folderChanged: the folder was numbered anew. changed: under its number lies another message. gone: nothing lies there any
 * more. notRemoved: the server kept it. protected: it is one of our own records. flagged, unread: marked so since the plan.
 */
export type KeptBecause =
	| 'noCopy'
	| 'bytesDiffer'
	| 'notHandedOver'
	| 'unverified'
	| 'folderChanged'
	| 'changed'
	| 'gone'
	| 'notRemoved'
	| 'protected'
	| 'flagged'
	| 'unread';

export type DeletionOutcome =
	| { readonly result: 'deleted'; readonly deletion: DeletionRecord }
	| { readonly result: 'kept'; readonly message: PurgeMessage; readonly because: KeptBecause };

/**
 * What no run goes on after. notRemoved: the server said it removed messages, and they are there. othersGone: with those that
 * were asked for, others left the folder that no clean-up was about to remove.
 */
export interface DeletionStop {
	readonly because: 'notRemoved' | 'othersGone';
	readonly folder: string;
	readonly uids: readonly number[];
}

export interface DeletionRules {
	readonly copyRequired: CopyRequired;
	/** Every message is fetched whole once more, and its bytes held against those of the copy. */
	readonly comparesBytes: boolean;
	/** Of what goes without a copy. */
	readonly keepUnverified: boolean;
	readonly trust: Trust;
}

export interface DeletionParts {
	readonly imap: ImapSession;
	readonly records: Records;
	readonly log: DeletionLog;
	readonly now: () => Date;
	readonly rules: DeletionRules;
}

interface Removable {
	readonly message: PurgeMessage;
	readonly sha256: string;
	readonly location?: string;
}

/**
 * Deletes messages of one folder, all that still are what the plan saw, and have what is required in the mailbox's records.
 * Nothing in the verdicts is believed: headers are fetched again right before. What is about to go is on record before, and what
 * went after. One outcome per verdict `delete`.
 * @param given all of one folder, as many as one record bears
 * @throws MailError: what was on its way then is in the records, and found by the next run (`unfinishedDeletions`)
 */
export async function deleteMessages(
	given: readonly PurgeVerdict[],
	parts: DeletionParts,
): Promise<{ readonly outcomes: DeletionOutcome[]; readonly stop?: DeletionStop }> {
	const verdicts = given.filter(({ verdict }) => verdict === 'delete');
	const [first] = verdicts;
	if (!first) return { outcomes: [] };
	const path = first.message.folder;
	const copies = await parts.records.readCopies();
	const folder = await parts.imap.open(path, { readOnly: false });
	const outcomes: DeletionOutcome[] = [];
	const removable: Removable[] = [];
	const current = new Map<number, ScannedMessage>();
	for (const found of await folder.scan(verdicts.map(({ message }) => message.uid))) {
		current.set(found.uid, found);
	}
	const shared = repeated(verdicts.map(({ message }) => message.pecKey));
	for (const verdict of verdicts) {
		const { message } = verdict;
		const copy = copies.get(message.pecKey);
		const because =
			reasonToKeep(verdict, folder, current.get(message.uid)) ??
			copyProblem(message, copy, parts.rules);
		const looked =
			because ??
			(await lookAtBytes(
				folder,
				message,
				copy,
				{
					...parts.rules,
					// Two messages of one key have one header, and perhaps not one body.
					comparesBytes: parts.rules.comparesBytes || shared.has(message.pecKey),
				},
				parts.now(),
			));
		if (typeof looked === 'string') outcomes.push({ result: 'kept', message, because: looked });
		else removable.push(looked);
	}
	if (removable.length === 0) return { outcomes };
	const removed = await removeRecorded(path, folder.uidValidity, removable, parts);
	return { ...removed, outcomes: [...outcomes, ...removed.outcomes] };
}

async function removeRecorded(
	path: string,
	uidValidity: string,
	removable: readonly Removable[],
	{ imap, log, now }: DeletionParts,
): Promise<{ readonly outcomes: DeletionOutcome[]; readonly stop?: DeletionStop }> {
	const placeOf = (uid: number): MessagePlace => ({ folder: path, uid, uidValidity });
	const entries = removable.map(({ message: { pecKey, uid }, ...copy }) => ({
		pecKey,
		...copy,
		...placeOf(uid),
	}));
	const planned = await log.plan(entries);
	// Opened again: the record was written into another folder.
	const folder = await imap.open(path, { readOnly: false });
	if (folder.uidValidity !== uidValidity) throw folderChanged(path);
	const before = await folder.search({});
	const asked = new Set(removable.map(({ message }) => message.uid));
	const { deleted } = await folder.remove([...asked]);
	// In a view of its own, where what the server only said it did is there again.
	const fresh = await imap.open(path, { readOnly: true });
	if (fresh.uidValidity !== uidValidity) throw folderChanged(path);
	const after = new Set(await fresh.search({}));
	const gone = new Set(deleted.filter((uid) => !after.has(uid)));
	const deletedAt = now().toISOString();
	const recorded = await log.done(
		planned,
		entries.filter(({ uid }) => gone.has(uid)).map((entry) => ({ ...entry, deletedAt })),
	);
	const stillThere = [...asked].filter((uid) => after.has(uid));
	const vanished = before.filter((uid) => !after.has(uid) && !asked.has(uid));
	const outcomes = [
		...recorded.map((deletion): DeletionOutcome => ({ result: 'deleted', deletion })),
		...removable
			// What another clean-up removed and recorded meanwhile is gone, too.
			.filter(({ message }) => !recorded.some(({ uid }) => uid === message.uid))
			.map(({ message }): DeletionOutcome => {
				const because = after.has(message.uid) ? 'notRemoved' : 'gone';
				return { result: 'kept', message, because };
			}),
	];
	if (vanished.length > 0 && !(await log.explains(vanished.map(placeOf)))) {
		return { outcomes, stop: { because: 'othersGone', folder: path, uids: vanished } };
	}
	if (stillThere.length === 0) return { outcomes };
	return { outcomes, stop: { because: 'notRemoved', folder: path, uids: stillThere } };
}

function reasonToKeep(
	{ message, seen }: PurgeVerdict,
	folder: OpenFolder,
	current: ScannedMessage | undefined,
): KeptBecause | undefined {
	if (isRecordsFolder(message.folder)) return 'protected';
	if (message.uidValidity !== folder.uidValidity) return 'folderChanged';
	if (current === undefined) return 'gone';
	const isSame =
		pecKeyOf(current.headers, current.size) === message.pecKey &&
		current.size === message.size &&
		current.receivedAt.toISOString() === message.receivedAt;
	if (!isSame) return 'changed';
	const flags = current.flags.map((flag) => flag.toLowerCase());
	if (flags.includes('\\flagged')) return 'flagged';
	return seen && !flags.includes('\\seen') ? 'unread' : undefined;
}

function copyProblem(
	message: PurgeMessage,
	copy: CopyRecord | undefined,
	{ copyRequired }: DeletionRules,
): KeptBecause | undefined {
	if (copyRequired === 'none') return undefined;
	if (!copy || copy.size !== message.size) return 'noCopy';
	return copyRequired === 'handedOver' && copy.level !== 'handedOver' ? 'notHandedOver' : undefined;
}

/** What goes without a copy is read whole: its hash is all that is kept of it, and its seal was not seen yet. */
async function lookAtBytes(
	folder: OpenFolder,
	message: PurgeMessage,
	copy: CopyRecord | undefined,
	rules: DeletionRules,
	now: Date,
): Promise<Removable | KeptBecause> {
	if (copy && !rules.comparesBytes) {
		return { message, sha256: copy.sha256, location: copy.location };
	}
	const fetched = await folder.fetch(message.uid);
	if (!fetched) return 'gone';
	const sha256 = sha256Of(fetched.raw);
	if (copy?.sha256 === sha256) return { message, sha256, location: copy.location };
	if (rules.copyRequired !== 'none') return 'bytesDiffer';
	const { receivedAt } = fetched;
	const read = await readPecMessage(fetched.raw, { trust: rules.trust, now, receivedAt });
	const isSealed = read.verified || read.kind === 'ordinary';
	return rules.keepUnverified && !isSealed ? 'unverified' : { message, sha256 };
}

function repeated(values: readonly string[]): Set<string> {
	const seen = new Set<string>();
	const again = new Set<string>();
	for (const value of values) (seen.has(value) ? again : seen).add(value);
	return again;
}
