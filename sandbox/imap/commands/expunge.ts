import { no, ok } from '../command.ts';
import type { CommandTable, Reply } from '../command.ts';
import type { StoredMessage } from '../../store/storedMessage.ts';
import { keepsModseq } from '../modseq.ts';
import { messagesIn, parseSequenceSet } from '../sequenceSet.ts';
import type { Session } from '../session.ts';

/** Removing what is marked `\Deleted` (RFC 3501 6.4.3, RFC 4315 2.1). */
export const expungeCommands: CommandTable = {
	EXPUNGE: {
		when: 'selected',
		expunges: true,
		run(session, args) {
			args.end();
			return expunge(session, session.open().view);
		},
	},
	'UID EXPUNGE': {
		when: 'selected',
		capability: 'UIDPLUS',
		expunges: true,
		run(session, args) {
			args.space();
			const set = parseSequenceSet(args, session.saved);
			args.end();
			const named = messagesIn(session.open().view, set, 'uid');
			return expunge(
				session,
				named.map(({ message }) => message),
			);
		},
	},
};

function expunge(session: Session, among: readonly StoredMessage[]): Reply {
	const { folder, readOnly } = session.open();
	if (readOnly) return no('the folder is open for reading only', 'READ-ONLY');
	const deleted = among.filter(({ flags }) => flags.has('\\Deleted'));
	folder.expunge(deleted.map(({ uid }) => uid));
	// RFC 7162 3.2.7: with what is told before this reply the client is up to date.
	const tells = deleted.length > 0 && session.enabled.has('CONDSTORE') && keepsModseq(session);
	const { highestModseq } = session.points.viewOf(folder);
	return ok('expunged', tells ? `HIGHESTMODSEQ ${highestModseq}` : undefined);
}
