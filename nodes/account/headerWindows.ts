import type { OpenFolder } from '../mail/types';

/** Headers of 200 messages are some 1 MB. */
const MESSAGES = 200;
/** A header block can be as large as its message: what is asked for at once is bounded by what it could be. */
const BYTES = 32 * 1024 * 1024;

/**
 * Cuts UIDs into windows whose headers fit into memory, whatever the messages are.
 * @returns windows in ascending order; every UID is in one
 * @throws MailError
 */
export async function headerWindows(
	folder: Pick<OpenFolder, 'sizes'>,
	uids: readonly number[],
): Promise<readonly number[][]> {
	if (uids.length < 2) return uids.length === 0 ? [] : [[...uids]];
	const windows: number[][] = [];
	const sizes = await folder.sizes(uids);
	let bytes = Infinity;
	for (const uid of [...uids].sort((a, b) => a - b)) {
		// One without a size may be gone, or the server does not tell it: whoever reads the window finds out.
		const size = sizes.get(uid) ?? BYTES;
		const window = windows.at(-1);
		bytes += size;
		if (window && window.length < MESSAGES && bytes <= BYTES) window.push(uid);
		else {
			windows.push([uid]);
			bytes = size;
		}
	}
	return windows;
}
