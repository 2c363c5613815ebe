import type { ImapSession, OpenFolder } from '../mail/types';

/**
 * So long a folder stays open. What another program does to its messages is seen all the same; but a session whose open folder is
 * renamed or removed loses its connection (Dovecot), where one that opens it anew is told that it is gone.
 */
const KEPT_MS = 1_000;

/**
 * Opens folders to read them, one at a time. One that was opened just now is not opened again: for each window of messages the
 * server would read all of it anew. What arrived or left since is not known of it.
 * @param now milliseconds of a clock that is never set back
 */
export function keptOpen(
	imap: Pick<ImapSession, 'open'>,
	now: () => number = () => performance.now(),
): (path: string) => Promise<OpenFolder> {
	let kept: { readonly folder: OpenFolder; readonly until: number } | undefined;
	return async (path) => {
		const { folder, until = 0 } = kept ?? {};
		if (folder?.path === path && folder.isSelected() && now() < until) return folder;
		const opened = await imap.open(path, { readOnly: true });
		kept = { folder: opened, until: now() + KEPT_MS };
		return opened;
	};
}
