import { unless } from '../mail/errors';

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
