import type { OpenFolder } from '../mail/types';
import { sizeWindows } from './sizeWindows';

/** Headers of 200 messages are some 1 MB. */
const MESSAGES = 200;
/** A header block can be as large as its message: what is asked for at once is bounded by what it could be. */
const BYTES = 32 * 1024 * 1024;

/**
 * Cuts UIDs into windows whose headers fit into memory, whatever the messages are. Asks for sizes as it goes: the first
 * window does not wait for those of a backlog.
 * @param folder the folder as it is open when it is asked
 * @returns windows of ascending UIDs, when the given ones are; every UID is in one
 * @throws MailError
 */
export async function* headerWindows(
	folder: () => Promise<Pick<OpenFolder, 'sizes'>>,
	uids: readonly number[],
): AsyncGenerator<number[], void> {
	for (let start = 0; start < uids.length; start += MESSAGES) {
		const asked = uids.slice(start, start + MESSAGES);
		const sizes = asked.length > 1 ? await (await folder()).sizes(asked) : undefined;
		// One without a size may be gone, or the server does not tell it: whoever reads the window finds out.
		yield* sizeWindows(asked, (uid) => sizes?.get(uid) ?? BYTES, { bytes: BYTES });
	}
}
