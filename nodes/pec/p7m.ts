import { BerReader } from './ber';
import type { BerValue } from './ber';
import { signersIn } from './cms';
import { readDer } from './der';

/** 1.2.840.113549.1.7.2 with tag and length: what a signed file begins with (RFC 5652 3). */
const SIGNED_DATA = Buffer.from('06092a864886f70d010702', 'hex');

const TAG = {
	octetString: 0x04,
	piecesOfOctetString: 0x24,
	sequence: 0x30,
	set: 0x31,
	tagged0: 0xa0,
} as const;

/** More than a PEC can carry (RFC 6109 knows 30 MB, providers allow 100), less than a text of the engine can hold. */
const SIZE_LIMIT = 256 * 1024 * 1024;
/** Documents are signed again by three or four people at most. */
const DEPTH_LIMIT = 10;
/** X.690 8.7.3.2 lets pieces be made of pieces; nobody does. */
const PIECES_DEPTH_LIMIT = 8;

/**
 * notSignedData: something else. detached: a signature without the content. damaged: cut, or not as RFC 5652 has it.
 * tooDeep: signed more than ten times over. tooLarge: over 256 MB.
 */
export type P7mFailure = 'notSignedData' | 'detached' | 'damaged' | 'tooDeep' | 'tooLarge';

export type UnwrappedP7m =
	| {
			/** The very bytes that were signed; where they are in one piece, a view into what was given. */
			readonly content: Buffer;
			/** Signed files that were one inside the other, 1 for a plain `.p7m`. */
			readonly depth: number;
			/** Common names of the signers' certificates, of the outermost file first; absent when none can be read. */
			readonly signedBy?: readonly string[];
	  }
	| { readonly content?: undefined; readonly reason: P7mFailure };

interface Layer {
	readonly content: Buffer;
	readonly signedBy: readonly string[];
}

/** RFC 5652 5.2: an OCTET STRING, in BER perhaps in pieces, counted first so that they are copied once. */
function joined(reader: BerReader, octets: BerValue): Buffer {
	function* pieces(value: BerValue, depth: number): Generator<Buffer, void> {
		if (value.tag === TAG.octetString) yield reader.contentOf(value);
		else if (value.tag === TAG.piecesOfOctetString && depth < PIECES_DEPTH_LIMIT) {
			for (const piece of reader.childrenOf(value)) yield* pieces(piece, depth + 1);
		} else throw new RangeError('No octet string');
	}
	if (octets.tag === TAG.octetString) return reader.contentOf(octets);
	let size = 0;
	for (const piece of pieces(octets, 0)) size += piece.length;
	const content = Buffer.allocUnsafe(size);
	let at = 0;
	for (const piece of pieces(octets, 0)) at += piece.copy(content, at);
	return content;
}

/** What the signers' certificates call them. A name that cannot be read hides no content. */
function namesIn(fields: readonly Buffer[]): string[] {
	try {
		const { signers } = signersIn(fields.map(readDer));
		return signers.flatMap(({ certificate }) => {
			// A name may have several; the types know one.
			const names: unknown = certificate?.x509.toLegacyObject().subject.CN;
			return [names].flat().filter((name) => typeof name === 'string');
		});
	} catch {
		return [];
	}
}

/** Throws RangeError. `undefined`: no content inside. */
function readSignedFile(bytes: Buffer): Layer | undefined {
	const reader = new BerReader(bytes);
	const [, wrapped] = reader.childrenOf(reader.valueAt(0));
	const [signedData] = wrapped ? reader.childrenOf(wrapped) : [];
	if (signedData?.tag !== TAG.sequence) throw new RangeError('No SignedData');
	let content: Buffer | undefined;
	const fields: Buffer[] = [];
	let hasSigners = false;
	let index = 0;
	// RFC 5652 5.1: version, digestAlgorithms, encapContentInfo, [0] certificates, [1] crls, signerInfos.
	for (const field of reader.childrenOf(signedData)) {
		if (index === 2) {
			const [, tagged] = reader.childrenOf(field);
			const [octets] = tagged?.tag === TAG.tagged0 ? reader.childrenOf(tagged) : [];
			content = octets && joined(reader, octets);
		} else if (index > 2 && (field.tag === TAG.tagged0 || field.tag === TAG.set)) {
			fields.push(reader.bytesOf(field));
			hasSigners ||= field.tag === TAG.set;
		}
		index += 1;
	}
	if (!hasSigners) throw new RangeError('No signers');
	return content && { content, signedBy: namesIn(fields) };
}

function beginsSigned(bytes: Buffer): boolean {
	return bytes[0] === TAG.sequence && bytes.subarray(0, 32).includes(SIGNED_DATA);
}

function fromBase64(bytes: Buffer, start: number, end: number): Buffer {
	return Buffer.from(bytes.toString('latin1', start, end), 'base64');
}

/** The file in BER, taken out of base64, with or without PEM armour (RFC 7468 2). */
function binaryOf(bytes: Buffer): Buffer | undefined {
	if (beginsSigned(bytes)) return bytes;
	const head = /^(?:\xef\xbb\xbf)?\s*(-----BEGIN [^\r\n]*[\r\n])?/.exec(
		bytes.toString('latin1', 0, 1024),
	);
	const start = head?.[0].length ?? 0;
	// The first lines tell: a long text that is none is not decoded.
	if (!beginsSigned(fromBase64(bytes, start, start + 128))) return undefined;
	const end = bytes.indexOf('-----END', start);
	return fromBase64(bytes, start, end === -1 ? bytes.length : end);
}

function open(bytes: Buffer): Layer | P7mFailure {
	const binary = binaryOf(bytes);
	if (!binary) return 'notSignedData';
	try {
		return readSignedFile(binary) ?? 'detached';
	} catch {
		return 'damaged';
	}
}

/**
 * Takes the content out of a signed file: CAdES or CMS SignedData (RFC 5652) in DER, BER or base64, also signed several
 * times over. Unwrapped is not verified: whether a signature holds, and whose it is, is not looked at. What lies inside
 * and cannot be opened itself is given as it is. Any bytes give an answer: it never throws.
 */
export function unwrapP7m(bytes: Uint8Array): UnwrappedP7m {
	if (bytes.length > SIZE_LIMIT) return { reason: 'tooLarge' };
	let content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const names = new Set<string>();
	for (let depth = 0; ; depth += 1) {
		const layer = open(content);
		if (typeof layer === 'string') {
			if (depth === 0) return { reason: layer };
			return { content, depth, ...(names.size > 0 ? { signedBy: [...names] } : {}) };
		}
		if (depth === DEPTH_LIMIT) return { reason: 'tooDeep' };
		content = layer.content;
		for (const name of layer.signedBy) names.add(name);
	}
}

/** A signed file's name without `.p7m`, once for each time it was signed, where it has so many. */
export function nameWithoutP7m(fileName: string, depth: number): string {
	let name = fileName;
	for (let left = depth; left > 0 && /.\.p7m$/i.test(name); left -= 1) name = name.slice(0, -4);
	return name;
}
