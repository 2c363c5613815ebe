import { FolderError } from '../../store/errors.ts';
import type { ArgumentParser } from '../argumentParser.ts';
import { no, ok } from '../command.ts';
import type { CommandTable, Reply } from '../command.ts';
import { decodeMailboxName } from '../mailboxName.ts';
import type { Session } from '../session.ts';

/** Making, removing and naming folders (RFC 3501 6.3.3 to 6.3.7). */
export const folderCommands: CommandTable = {
	CREATE: {
		when: 'authenticated',
		expunges: true,
		run(session, args) {
			// RFC 3501 6.3.3: a trailing separator only announces folders to come below.
			const path = onlyName(session, args).replace(/\/$/, '');
			return attempt('created', () => {
				const { mailboxId } = session.signedIn().createFolder(path);
				// RFC 8474 4.2
				return session.capabilities.has('OBJECTID') ? `MAILBOXID (${mailboxId})` : undefined;
			});
		},
	},
	DELETE: {
		when: 'authenticated',
		expunges: true,
		run(session, args) {
			const path = onlyName(session, args);
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
			const from = decodeMailboxName(args.astring(), session.utf8);
			const to = onlyName(session, args);
			return attempt('renamed', () => session.signedIn().renameFolder(from, to));
		},
	},
	SUBSCRIBE: {
		when: 'authenticated',
		expunges: true,
		run(session, args) {
			const path = onlyName(session, args);
			return attempt('subscribed', () => session.signedIn().subscribe(path));
		},
	},
	UNSUBSCRIBE: {
		when: 'authenticated',
		expunges: true,
		run(session, args) {
			const path = onlyName(session, args);
			return attempt('unsubscribed', () => session.signedIn().subscribe(path, false));
		},
	},
};

function onlyName(session: Session, args: ArgumentParser): string {
	args.space();
	const name = decodeMailboxName(args.astring(), session.utf8);
	args.end();
	return name;
}

/** @param action returns the response code, if any */
function attempt(done: string, action: () => string | undefined | void): Reply {
	try {
		return ok(done, action() ?? undefined);
	} catch (error) {
		if (error instanceof FolderError) return no(error.message, error.problem);
		throw error;
	}
}
