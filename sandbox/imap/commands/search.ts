import type { ArgumentParser } from '../argumentParser.ts';
import { no, ok } from '../command.ts';
import type { CommandTable, Reply } from '../command.ts';
import { parseSearchKeys } from '../searchKeys.ts';
import { SearchTarget } from '../searchTarget.ts';
import type { Session } from '../session.ts';

const CHARSET_WORD = /CHARSET /iy;
const CHARSETS = new Set(['US-ASCII', 'UTF-8']);

/** Finding messages (RFC 3501 6.4.4). */
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

function search(session: Session, args: ArgumentParser, by: 'uid' | 'sequence'): Reply {
	args.space();
	if (args.take(CHARSET_WORD) !== undefined) {
		const charset = args.astring().toString('latin1').toUpperCase();
		if (!CHARSETS.has(charset)) return no('unknown charset', 'BADCHARSET (US-ASCII UTF-8)');
		args.space();
	}
	const selected = session.open();
	const fits = parseSearchKeys(args, selected.view);
	const found: number[] = [];
	selected.view.forEach((message, index) => {
		const target = new SearchTarget(message, index + 1, selected.recent.has(message.uid));
		if (fits(target)) found.push(by === 'uid' ? message.uid : target.sequence);
	});
	session.write(`* SEARCH${found.map((number) => ` ${number}`).join('')}\r\n`);
	return ok('searched');
}
