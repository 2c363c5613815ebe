import type { AccountStore } from '../../store/accountStore.ts';
import type { Folder } from '../../store/folder.ts';
import { BadCommandError } from '../argumentParser.ts';
import type { ArgumentParser } from '../argumentParser.ts';
import { no, ok } from '../command.ts';
import type { CommandTable, Reply } from '../command.ts';
import { decodeMailboxName, matchesPattern } from '../mailboxName.ts';
import { mailboxString } from '../responseText.ts';
import type { Session } from '../session.ts';
import { parseStatusItems, writeStatus } from './status.ts';

/** A name LIST may show: a folder, or only a level above folders. */
interface ListedName {
	readonly path: string;
	readonly folder: Folder | undefined;
	readonly hasChildren: boolean;
}

const SELECTION_OPTIONS = new Set(['SUBSCRIBED', 'SPECIAL-USE', 'REMOTE', 'RECURSIVEMATCH']);
const RETURN_OPTIONS = new Set(['SUBSCRIBED', 'SPECIAL-USE', 'CHILDREN']);

/** Which folders there are (RFC 3501 6.3.8 to 6.3.10, RFC 5258, RFC 5819, RFC 6154). */
export const listCommands: CommandTable = {
	LIST: { when: 'authenticated', expunges: true, run: list },
	LSUB: {
		when: 'authenticated',
		expunges: true,
		run(session, args) {
			args.space();
			const reference = decodeMailboxName(args.astring(), session.utf8);
			args.space();
			const pattern = reference + decodeMailboxName(args.listMailbox(), session.utf8);
			args.end();
			for (const name of listedNames(session.signedIn())) {
				if (name.folder?.subscribed !== true || !matches(name.path, pattern)) continue;
				session.write(`* LSUB () "/" ${mailboxString(name.path, session.utf8)}\r\n`);
			}
			return ok('listed');
		},
	},
	STATUS: {
		when: 'authenticated',
		expunges: true,
		run(session, args) {
			args.space();
			const folder = session.signedIn().folder(decodeMailboxName(args.astring(), session.utf8));
			args.space();
			const items = parseStatusItems(session, args);
			args.end();
			if (folder === undefined) return no('there is no such folder', 'NONEXISTENT');
			writeStatus(session, folder, items);
			return ok('counted');
		},
	},
};

function list(session: Session, args: ArgumentParser): Reply {
	args.space();
	const extended = session.capabilities.has('LIST-EXTENDED');
	const only = new Set(extended && args.sees('(') ? parseSelectionOptions(session, args) : []);
	const reference = decodeMailboxName(args.astring(), session.utf8);
	args.space();
	const isMany = extended && args.sees('(');
	const patterns = (isMany ? args.list(() => args.listMailbox()) : [args.listMailbox()]).map(
		(pattern) => reference + decodeMailboxName(pattern, session.utf8),
	);
	const wanted = extended && args.takes(' ') ? parseReturnOptions(session, args) : undefined;
	args.end();
	if (!isMany && patterns[0] === '') {
		// RFC 3501 6.3.8: an empty name asks for the separator.
		session.write('* LIST (\\Noselect) "/" ""\r\n');
		return ok('listed');
	}
	const showsUse = session.capabilities.has('SPECIAL-USE');
	const showsChildren =
		session.capabilities.has('CHILDREN') || wanted?.options.has('CHILDREN') === true;
	const showsSubscribed = only.has('SUBSCRIBED') || wanted?.options.has('SUBSCRIBED') === true;
	for (const name of listedNames(session.signedIn())) {
		const { path, folder, hasChildren } = name;
		if (!patterns.some((pattern) => matches(path, pattern))) continue;
		if (only.has('SUBSCRIBED') && folder?.subscribed !== true) continue;
		if (only.has('SPECIAL-USE') && folder?.specialUse === undefined) continue;
		const attributes: string[] = [];
		if (showsChildren) attributes.push(hasChildren ? '\\HasChildren' : '\\HasNoChildren');
		if (folder === undefined) attributes.push('\\Noselect');
		if (showsSubscribed && folder?.subscribed === true) attributes.push('\\Subscribed');
		if (showsUse && folder?.specialUse !== undefined) attributes.push(folder.specialUse);
		session.write(`* LIST (${attributes.join(' ')}) "/" ${mailboxString(path, session.utf8)}\r\n`);
		if (folder !== undefined && wanted?.statusItems !== undefined) {
			writeStatus(session, folder, wanted.statusItems);
		}
	}
	return ok('listed');
}

function parseSelectionOptions(session: Session, args: ArgumentParser): string[] {
	const options = args.list(() => known(session, args.keyword(), SELECTION_OPTIONS));
	args.space();
	return options;
}

function parseReturnOptions(
	session: Session,
	args: ArgumentParser,
): { options: Set<string>; statusItems: string[] | undefined } {
	if (args.keyword() !== 'RETURN') throw new BadCommandError('expected RETURN');
	args.space();
	let statusItems: string[] | undefined;
	const options = args.list(() => {
		const option = args.keyword();
		if (option !== 'STATUS' || !session.capabilities.has('LIST-STATUS')) {
			return known(session, option, RETURN_OPTIONS);
		}
		args.space();
		statusItems = parseStatusItems(session, args);
		return option;
	});
	return { options: new Set(options), statusItems };
}

function known(session: Session, option: string, options: ReadonlySet<string>): string {
	const isOffered = option !== 'SPECIAL-USE' || session.capabilities.has('SPECIAL-USE');
	if (!options.has(option) || !isOffered) throw new BadCommandError('unknown LIST option');
	return option;
}

function matches(path: string, pattern: string): boolean {
	if (path === 'INBOX') return matchesPattern(path, pattern.toUpperCase());
	return matchesPattern(path, pattern);
}

/** Folders and the levels above them that are none, sorted by name, INBOX first. */
function listedNames(account: AccountStore): ListedName[] {
	const paths = new Set<string>();
	const parents = new Set<string>();
	for (const { path } of account.folders()) {
		paths.add(path);
		for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
			paths.add(path.slice(0, slash));
			parents.add(path.slice(0, slash));
		}
	}
	const rank = (path: string): string => (path === 'INBOX' ? '' : path);
	return [...paths]
		.sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
		.map((path) => ({ path, folder: account.folder(path), hasChildren: parents.has(path) }));
}
