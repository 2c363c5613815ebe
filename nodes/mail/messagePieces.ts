/** Of one message; the next one is on its way while one is used. Each costs a round trip. */
export const PIECE_BYTES = 2 * 1024 * 1024;

/**
 * The bytes of a message one piece after the other, so that no more than two are in memory.
 * @param size RFC822.SIZE
 * @param fetchPiece gives what there is from `start` on, at most `length` bytes
 * @param otherSize made when the server gives more or less than it says there is: a part must not pass for the message
 */
export async function* messagePieces(
	size: number,
	fetchPiece: (start: number, length: number) => Promise<Buffer>,
	otherSize: (bytes: number) => Error,
): AsyncGenerator<Buffer, void> {
	let got = 0;
	let next = fetchAhead(fetchPiece, 0);
	while (got < size) {
		const piece = await next;
		if (piece.length === 0) throw otherSize(got);
		got += piece.length;
		if (got < size) next = fetchAhead(fetchPiece, got);
		yield piece;
	}
	if (got > size) throw otherSize(got);
}

function fetchAhead(
	fetchPiece: (start: number, length: number) => Promise<Buffer>,
	start: number,
): Promise<Buffer> {
	const piece = fetchPiece(start, PIECE_BYTES);
	// Whoever stops half-way waits for no more.
	piece.catch(() => undefined);
	return piece;
}
