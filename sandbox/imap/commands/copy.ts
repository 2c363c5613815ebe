import type { StoredMessage } from '../../store/storedMessage.ts';
import type { ArgumentParser } from '../argumentParser.ts';
import { no, ok } from '../command.ts';
import type { CommandTable, Reply } from '../command.ts';
import { storableFlags } from '../keywords.ts';
import { decodeMailboxName } from '../mailboxName.ts';
import { sequenceSetOf } from '../responseText.ts';
import { messagesIn, parseSequenceSet } from '../sequenceSet.ts';
import type { Session } from '../session.ts';

type Manner = { readonly by: 'uid' | 'sequence'; readonly move: boolean };

/** Copying and moving (RFC 3501 6.4.7, RFC 4315, RFC 6851); the content keeps its id (RFC 8474 5.1). */
export const copyCommands: CommandTable = {
	COPY: {
		when: 'selected',
		expunges: true,
		run: (session, args) => copy(session, args, { by: 'sequence', move: false }),
	},
	'UID COPY': {
		when: 'selected',
		expunges: true,
		run: (session, args) => copy(session, args, { by: 'uid', move: false }),
	},
	MOVE: {
		when: 'selected',
		capability: 'MOVE',
		expunges: true,
		run: (session, args) => copy(session, args, { by: 'sequence', move: true }),
	},
	'UID MOVE': {
		when: 'selected',
		capability: 'MOVE',
		expunges: true,
		run: (session, args) => copy(session, args, { by: 'uid', move: true }),
	},
};

function copy(session: Session, args: ArgumentParser, { by, move }: Manner): Reply {
	args.space();
	const set = parseSequenceSet(args, session.saved);
	args.space();
	const name = decodeMailboxName(args.astring(), session.utf8);
	args.end();

	const account = session.signedIn();
	const selected = session.open();
	const target = account.folder(name);
	if (target === undefined) return no('there is no such folder', 'TRYCREATE');
	if (move && selected.readOnly) return no('the folder is open for reading only', 'READ-ONLY');
	// What another session removed meanwhile must not come back as a copy.
	const messages = messagesIn(selected.view, set, by)
		.map(({ message }) => message)
		.filter(({ uid }) => selected.folder.message(uid) !== undefined);
	const bytes = messages.reduce((sum, { size }) => sum + size, 0);
	if (!move && !account.hasRoomFor(bytes)) return no('the mailbox is full', 'OVERQUOTA');

	const storable = storableFlags(session, target, [
		...new Set(messages.flatMap(({ flags }) => [...flags])),
	]);
	if ('refusal' in storable) return storable.refusal;
	const kept = new Set(storable.flags);
	const copies: StoredMessage[] = messages.map(({ bytes: shared, flags, internalDate, emailId }) =>
		target.append(shared, {
			flags: [...flags].filter((flag) => kept.has(flag)),
			internalDate,
			emailId,
		}),
	);
	const uidsOf = (list: readonly StoredMessage[]): number[] => list.map(({ uid }) => uid);
	const code =
		messages.length > 0 && session.capabilities.has('UIDPLUS')
			? `COPYUID ${target.uidValidity} ${sequenceSetOf(uidsOf(messages))} ${sequenceSetOf(uidsOf(copies))}`
			: undefined;
	if (!move) return ok('copied', code);
	// RFC 6851 4.3: the client learns the new UIDs before the old messages go.
	if (code !== undefined) session.write(`* OK [${code}] moved\r\n`);
	selected.folder.expunge(uidsOf(messages));
	return ok('moved');
}
