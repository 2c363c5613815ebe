import type { FlagAction } from '../../store/folder.ts';
import { BadCommandError } from '../argumentParser.ts';
import type { ArgumentParser } from '../argumentParser.ts';
import { no, ok } from '../command.ts';
import type { CommandTable, Reply } from '../command.ts';
import { messagesIn, parseSequenceSet } from '../sequenceSet.ts';
import type { Session } from '../session.ts';

const ACTIONS: ReadonlyMap<string, FlagAction> = new Map([
	['FLAGS', 'replace'],
	['+FLAGS', 'add'],
	['-FLAGS', 'remove'],
]);

/** Changing flags (RFC 3501 6.4.6). */
export const storeCommands: CommandTable = {
	STORE: {
		when: 'selected',
		expunges: false,
		run: (session, args) => store(session, args, 'sequence'),
	},
	'UID STORE': {
		when: 'selected',
		expunges: true,
		run: (session, args) => store(session, args, 'uid'),
	},
};

function store(session: Session, args: ArgumentParser, by: 'uid' | 'sequence'): Reply {
	args.space();
	const set = parseSequenceSet(args);
	args.space();
	const [item = '', silent] = args.keyword().split('.');
	const action = ACTIONS.get(item);
	if (action === undefined || (silent !== undefined && silent !== 'SILENT')) {
		throw new BadCommandError('expected FLAGS');
	}
	args.space();
	const flags = args.sees('(') ? args.list(() => args.flag()) : [args.flag()];
	while (args.takes(' ')) flags.push(args.flag());
	args.end();

	const selected = session.open();
	if (selected.readOnly) return no('the folder is open for reading only', 'READ-ONLY');
	const targets = messagesIn(selected.view, set, by);
	selected.silently(() => {
		selected.folder.setFlags(
			targets.map(({ message }) => message.uid),
			flags,
			action,
		);
	});
	if (silent === undefined) {
		for (const { sequence, message } of targets) {
			const uid = by === 'uid' ? `UID ${message.uid} ` : '';
			session.write(`* ${sequence} FETCH (${uid}FLAGS ${selected.flagsText(message)})\r\n`);
		}
	}
	return ok('stored');
}
