import type { FileHandle } from '../../n8n/parameters';
import type { EncodedAttachment } from '../../pec/compose';
import { encodeFile } from './letter';

/** Bytes of encoded attachments kept in memory: what most providers take as one message, twice. */
const BYTE_LIMIT = 100 * 1024 * 1024;

/**
 * Encoded attachments of a mailing: one that several letters carry is read and encoded once, as long as all kept at one
 * time stay below a limit. The longest unused goes first, so what only one letter carries makes room again.
 */
export class SharedAttachments {
	readonly #byteLimit: number;
	/** In the order of their last use. */
	readonly #kept = new Map<string, EncodedAttachment>();
	readonly #underWay = new Map<string, Promise<EncodedAttachment>>();
	#bytes = 0;

	constructor(byteLimit = BYTE_LIMIT) {
		this.#byteLimit = byteLimit;
	}

	/** @throws ComposeError, and what reading the file throws; the next time it is tried again */
	readonly encoded = async (file: FileHandle): Promise<EncodedAttachment> => {
		// The same file may be attached under two names.
		const key = JSON.stringify([file.source, file.fileName, file.mimeType]);
		const kept = this.#kept.get(key);
		if (kept) {
			this.#kept.delete(key);
			this.#kept.set(key, kept);
			return kept;
		}
		const underWay = this.#underWay.get(key);
		if (underWay) return await underWay;
		const encoding = encodeFile(file);
		this.#underWay.set(key, encoding);
		try {
			const encoded = await encoding;
			this.#keep(key, encoded);
			return encoded;
		} finally {
			this.#underWay.delete(key);
		}
	};

	#keep(key: string, encoded: EncodedAttachment): void {
		const { length } = encoded.part;
		if (length > this.#byteLimit) return;
		for (const [oldest, { part }] of this.#kept) {
			if (this.#bytes + length <= this.#byteLimit) break;
			this.#kept.delete(oldest);
			this.#bytes -= part.length;
		}
		this.#kept.set(key, encoded);
		this.#bytes += length;
	}
}
