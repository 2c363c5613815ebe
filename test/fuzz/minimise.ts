/**
 * Leaves bytes out as long as the same is found, in halves, quarters and so on, until `deadline` (performance.now()).
 */
export async function minimise(
	raw: Buffer,
	isFound: (raw: Buffer) => Promise<boolean>,
	deadline: number,
): Promise<Buffer> {
	let least = raw;
	for (let size = least.length >> 1; size > 0; size >>= 1) {
		for (let at = 0; at < least.length;) {
			if (performance.now() > deadline) return least;
			const shorter = Buffer.concat([least.subarray(0, at), least.subarray(at + size)]);
			if (await isFound(shorter)) least = shorter;
			else at += size;
		}
	}
	return least;
}
