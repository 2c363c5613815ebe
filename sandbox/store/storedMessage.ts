import type { MessageBytes } from './messageBytes.ts';

/** A message as it lies in a folder: its bytes are the ones that were handed in, never rebuilt. */
export interface StoredMessage {
	readonly uid: number;
	readonly internalDate: Date;
	readonly flags: ReadonlySet<string>;
	/** When it last changed, in the folder's own count (RFC 7162 3.1). */
	readonly modseq: number;
	/** Of the content: copies and moved messages keep it (RFC 8474 5.1). Unique in the store. */
	readonly emailId: string;
	/** Bytes; known without reading them. */
	readonly size: number;
	/** All bytes; of a large message read anew each time. */
	readonly raw: Buffer;
	/** For reading a part of them, and for storing a copy that shares them. */
	readonly bytes: MessageBytes;
}

/** The folder's own side of a message. */
export class HeldMessage implements StoredMessage {
	readonly uid: number;
	readonly internalDate: Date;
	readonly bytes: MessageBytes;
	readonly emailId: string;
	flags: ReadonlySet<string>;
	modseq: number;

	constructor(
		uid: number,
		bytes: MessageBytes,
		options: Pick<StoredMessage, 'internalDate' | 'flags' | 'modseq' | 'emailId'>,
	) {
		this.uid = uid;
		this.bytes = bytes;
		this.internalDate = options.internalDate;
		this.flags = options.flags;
		this.modseq = options.modseq;
		this.emailId = options.emailId;
	}

	get size(): number {
		return this.bytes.size;
	}

	get raw(): Buffer {
		return this.bytes.slice(0, this.size);
	}

	/** The same message under another UID. */
	renumbered(uid: number): HeldMessage {
		return new HeldMessage(uid, this.bytes, this);
	}
}
