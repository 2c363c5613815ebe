import type { ImapSession, OpenFolder, ScannedMessage, SearchCriteria } from '../mail/types';
import { MailError } from '../mail/errors';
import { headerWindows } from './headerWindows';
import { listedOf, type ListedMessage } from './mailbox';
import { messageFolders } from './messageFolders';

/** In a mailbox that does not come to rest: what arrives is new, and no more than a few messages at a time. */
const LOOKS = 10;

/** How far a folder was looked through. */
interface Looked {
	readonly uidValidity: string;
	readonly uidNext: number;
	readonly messages: readonly ListedMessage[];
}

/**
 * What any of these searches finds, in all folders, by headers and certification data. Nothing is passed over: folders in
 * which something arrived meanwhile are looked at again, since a message may have been moved from a folder that was not
 * yet looked at into one that was.
 * @throws MailError, also where the server lists a message and does not give its header
 */
export async function listFound(
	{ imap, account }: { readonly imap: ImapSession; readonly account: string },
	searches: readonly SearchCriteria[],
): Promise<ListedMessage[]> {
	const looked = new Map<string, Looked>();
	for (let look = 0; look < LOOKS; look += 1) {
		const paths = await messageFolders(imap);
		const changed = look === 0 ? paths : await changedSince(looked, paths, imap);
		if (changed.length === 0) break;
		for (const path of changed) {
			const folder = await imap.open(path, { readOnly: true });
			looked.set(path, await lookInto(folder, { account, searches, before: looked.get(path) }));
		}
	}
	return [...looked.values()].flatMap(({ messages }) => messages);
}

async function changedSince(
	looked: ReadonlyMap<string, Looked>,
	paths: readonly string[],
	imap: ImapSession,
): Promise<string[]> {
	const states = await imap.folderStates(paths);
	return paths.filter((path) => {
		const [before, now] = [looked.get(path), states.get(path)];
		if (!before || !now) return !before;
		return now.uidValidity !== before.uidValidity || now.uidNext > before.uidNext;
	});
}

async function lookInto(
	folder: OpenFolder,
	of: {
		readonly account: string;
		readonly searches: readonly SearchCriteria[];
		readonly before: Looked | undefined;
	},
): Promise<Looked> {
	const { uidValidity } = folder;
	// Numbered anew, it is another folder.
	const before = of.before?.uidValidity === uidValidity ? of.before : undefined;
	const uids = folder.messages === 0 ? [] : await uidsOf(folder, of.searches, before?.uidNext);
	const messages = [...(before?.messages ?? [])];
	for await (const window of headerWindows(async () => await Promise.resolve(folder), uids)) {
		const scanned = await folder.scan(window);
		await insistOnAll(folder, window, scanned);
		messages.push(...(await listedOf(folder, scanned, of.account)));
	}
	return { uidValidity, uidNext: Math.max(folder.uidNext, (uids.at(-1) ?? 0) + 1), messages };
}

async function uidsOf(
	folder: OpenFolder,
	searches: readonly SearchCriteria[],
	from: number | undefined,
): Promise<number[]> {
	const uids = new Set<number>();
	for (const search of searches) {
		const criteria = from === undefined ? search : { ...search, uid: `${from}:*` };
		for (const uid of await folder.search(criteria)) uids.add(uid);
	}
	return [...uids].sort((one, other) => one - other);
}

/** One that is listed and not given must not pass for one that is gone. */
async function insistOnAll(
	folder: OpenFolder,
	uids: readonly number[],
	scanned: readonly ScannedMessage[],
): Promise<void> {
	const given = new Set(scanned.map(({ uid }) => uid));
	const lacking = uids.filter((uid) => !given.has(uid));
	if (lacking.length === 0) return;
	const [still] = await folder.search({ uid: lacking.join(',') });
	if (still === undefined) return;
	throw new MailError(
		'refused',
		`The server lists message ${still} in "${folder.path}", and does not give it`,
		{
			whatToDo: 'Run it again; if it stays so, ask the provider to repair the folder',
			retry: 'later',
		},
	);
}
