import { unless } from '../mail/errors';
import type { ImapSession } from '../mail/types';

/** A message whose run succeeded. */
export interface Mark {
	readonly path: string;
	readonly uidValidity: string;
	readonly uid: number;
}

/**
 * Flags messages as seen, and empties the list. One that was moved meanwhile is left as it is: nothing depends on its being
 * read.
 * @returns whether there were any: then another folder is open than before
 * @throws MailError when the connection fails: the list is kept
 */
export async function markAsSeen(imap: ImapSession, marks: Mark[]): Promise<boolean> {
	// More may come while these are set.
	const taken = [...marks];
	if (taken.length === 0) return false;
	for (const path of new Set(taken.map((mark) => mark.path))) {
		const opening = unless('folderMissing', imap.open(path, { readOnly: false }));
		const folder = await unless('refused', opening);
		const uids = taken
			.filter((mark) => mark.path === path && mark.uidValidity === folder?.uidValidity)
			.map(({ uid }) => uid);
		if (folder && uids.length > 0) await unless('refused', folder.addFlags(uids, ['\\Seen']));
	}
	marks.splice(0, taken.length);
	return true;
}
