import type { AccountStore } from '../store/accountStore.ts';
import type { Folder } from '../store/folder.ts';
import type { FaultEvent, MailboxAction } from './rules.ts';

/** Does what others do to a mailbox meanwhile. Nothing happens where there is no such mailbox or folder. Throws FolderError. */
export function changeMailbox(action: MailboxAction, event: FaultEvent): void {
	const { mailbox } = event;
	if (mailbox === undefined) return;
	if (action.do === 'fillQuota') {
		mailbox.quotaLimit = mailbox.usedBytes + (action.freeBytes ?? 0);
		return;
	}
	const folder = folderMeant(mailbox, event, action.folder);
	if (folder === undefined) return;
	if (action.do === 'resetUidValidity') {
		folder.resetUidValidity();
		return;
	}
	const meant = new Set(action.uids ?? folder.messages.map(({ uid }) => uid));
	if (action.do === 'moveMessages') {
		const target = mailbox.folder(action.to) ?? mailbox.createFolder(action.to);
		// a copy: the folder may be its own target
		for (const { uid, bytes, flags, internalDate, emailId } of [...folder.messages]) {
			if (meant.has(uid)) target.append(bytes, { flags, internalDate, emailId });
		}
	}
	folder.expunge(meant);
}

function folderMeant(
	mailbox: AccountStore,
	event: FaultEvent,
	name: string | undefined,
): Folder | undefined {
	return name === undefined ? (event.folder ?? mailbox.folder('INBOX')) : mailbox.folder(name);
}
