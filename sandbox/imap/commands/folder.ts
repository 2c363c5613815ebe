import { FolderError } from '../../store/errors.ts';
import type { ArgumentParser } from '../argumentParser.ts';
import { no, ok } from '../command.ts';
import type { CommandTable, Reply } from '../command.ts';
import { decodeMailboxName } from '../mailboxName.ts';

/** Making, removing and naming folders (RFC 3501 6.3.3 to 6.3.7). */
export const folderCommands: CommandTable = {
	CREATE: {
		when: 'authenticated',
		expunges: true,
		run(session, args) {
			// RFC 3501 6.3.3: a trailing separator only announces folders to come below.
			const path = onlyName(args).replace(/\/$/, '');
			return attempt('created', () => session.signedIn().createFolder(path));
		},
	},
	DELETE: {
		when: 'authenticated',
		expunges: true,
		run(session, args) {
			const path = onlyName(args);
			const account = session.signedIn();
			const isSelected = session.selected?.folder === account.folder(path);
			if (isSelected && path.toUpperCase() !== 'INBOX') session.deselect();
			return attempt('deleted', () => account.deleteFolder(path));
		},
	},
	RENAME: {
		when: 'authenticated',
		expunges: true,
		run(session, args) {
			args.space();
			const from = decodeMailboxName(args.astring());
			const to = onlyName(args);
			return attempt('renamed', () => session.signedIn().renameFolder(from, to));
		},
	},
	SUBSCRIBE: {
		when: 'authenticated',
		expunges: true,
		run(session, args) {
			const path = onlyName(args);
			return attempt('subscribed', () => session.signedIn().subscribe(path));
		},
	},
	UNSUBSCRIBE: {
		when: 'authenticated',
		expunges: true,
		run(session, args) {
			const path = onlyName(args);
			return attempt('unsubscribed', () => session.signedIn().subscribe(path, false));
		},
	},
};

function onlyName(args: ArgumentParser): string {
	args.space();
	const name = decodeMailboxName(args.astring());
	args.end();
	return name;
}

function attempt(done: string, action: () => unknown): Reply {
	try {
		action();
		return ok(done);
	} catch (error) {
		if (error instanceof FolderError) return no(error.message, error.problem);
		throw error;
	}
}
