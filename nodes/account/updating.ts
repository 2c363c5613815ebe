import type { ImapSession, OpenFolder, ScannedMessage } from '../mail/types';
import { MailError, unless } from '../mail/errors';
import { folderChanged, folderMissing } from '../mail/imapError';
import { isRecordsFolder } from './records';
import { placeOf, scanByPecKey, scanForMessage, type MailboxPlace } from './mailbox';
import { messageMissing } from './messageMissing';

/** What is to be done to one message, in this order. */
export interface MessageUpdate {
	readonly pecKey: string;
	/** Where it was last seen; only a hint. */
	readonly folder?: string;
	readonly read?: boolean;
	readonly flagged?: boolean;
	readonly place?: { readonly to: 'move' | 'copy'; readonly path: string };
	/** A folder that is missing is made; else that is an error. */
	readonly createFolder: boolean;
}

export interface UpdatedMessage {
	/** As it lies now. */
	readonly mailbox: MailboxPlace;
	/** Another one with the same content. */
	readonly copy?: MailboxPlace;
}

/**
 * Marks a message and moves or copies it within the mailbox. It is never out of both folders: without MOVE it is copied,
 * the copy is looked at, and then this one message alone is removed. Asked for again, what is done already is not done
 * twice.
 * @throws MailError `messageMissing`, `folderMissing`, `notSupported` where the server has neither MOVE nor UIDPLUS
 */
export async function updateMessage(
	imap: ImapSession,
	update: MessageUpdate,
	{ account }: { account: string },
): Promise<UpdatedMessage> {
	const target = update.place && (await targetOf(imap, update.place.path, update.createFolder));
	const found = await scanForMessage(imap, update);
	if (!found) throw messageMissing();
	const { uid } = found.message;
	const source = found.folder.path;
	await mark(imap, found.folder, uid, update);
	if (target === undefined || update.place === undefined || target === source) {
		return { mailbox: await placeNow(imap, source, update.pecKey, account) };
	}
	if (update.place.to === 'copy') {
		const copy = await copyInto(imap, found, target, update.pecKey);
		return {
			mailbox: await placeNow(imap, source, update.pecKey, account),
			copy: placeOf(copy.message, copy.folder, account),
		};
	}
	const moved = await moveInto(imap, found, target, update.pecKey);
	return { mailbox: placeOf(moved.message, moved.folder, account) };
}

interface Found {
	readonly message: ScannedMessage;
	readonly folder: OpenFolder;
}

async function targetOf(imap: ImapSession, path: string, create: boolean): Promise<string> {
	if (isRecordsFolder(path)) throw recordsFolderRefused();
	if (create) await imap.ensureFolder(path);
	// Also asks for it by its name as the server has it.
	return (await imap.open(path, { readOnly: true })).path;
}

async function mark(
	imap: ImapSession,
	{ path, uidValidity }: OpenFolder,
	uid: number,
	{ read, flagged }: MessageUpdate,
): Promise<void> {
	const wanted = [
		...(read === undefined ? [] : [{ flag: '\\Seen', isSet: read }]),
		...(flagged === undefined ? [] : [{ flag: '\\Flagged', isSet: flagged }]),
	];
	if (wanted.length === 0) return;
	const folder = await openAgain(imap, path, uidValidity);
	for (const { flag, isSet } of wanted) {
		const { missing } = isSet
			? await folder.addFlags([uid], [flag])
			: await folder.removeFlags([uid], [flag]);
		if (missing.length > 0) throw messageMissing();
	}
}

/** For changes, as long as its numbers are those that were read. */
async function openAgain(
	imap: ImapSession,
	path: string,
	uidValidity: string,
): Promise<OpenFolder> {
	const folder = await imap.open(path, { readOnly: false });
	if (folder.uidValidity !== uidValidity) throw folderChanged(path);
	return folder;
}

async function lookInto(imap: ImapSession, path: string, pecKey: string): Promise<Found[]> {
	const folder = await unless('folderMissing', imap.open(path, { readOnly: true }));
	if (!folder) throw folderMissing(path);
	return (await scanByPecKey(folder, pecKey)).given.map((message) => ({ message, folder }));
}

async function placeNow(
	imap: ImapSession,
	path: string,
	pecKey: string,
	account: string,
): Promise<MailboxPlace> {
	const [found] = await lookInto(imap, path, pecKey);
	if (!found) throw messageMissing();
	return placeOf(found.message, found.folder, account);
}

/** One that is there already is not made a second time. */
async function copyInto(
	imap: ImapSession,
	{ message: { uid }, folder: { path, uidValidity } }: Found,
	target: string,
	pecKey: string,
): Promise<Found> {
	const [there] = await lookInto(imap, target, pecKey);
	if (there) return there;
	await (await openAgain(imap, path, uidValidity)).copyTo(uid, target);
	const [copy] = await lookInto(imap, target, pecKey);
	if (!copy) throw notThere(target);
	return copy;
}

async function moveInto(
	imap: ImapSession,
	found: Found,
	target: string,
	pecKey: string,
): Promise<Found> {
	const { uid } = found.message;
	const { path, uidValidity } = found.folder;
	const there = await lookInto(imap, target, pecKey);
	if (imap.capabilities.has('MOVE') && there.length === 0) {
		await (await openAgain(imap, path, uidValidity)).moveTo(uid, target);
		const [moved] = await lookInto(imap, target, pecKey);
		if (!moved) throw notThere(target);
		const left = await (await openAgain(imap, path, uidValidity)).search({ uid: String(uid) });
		if (left.length === 0) return moved;
	}
	if (!imap.capabilities.has('UIDPLUS')) throw cannotMove();
	const copy = await copyInto(imap, found, target, pecKey);
	const { remaining } = await (await openAgain(imap, path, uidValidity)).remove([uid]);
	if (remaining.length > 0) throw stillThere(path);
	return copy;
}

function cannotMove(): MailError {
	return new MailError(
		'notSupported',
		'This provider cannot move a message, nor remove a single one',
		{
			whatToDo:
				'Copy it to the folder instead (Copy to Folder): moving would also remove what somebody else marked for deletion',
			retry: 'never',
		},
	);
}

function notThere(path: string): MailError {
	return new MailError(
		'refused',
		`The provider said yes, but the message is not in the folder "${path}"`,
		{
			whatToDo: 'Nothing was removed. Run it again; if it stays so, ask the provider',
			retry: 'later',
		},
	);
}

function stillThere(path: string): MailError {
	return new MailError(
		'refused',
		`The message was copied, but it is still in the folder "${path}" too`,
		{
			whatToDo: 'Nothing is lost. Run it again: it then removes the one that is left',
			retry: 'later',
		},
	);
}

function recordsFolderRefused(): MailError {
	return new MailError('refused', 'This folder keeps the records of n8n PEC', {
		whatToDo: 'Choose another folder: messages among the records would be taken for records',
		retry: 'never',
	});
}
