import { unless } from '../mail/errors';
import { NotGiven, type WithheldMessage } from '../mail/notGiven';
import type { OpenFolder } from '../mail/types';

export interface Given<T> {
	readonly given: readonly T[];
	readonly withheld: readonly WithheldMessage[];
}

/**
 * What a server gives of a window of messages. Where it refuses, of ever smaller parts of the window: a message that it does
 * not give must not hide the others, and is left out.
 * @param read one request; what it throws but `refused` is thrown
 */
export async function readAround<T>(
	uids: readonly number[],
	read: (uids: readonly number[]) => Promise<readonly T[]>,
): Promise<readonly T[]> {
	const given = await unless('refused', read(uids));
	if (given !== undefined) return given;
	if (uids.length === 1) return [];
	const middle = Math.ceil(uids.length / 2);
	return [
		...(await readAround(uids.slice(0, middle), read)),
		...(await readAround(uids.slice(middle), read)),
	];
}

/**
 * The same, and which of the messages that were left out the server lists all the same: they are not gone.
 * @throws MailError, also where a server gives none of several messages that it lists: that is an outage
 */
export async function readGiven<T extends { readonly uid: number }>(
	folder: Pick<OpenFolder, 'path' | 'search'>,
	uids: readonly number[],
	read: (uids: readonly number[]) => Promise<readonly T[]>,
): Promise<Given<T>> {
	const given = await readAround(uids, read);
	const present = new Set(given.map(({ uid }) => uid));
	const lacking = uids.filter((uid) => !present.has(uid));
	if (lacking.length === 0) return { given, withheld: [] };
	const listed = await folder.search({ uid: lacking.join(',') });
	const withheld = listed.map((uid) => ({ folder: folder.path, uid }));
	if (withheld[0] && withheld.length > 1 && given.length === 0) throw new NotGiven(withheld[0]);
	return { given, withheld };
}
