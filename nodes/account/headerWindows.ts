import { unless } from '../mail/errors';
import type { OpenFolder } from '../mail/types';
import { sizeWindows } from './sizeWindows';

/** Headers of 200 messages are some 1 MB. */
const MESSAGES = 200;
/** A header block can be as large as its message: what is asked for at once is bounded by what it could be. */
const BYTES = 32 * 1024 * 1024;
/** So many messages no larger than this fit into any window. */
const SMALL_BYTES = Math.floor(BYTES / MESSAGES);
/** So many are asked about together at first, then twice as many each time: while the server searches, it gives no headers. */
const FIRST_ASKED = 2_000;
/** Where a server refuses such a search, each size is asked for, and whoever stops waits for that. */
const MOST_ASKED = 16_000;

/**
 * Cuts UIDs into windows whose headers fit into memory, whatever the messages are. Asks which ones are large, and of those
 * alone how large: that is a search for thousands, where sizes would be as many rows as the scan itself. It asks as it
 * goes: the first window does not wait for the end of a backlog.
 * @param folder the folder as it is open when it is asked
 * @returns windows of ascending UIDs, when the given ones are; every UID is in one
 * @throws MailError
 */
export async function* headerWindows(
	folder: () => Promise<Pick<OpenFolder, 'search' | 'sizes'>>,
	uids: readonly number[],
): AsyncGenerator<number[], void> {
	let start = 0;
	for (let most = FIRST_ASKED; start < uids.length; most = Math.min(2 * most, MOST_ASKED)) {
		const asked = uids.slice(start, start + most);
		const sizeOf = asked.length > 1 ? await sizesOf(await folder(), asked) : () => BYTES;
		yield* sizeWindows(asked, sizeOf, { bytes: BYTES, values: MESSAGES });
		start += most;
	}
}

/** At most: of a small one what a small one may have. */
async function sizesOf(
	folder: Pick<OpenFolder, 'search' | 'sizes'>,
	uids: readonly number[],
): Promise<(uid: number) => number> {
	const [first, last] = [Math.min(...uids), Math.max(...uids)];
	const asking = folder.search({ uid: `${first}:${last}`, larger: SMALL_BYTES });
	// Where a server refuses the search, each may be large.
	const large = new Set((await unless('refused', asking)) ?? uids);
	const wanted = uids.filter((uid) => large.has(uid));
	const sizes = wanted.length === 0 ? undefined : await folder.sizes(wanted);
	// One without a size may be gone, or the server does not tell it: whoever reads the window finds out.
	return (uid) => (large.has(uid) ? (sizes?.get(uid) ?? BYTES) : SMALL_BYTES);
}
