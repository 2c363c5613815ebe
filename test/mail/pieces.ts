/** Cuts bytes as a network may: into pieces of these lengths in turn, each with its own bytes. */
export function piecesOf(bytes: Buffer, lengths: readonly number[]): Buffer[] {
	const pieces: Buffer[] = [];
	let at = 0;
	for (let index = 0; at < bytes.length; index += 1) {
		const length = lengths[index % lengths.length] ?? 1;
		pieces.push(Buffer.from(bytes.subarray(at, at + length)));
		at += length;
	}
	return pieces;
}
