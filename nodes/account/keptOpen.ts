import type { ImapSession, OpenFolder } from '../mail/types';

/**
 * Opens folders to read them, one at a time. One that is still open is not opened again: for each window of messages the
 * server would read all of it anew. What arrived or left since is not known of it.
 */
export function keptOpen(imap: ImapSession): (path: string) => Promise<OpenFolder> {
	let kept: OpenFolder | undefined;
	return async (path) => {
		if (kept?.path !== path || !kept.isSelected()) {
			kept = await imap.open(path, { readOnly: true });
		}
		return kept;
	};
}
