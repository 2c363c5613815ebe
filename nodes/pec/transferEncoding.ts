const LF = 0x0a;
const CR = 0x0d;
const EQUALS = 0x3d;
const SPACE = 0x20;
const TAB = 0x09;

/** Bytes decoded at a time, so that next to a message of 50 MB no second one is held as text. */
const SLICE = 64 * 1024;

function hexDigit(byte: number | undefined): number {
	if (byte === undefined) return -1;
	if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
	const letter = byte | 0x20;
	return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** RFC 2045 6.7; an escape that is none stays as written. */
function decodeQuotedPrintable(encoded: Buffer): Buffer {
	const decoded = Buffer.allocUnsafe(encoded.length);
	let length = 0;
	/** Up to here white space counts: what follows may have been added in transport (rule 3). */
	let solid = 0;
	for (let at = 0; at < encoded.length; at += 1) {
		const byte = encoded[at] ?? 0;
		if (byte === EQUALS) {
			const high = hexDigit(encoded[at + 1]);
			const low = hexDigit(encoded[at + 2]);
			if (high >= 0 && low >= 0) {
				decoded[length++] = high * 16 + low;
				solid = length;
				at += 2;
				continue;
			}
			let lineEnd = at + 1;
			while (encoded[lineEnd] === SPACE || encoded[lineEnd] === TAB) lineEnd += 1;
			if (encoded[lineEnd] === CR && encoded[lineEnd + 1] === LF) lineEnd += 1;
			if (encoded[lineEnd] === LF || lineEnd >= encoded.length) {
				solid = length;
				at = lineEnd;
				continue;
			}
		}
		if (byte === LF || (byte === CR && encoded[at + 1] === LF)) length = solid;
		decoded[length++] = byte;
		if (byte !== SPACE && byte !== TAB) solid = length;
	}
	return decoded.subarray(0, length);
}

/** Whole lines at a time: nothing in quoted-printable reaches beyond the end of a line. */
function* quotedPrintablePieces(encoded: Buffer): Generator<Buffer, void> {
	for (let at = 0; at < encoded.length;) {
		const lf = encoded.indexOf(LF, at + SLICE);
		const end = lf === -1 ? encoded.length : lf + 1;
		yield decodeQuotedPrintable(encoded.subarray(at, end));
		at = end;
	}
}

/** Many lines at a time, all as long as the first. @returns where one is not, or holds anything but the alphabet */
function* regularBase64Pieces(encoded: Buffer): Generator<Buffer, number> {
	const lineLength = encoded.indexOf(LF) + 1;
	const endLength = encoded[lineLength - 2] === CR ? 2 : 1;
	const characters = lineLength - endLength;
	const lines = characters > 0 && characters % 4 === 0 ? Math.floor(SLICE / lineLength) : 0;
	const slice = lines * lineLength;
	let at = 0;
	const isRegular = (): boolean => {
		for (let lf = at + lineLength - 1; lf < at + slice; lf += lineLength) {
			if (encoded[lf] !== LF || (endLength === 2 && encoded[lf - 1] !== CR)) return false;
		}
		return true;
	};
	while (slice > 0 && at + slice <= encoded.length && isRegular()) {
		const piece = Buffer.from(encoded.toString('latin1', at, at + slice), 'base64');
		if (piece.length !== (lines * characters * 3) / 4) break;
		yield piece;
		at += slice;
	}
	return at;
}

/** RFC 2045 6.8: what is not of the alphabet is passed over; padding ends it. */
function* base64Pieces(encoded: Buffer): Generator<Buffer, void> {
	const start = yield* regularBase64Pieces(encoded);
	const padding = encoded.indexOf(EQUALS, start);
	const end = padding === -1 ? encoded.length : padding;
	let left = '';
	for (let at = start; at < end; at += SLICE) {
		const slice = encoded.toString('latin1', at, Math.min(at + SLICE, end));
		const characters = left + slice.replace(/[^\w+/-]+/g, '');
		const whole = characters.length - (characters.length % 4);
		yield Buffer.from(characters.slice(0, whole), 'base64');
		left = characters.slice(whole);
	}
	yield Buffer.from(left, 'base64');
}

/** Undoes a content transfer encoding (RFC 2045 6), given in lower case, piece by piece; unknown ones leave a view. */
export function decodedPieces(encoded: Buffer, encoding: string): Iterable<Buffer> {
	switch (encoding) {
		case 'base64':
			return base64Pieces(encoded);
		case 'quoted-printable':
			return quotedPrintablePieces(encoded);
		default:
			return [encoded];
	}
}

/** The same in one: a view where nothing is encoded, else a new buffer. */
export function decoded(encoded: Buffer, encoding: string): Buffer {
	if (encoding !== 'base64' && encoding !== 'quoted-printable') return encoded;
	if (encoded.length <= SLICE) {
		if (encoding === 'base64') return Buffer.from(encoded.toString('latin1'), 'base64');
		return decodeQuotedPrintable(encoded);
	}
	const limit = encoding === 'base64' ? Math.ceil((encoded.length * 3) / 4) : encoded.length;
	const content = Buffer.allocUnsafe(limit);
	let length = 0;
	for (const piece of decodedPieces(encoded, encoding)) length += piece.copy(content, length);
	return content.subarray(0, length);
}
