/** The bytes of one message, wherever they lie. Copies of a message share them. */
export interface MessageBytes {
	/** How many. */
	readonly size: number;
	/** Those from `start` (included) to `end` (excluded), cut to what there is; no others are read. */
	slice(start: number, end: number): Buffer;
}

/** Bytes in memory: what is read are views of the buffer as it was handed in. */
export function heldBytes(raw: Buffer): MessageBytes {
	return { size: raw.length, slice: (start, end) => raw.subarray(start, end) };
}
