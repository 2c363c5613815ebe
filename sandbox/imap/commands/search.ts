import { BadCommandError } from '../argumentParser.ts';
import type { ArgumentParser } from '../argumentParser.ts';
import { no, ok } from '../command.ts';
import type { CommandTable, Reply } from '../command.ts';
import { enableCondstore, keepsModseq } from '../modseq.ts';
import { parseSearchKeys, type SearchTest } from '../searchKeys.ts';
import { answered, parseSearchReturn, plainResponse, searchResponse } from '../searchReturn.ts';
import type { Found } from '../searchReturn.ts';
import { SearchTarget } from '../searchTarget.ts';
import type { Session } from '../session.ts';

const CHARSET_WORD = /CHARSET /iy;
const CHARSETS = new Set(['US-ASCII', 'UTF-8']);

/** Bytes looked at before the other sessions have their turn. */
const TURN = 4 * 1024 * 1024;
/** What looking at a message costs beside its bytes, in bytes. */
const LOOK = 4 * 1024;

/** Finding messages (RFC 3501 6.4.4, RFC 4731, RFC 5182, RFC 7162 3.1.5). */
export const searchCommands: CommandTable = {
	SEARCH: {
		when: 'selected',
		expunges: false,
		run: (session, args) => search(session, args, 'sequence'),
	},
	'UID SEARCH': {
		when: 'selected',
		expunges: true,
		run: (session, args) => search(session, args, 'uid'),
	},
};

async function search(
	session: Session,
	args: ArgumentParser,
	by: 'uid' | 'sequence',
): Promise<Reply> {
	args.space();
	const wanted = parseSearchReturn(args, (capability) => session.capabilities.has(capability));
	if (args.take(CHARSET_WORD) !== undefined) {
		// RFC 6855 3: there is one charset then.
		if (session.utf8) throw new BadCommandError('the charset is UTF-8');
		const charset = args.astring().toString('latin1').toUpperCase();
		if (!CHARSETS.has(charset)) {
			// RFC 5182 2.1: a refused search puts nothing aside.
			if (wanted?.options.has('SAVE') === true) session.open().saved = [];
			return no('unknown charset', 'BADCHARSET (US-ASCII UTF-8)');
		}
		args.space();
	}
	const selected = session.open();
	const { fits, modseq } = parseSearchKeys(args, {
		view: selected.view,
		saved: session.saved,
		knows: (name) => (name === 'MODSEQ' ? keepsModseq(session) : session.capabilities.has(name)),
		now: session.now(),
	});
	if (modseq) enableCondstore(session);
	const found = await findIn(session, by, fits);
	if (wanted === undefined) {
		session.write(plainResponse(found, modseq));
	} else {
		const { tag } = session;
		session.write(searchResponse(found, wanted, { tag, uid: by === 'uid', modseq }));
		if (wanted.options.has('SAVE')) {
			selected.saved = answered(found, wanted).map(({ message }) => message.uid);
		}
	}
	return ok('searched');
}

async function findIn(
	session: Session,
	by: 'uid' | 'sequence',
	fits: SearchTest,
): Promise<Found[]> {
	const selected = session.open();
	const substrings = session.capabilities.has('SEARCH=HEADER');
	const found: Found[] = [];
	let looked = 0;
	for (const [index, message] of selected.view.entries()) {
		const recent = selected.recent.has(message.uid);
		const target = new SearchTarget(message, index + 1, { recent, substrings });
		if (fits(target)) found.push({ number: by === 'uid' ? message.uid : index + 1, message });
		looked += LOOK + message.size;
		if (looked < TURN) continue;
		looked = 0;
		await new Promise(setImmediate);
		if (session.connection.closed) break;
	}
	return found;
}
