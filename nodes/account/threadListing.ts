import type { ImapSession, OpenFolder, SearchCriteria } from '../mail/types';
import type { WithheldMessage } from '../mail/notGiven';
import { headerWindows } from './headerWindows';
import { listedOf, type ListedMessage } from './mailbox';
import { messageFolders } from './messageFolders';
import { readGiven } from './readAround';

export interface Listing {
	readonly messages: readonly ListedMessage[];
	readonly withheld: readonly WithheldMessage[];
}

/** In a mailbox that does not come to rest: what arrives is new, and no more than a few messages at a time. */
const LOOKS = 10;

/** How far a folder was looked through. */
interface Looked extends Listing {
	readonly uidValidity: string;
	readonly uidNext: number;
}

/**
 * What any of these searches finds, in all folders, by headers and certification data. Nothing is passed over: folders in
 * which something arrived meanwhile are looked at again, since a message may have been moved from a folder that was not
 * yet looked at into one that was.
 * @throws MailError, also where a server gives none of several messages that it lists: that is an outage
 */
export async function listFound(
	{ imap, account }: { readonly imap: ImapSession; readonly account: string },
	searches: readonly SearchCriteria[],
): Promise<Listing> {
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
	const all = [...looked.values()];
	return {
		messages: all.flatMap(({ messages }) => messages),
		withheld: all.flatMap(({ withheld }) => withheld),
	};
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
	const withheld = [...(before?.withheld ?? [])];
	const read = async (window: readonly number[]) =>
		(await listedOf(folder, await folder.scan(window), of.account)).map((listed) => ({
			uid: listed.mailbox.uid,
			listed,
		}));
	for await (const window of headerWindows(async () => await Promise.resolve(folder), uids)) {
		const found = await readGiven(folder, window, read);
		messages.push(...found.given.map(({ listed }) => listed));
		withheld.push(...found.withheld);
	}
	const uidNext = Math.max(folder.uidNext, (uids.at(-1) ?? 0) + 1);
	return { uidValidity, uidNext, messages, withheld };
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
