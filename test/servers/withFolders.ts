import type { ImapSession, OpenFolder } from '../../nodes/mail/types.ts';

/** A session of which folders answer differently. */
export const withFolders =
	(change: (folder: OpenFolder) => Partial<OpenFolder>) =>
	(imap: ImapSession): ImapSession => ({
		...imap,
		open: async (path, options) => {
			const folder = await imap.open(path, options);
			return { ...folder, ...change(folder) };
		},
	});
