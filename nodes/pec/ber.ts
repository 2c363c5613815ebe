/**
 * Far more values than a signed file of any size has: signers write the content in pieces of a kB or more. It bounds
 * the time that a file of nothing but tiny values can take.
 */
const VALUES_LIMIT = 4_000_000;

const CONSTRUCTED = 0x20;
const HIGH_TAG_NUMBER = 0x1f;
const INDEFINITE = 0x80;

/** One value by its place in the bytes (X.690 8.1). */
export interface BerValue {
	/** The first identifier octet: class, whether constructed, number. */
	readonly tag: number;
	/** Of the identifier. */
	readonly start: number;
	readonly contentStart: number;
	/** After the last byte; absent: an end-of-contents follows somewhere (X.690 8.1.3.6). */
	readonly end?: number;
	/** No byte of it lies behind this. */
	readonly limit: number;
}

/**
 * Walks BER, and DER, which is a part of it, by offsets and only as far as asked: a content of 50 MB stays where it is,
 * while the reader of `der.ts` copies every value into a string. All methods throw RangeError on what is not BER.
 */
export class BerReader {
	private readonly bytes: Buffer;
	private values = VALUES_LIMIT;

	constructor(bytes: Buffer) {
		this.bytes = bytes;
	}

	/** The value that begins at an offset and must end by `limit`. */
	valueAt(start: number, limit: number = this.bytes.length): BerValue {
		this.values -= 1;
		if (this.values < 0) throw new RangeError('Too many values');
		let at = start;
		const octet = (): number => {
			const value = at < limit ? this.bytes[at] : undefined;
			if (value === undefined) throw new RangeError('The value is cut');
			at += 1;
			return value;
		};
		const tag = octet();
		if ((tag & HIGH_TAG_NUMBER) === HIGH_TAG_NUMBER) while (octet() & 0x80);
		let length = octet();
		if (length === INDEFINITE) {
			if (!(tag & CONSTRUCTED)) throw new RangeError('A primitive value without a length');
			return { tag, start, contentStart: at, limit };
		}
		if (length > INDEFINITE) {
			let octets = length - INDEFINITE;
			for (length = 0; octets > 0 && length <= limit; octets -= 1) length = length * 256 + octet();
		}
		if (length > limit - at) throw new RangeError('The value is cut');
		return { tag, start, contentStart: at, end: at + length, limit: at + length };
	}

	/** The offset behind a value. */
	behind(value: BerValue): number {
		if (value.end !== undefined) return value.end;
		let at = value.contentStart;
		for (let open = 1; open > 0;) {
			const inner = this.valueAt(at, value.limit);
			at = inner.end ?? inner.contentStart;
			if (inner.end === undefined) open += 1;
			else if (isEndOfContents(inner)) open -= 1;
		}
		return at;
	}

	*childrenOf(value: BerValue): Generator<BerValue, void> {
		let at = value.contentStart;
		while (at !== value.end) {
			const child = this.valueAt(at, value.limit);
			if (value.end === undefined && isEndOfContents(child)) return;
			yield child;
			at = this.behind(child);
		}
	}

	/** A view of the whole value, identifier and all. */
	bytesOf(value: BerValue): Buffer {
		return this.bytes.subarray(value.start, this.behind(value));
	}

	/** A view of a primitive value's content. */
	contentOf(value: BerValue): Buffer {
		return this.bytes.subarray(value.contentStart, value.end);
	}
}

function isEndOfContents({ tag, contentStart, end }: BerValue): boolean {
	return tag === 0 && end === contentStart;
}
