import { indexOfUid } from '../store/uidOrder.ts';
import { BadCommandError } from './argumentParser.ts';
import type { ArgumentParser } from './argumentParser.ts';
import { modseqText, parseModseq } from './modseq.ts';
import { sequenceSetOf } from './responseText.ts';
import { parseSequenceSet, uidTest } from './sequenceSet.ts';
import type { SequenceSet } from './sequenceSet.ts';
import type { Session } from './session.ts';

/** What the client remembers of a folder (RFC 7162 3.2.5). */
export interface Resync {
	readonly uidValidity: number;
	readonly modseq: number;
	/** Of the others it wants to hear nothing. */
	readonly isKnown: (uid: number) => boolean;
}

/** Reads `(CONDSTORE)` or `(QRESYNC (67890007 20050715 41:211))` behind SELECT. Throws BadCommandError. */
export function parseSelectParameters(
	session: Session,
	args: ArgumentParser,
): { readonly resync: Resync | undefined } {
	let resync: Resync | undefined;
	const parameters = args.list(() => {
		const parameter = args.keyword();
		if (parameter === 'QRESYNC') {
			// RFC 7162 3.2.5: only after ENABLE QRESYNC.
			if (!session.enabled.has('QRESYNC')) throw new BadCommandError('enable QRESYNC first');
			args.space();
			resync = parseResync(args);
		} else if (parameter !== 'CONDSTORE' || !session.capabilities.has('CONDSTORE')) {
			throw new BadCommandError('unknown parameter');
		}
		return parameter;
	});
	if (parameters.length === 0) throw new BadCommandError('expected a parameter');
	return { resync };
}

function parseResync(args: ArgumentParser): Resync {
	args.expect('(');
	const uidValidity = args.number();
	args.space();
	const modseq = parseModseq(args);
	if (modseq === 0) throw new BadCommandError('expected a mod-sequence above 0');
	let isKnown: Resync['isKnown'] = () => true;
	if (args.takes(' ')) {
		if (!args.sees('(')) {
			isKnown = uidTest(finite(parseSequenceSet(args)));
			if (args.takes(' ')) parseMatchData(args);
		} else {
			parseMatchData(args);
		}
	}
	args.expect(')');
	return { uidValidity, modseq, isKnown };
}

/** RFC 7162 7, known-uids: no `*`. */
function finite(set: SequenceSet): SequenceSet {
	const isFinite = set.ranges.every(({ from, to }) => from + to < Number.POSITIVE_INFINITY);
	if (!isFinite) throw new BadCommandError('expected UIDs');
	return set;
}

/** Numbers and their UIDs: a hint for servers that forgot what was removed (RFC 7162 3.2.5.2), which this one never does. */
function parseMatchData(args: ArgumentParser): void {
	args.expect('(');
	finite(parseSequenceSet(args));
	args.space();
	finite(parseSequenceSet(args));
	args.expect(')');
}

/** Tells what was removed and what changed since, unless the client remembers another folder (RFC 7162 3.2.5.1). */
export function writeResync(session: Session, { uidValidity, modseq, isKnown }: Resync): void {
	const selected = session.open();
	if (uidValidity !== selected.folder.uidValidity) return;
	writeVanishedEarlier(session, modseq, isKnown);
	selected.view.forEach((message, index) => {
		if (message.modseq <= modseq || !isKnown(message.uid)) return;
		const flags = selected.flagsText(message);
		const since = modseqText(session, message);
		session.write(`* ${index + 1} FETCH (UID ${message.uid} FLAGS ${flags}${since})\r\n`);
	});
}

/**
 * VANISHED (EARLIER): what was removed after `modseq`, as far as the client does not hold it as a number still: that it
 * learns from a VANISHED of its own (RFC 7162 3.2.10).
 */
export function writeVanishedEarlier(
	session: Session,
	modseq: number,
	isWanted: (uid: number) => boolean,
): void {
	const { folder, view } = session.open();
	const gone = folder
		.expungedAfter(modseq)
		.filter((uid) => isWanted(uid) && indexOfUid(view, uid) === -1);
	if (gone.length > 0) session.write(`* VANISHED (EARLIER) ${sequenceSetOf(gone)}\r\n`);
}
