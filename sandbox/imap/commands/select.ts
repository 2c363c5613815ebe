import type { ArgumentParser } from '../argumentParser.ts';
import { no, ok } from '../command.ts';
import type { CommandTable, Reply } from '../command.ts';
import { decodeMailboxName } from '../mailboxName.ts';
import { enableCondstore, keepsModseq } from '../modseq.ts';
import { parseSelectParameters, writeResync } from '../resync.ts';
import type { Session } from '../session.ts';

/** Opening and leaving a folder (RFC 3501 6.3.1, 6.3.2, 6.4.2, RFC 3691, RFC 7162). */
export const selectCommands: CommandTable = {
	SELECT: {
		when: 'authenticated',
		expunges: true,
		run: (session, args) => select(session, args, false),
	},
	EXAMINE: {
		when: 'authenticated',
		expunges: true,
		run: (session, args) => select(session, args, true),
	},
	CLOSE: {
		when: 'selected',
		expunges: true,
		run(session, args) {
			args.end();
			const { folder, readOnly, view } = session.open();
			// RFC 3501 6.4.2: no EXPUNGE responses, so the session leaves first.
			session.deselect();
			const deleted = view.filter(({ flags }) => flags.has('\\Deleted'));
			if (!readOnly) folder.expunge(deleted.map(({ uid }) => uid));
			return ok('closed');
		},
	},
	UNSELECT: {
		when: 'selected',
		capability: 'UNSELECT',
		expunges: true,
		run(session, args) {
			args.end();
			session.deselect();
			return ok('closed');
		},
	},
};

function select(session: Session, args: ArgumentParser, readOnly: boolean): Reply {
	args.space();
	const name = decodeMailboxName(args.astring(), session.utf8);
	const parameters = args.takes(' ') ? parseSelectParameters(session, args) : undefined;
	args.end();
	// RFC 7162 3.2.11: what follows is about the other folder.
	if (session.selected !== undefined && session.capabilities.has('QRESYNC')) {
		session.write('* OK [CLOSED] the other folder is closed\r\n');
	}
	// RFC 3501 6.3.1: a SELECT that fails leaves no folder selected.
	session.deselect();
	const folder = session.signedIn().folder(name);
	if (folder === undefined) return no('there is no such folder', 'NONEXISTENT');
	if (parameters !== undefined) enableCondstore(session);

	const selected = session.select(folder, readOnly);
	const firstUnseen = selected.view.findIndex((message) => !message.flags.has('\\Seen'));
	session.write(selected.keywordResponses());
	session.write(`* ${selected.view.length} EXISTS\r\n* ${selected.recent.size} RECENT\r\n`);
	if (firstUnseen !== -1) session.write(`* OK [UNSEEN ${firstUnseen + 1}] first unseen\r\n`);
	session.write(`* OK [UIDVALIDITY ${folder.uidValidity}] valid\r\n`);
	const shown = session.points.viewOf(folder);
	session.write(`* OK [UIDNEXT ${shown.uidNext}] next\r\n`);
	if (keepsModseq(session)) {
		session.write(`* OK [HIGHESTMODSEQ ${shown.highestModseq}] highest\r\n`);
	} else if (session.capabilities.has('CONDSTORE')) {
		session.write('* OK [NOMODSEQ] no mod-sequences here\r\n');
	}
	if (session.capabilities.has('OBJECTID')) {
		session.write(`* OK [MAILBOXID (${folder.mailboxId})] this folder\r\n`);
	}
	if (parameters?.resync !== undefined) writeResync(session, parameters.resync);
	return ok('selected', readOnly ? 'READ-ONLY' : 'READ-WRITE');
}
