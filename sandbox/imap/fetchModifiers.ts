import { BadCommandError } from './argumentParser.ts';
import type { ArgumentParser } from './argumentParser.ts';
import { keepsModseq, parseModseq } from './modseq.ts';
import { parsePartialRange } from './partialRange.ts';
import type { PartialRange } from './partialRange.ts';
import type { Session } from './session.ts';

/** What stands behind the items of FETCH (RFC 4466 2.3). */
export interface FetchModifiers {
	/** Only messages that changed after this mod-sequence (RFC 7162 3.1.4.1). */
	readonly changedSince?: number;
	/** Also what was removed after it (RFC 7162 3.2.6). */
	readonly vanished?: boolean;
	/** Only these of the messages that fit (RFC 9394 3.3). */
	readonly partial?: PartialRange;
}

/** Reads `(CHANGEDSINCE 12345 VANISHED)` and `(PARTIAL -1:-30)`. Throws BadCommandError. */
export function parseFetchModifiers(
	session: Session,
	args: ArgumentParser,
	by: 'uid' | 'sequence',
): FetchModifiers {
	let modifiers: FetchModifiers = {};
	const given = args.list(() => {
		const modifier = args.keyword();
		if (modifier === 'CHANGEDSINCE' && keepsModseq(session)) {
			args.space();
			modifiers = { ...modifiers, changedSince: parseModseq(args) };
		} else if (modifier === 'VANISHED' && session.enabled.has('QRESYNC') && by === 'uid') {
			modifiers = { ...modifiers, vanished: true };
		} else if (modifier === 'PARTIAL' && session.capabilities.has('PARTIAL') && by === 'uid') {
			args.space();
			modifiers = { ...modifiers, partial: parsePartialRange(args) };
		} else {
			throw new BadCommandError('unknown modifier');
		}
		return modifier;
	});
	if (given.length === 0) throw new BadCommandError('expected a modifier');
	if (modifiers.vanished === true && modifiers.changedSince === undefined) {
		throw new BadCommandError('VANISHED needs CHANGEDSINCE');
	}
	return modifiers;
}
