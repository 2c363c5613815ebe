import { MailError } from '../../nodes/mail/errors.ts';
import type { ImapSession } from '../../nodes/mail/types.ts';
import { withFolders } from '../servers/withFolders.ts';

/** How a server keeps back a message that it lists. */
export const WITHHOLDING = ['refuses to give', 'lists and passes over'] as const;

/** The session of a server that does not give these messages of a folder. */
export function withholding(
	imap: ImapSession,
	how: (typeof WITHHOLDING)[number],
	{ path, uids: withheld }: { readonly path: string; readonly uids: readonly number[] },
): ImapSession {
	return withFolders((folder) => {
		if (folder.path !== path) return {};
		const scan: typeof folder.scan = async (uids) => {
			if (how === 'refuses to give' && uids.some((uid) => withheld.includes(uid))) {
				throw new MailError('refused', 'NO', { whatToDo: 'wait', retry: 'later' });
			}
			return await folder.scan(uids.filter((uid) => !withheld.includes(uid)));
		};
		return { scan };
	})(imap);
}
