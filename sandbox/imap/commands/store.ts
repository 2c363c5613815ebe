import { isSettable } from '../../store/flags.ts';
import type { FlagAction } from '../../store/folder.ts';
import { BadCommandError } from '../argumentParser.ts';
import type { ArgumentParser } from '../argumentParser.ts';
import { no, ok } from '../command.ts';
import type { CommandTable, Reply } from '../command.ts';
import { knownFlags, storableFlags } from '../keywords.ts';
import { enableCondstore, keepsModseq, modseqText, parseModseq } from '../modseq.ts';
import { sequenceSetOf } from '../responseText.ts';
import { messagesIn, parseSequenceSet } from '../sequenceSet.ts';
import type { Numbered } from '../sequenceSet.ts';
import type { Session } from '../session.ts';

const ACTIONS: ReadonlyMap<string, FlagAction> = new Map([
	['FLAGS', 'replace'],
	['+FLAGS', 'add'],
	['-FLAGS', 'remove'],
]);

/** Changing flags (RFC 3501 6.4.6, RFC 7162 3.1.3). */
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
	const set = parseSequenceSet(args, session.saved);
	args.space();
	const unchangedSince = args.sees('(') ? parseUnchangedSince(session, args) : undefined;
	const [item = '', silent] = args.keyword().split('.');
	const action = ACTIONS.get(item);
	if (action === undefined || (silent !== undefined && silent !== 'SILENT')) {
		throw new BadCommandError('expected FLAGS');
	}
	args.space();
	const flags = args.sees('(') ? args.list(() => args.flag()) : [args.flag()];
	while (args.takes(' ')) flags.push(args.flag());
	args.end();
	// RFC 3501 2.3.2: there are no others, and \Recent is not the client's to set.
	if (!flags.every(isSettable)) throw new BadCommandError('no such system flag');

	if (unchangedSince !== undefined) enableCondstore(session);
	const selected = session.open();
	if (selected.readOnly) return no('the folder is open for reading only', 'READ-ONLY');
	const storable =
		action === 'remove'
			? { flags: knownFlags(selected.folder, flags) }
			: storableFlags(session, selected.folder, flags);
	if ('refusal' in storable) return storable.refusal;
	const named = messagesIn(selected.view, set, by);
	const { targets, modified, isGone } = divide(session, named, unchangedSince);
	const uids = targets.map(({ message }) => message.uid);
	if (uids.length > 0) {
		selected.silently(() => selected.folder.setFlags(uids, storable.flags, action));
	}
	session.write(selected.takeKeywords());
	for (const { sequence, message } of targets) {
		const modseq = modseqText(session, message);
		// RFC 7162 3.1.3: the new mod-sequence comes also when the flags are not wanted.
		if (silent !== undefined && modseq === '') continue;
		const uid = by === 'uid' || session.enabled.has('QRESYNC') ? [`UID ${message.uid}`] : [];
		const shown = silent === undefined ? [`FLAGS ${selected.flagsText(message)}`] : [];
		const text = [...uid, ...shown].join(' ') + modseq;
		session.write(`* ${sequence} FETCH (${text.trimStart()})\r\n`);
	}
	if (modified.length === 0) return ok('stored');
	const numbers = modified.map(({ sequence, message }) => (by === 'uid' ? message.uid : sequence));
	const code = `MODIFIED ${sequenceSetOf(numbers)}`;
	return isGone ? no('some are no longer there', code) : ok('some had changed', code);
}

function parseUnchangedSince(session: Session, args: ArgumentParser): number {
	let unchangedSince: number | undefined;
	args.list(() => {
		if (args.keyword() !== 'UNCHANGEDSINCE' || !keepsModseq(session)) {
			throw new BadCommandError('unknown modifier');
		}
		args.space();
		unchangedSince = parseModseq(args);
	});
	args.space();
	if (unchangedSince === undefined) throw new BadCommandError('expected a modifier');
	return unchangedSince;
}

/** Whom a conditional STORE changes, and whom it leaves because they changed or went meanwhile (RFC 7162 3.1.3). */
function divide(
	session: Session,
	named: readonly Numbered[],
	unchangedSince: number | undefined,
): { targets: readonly Numbered[]; modified: readonly Numbered[]; isGone: boolean } {
	if (unchangedSince === undefined) return { targets: named, modified: [], isGone: false };
	const { folder } = session.open();
	const isThere = ({ message }: Numbered): boolean => folder.message(message.uid) !== undefined;
	const fits = (target: Numbered): boolean =>
		target.message.modseq <= unchangedSince && isThere(target);
	return {
		targets: named.filter(fits),
		modified: named.filter((target) => !fits(target)),
		isGone: !named.every(isThere),
	};
}
