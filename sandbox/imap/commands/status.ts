import { BadCommandError } from '../argumentParser.ts';
import type { ArgumentParser } from '../argumentParser.ts';
import { APPEND_LIMIT } from '../capabilities.ts';
import type { Folder } from '../../store/folder.ts';
import type { FolderView } from '../folderView.ts';
import { enableCondstore, keepsModseq } from '../modseq.ts';
import { mailboxString } from '../responseText.ts';
import type { Session } from '../session.ts';

type Item = (folder: FolderView, session: Session) => number | string;

const ITEMS: ReadonlyMap<string, Item> = new Map<string, Item>(
	Object.entries({
		MESSAGES: (folder) => folder.messages.length,
		RECENT: (folder) => folder.messages.filter(({ uid }) => uid >= folder.recentFrom).length,
		UIDNEXT: (folder) => folder.uidNext,
		UIDVALIDITY: (folder) => folder.uidValidity,
		UNSEEN: (folder) => folder.messages.filter(({ flags }) => !flags.has('\\Seen')).length,
		// RFC 8438
		SIZE: (folder) => folder.size,
		// RFC 7162 3.1.7: 0 for a folder that keeps none.
		HIGHESTMODSEQ: (folder, session) => (keepsModseq(session) ? folder.highestModseq : 0),
		// RFC 8474 4.3
		MAILBOXID: (folder) => `(${folder.mailboxId})`,
		// RFC 7889 4
		APPENDLIMIT: () => APPEND_LIMIT,
	}),
);

/** Items of extensions, by the capability they come with. */
const EXTENSIONS: ReadonlyMap<string, string> = new Map([
	['SIZE', 'STATUS=SIZE'],
	['HIGHESTMODSEQ', 'CONDSTORE'],
	['MAILBOXID', 'OBJECTID'],
	['APPENDLIMIT', 'APPENDLIMIT'],
]);

/** Reads `(MESSAGES UIDNEXT)` (RFC 3501 6.3.10). Throws BadCommandError. */
export function parseStatusItems(session: Session, args: ArgumentParser): string[] {
	return args.list(() => {
		const item = args.keyword();
		const capability = EXTENSIONS.get(item);
		const isOffered = capability === undefined || session.capabilities.has(capability);
		if (!ITEMS.has(item) || !isOffered) throw new BadCommandError('unknown status item');
		return item;
	});
}

/** Writes the untagged STATUS response. */
export function writeStatus(session: Session, folder: Folder, items: readonly string[]): void {
	if (items.includes('HIGHESTMODSEQ')) enableCondstore(session);
	const shown = session.points.viewOf(folder);
	const values = items.map((item) => `${item} ${ITEMS.get(item)?.(shown, session) ?? 0}`);
	const name = mailboxString(folder.path, session.utf8);
	session.write(`* STATUS ${name} (${values.join(' ')})\r\n`);
}
